"""Graders notice wrong answers made from every reference solution, and none of them makes a check break."""

from __future__ import annotations

import pytest

from autograder.audit.mutation.killing import Verdict
from benchmarks.mutants import judged_mutants

pytestmark = pytest.mark.slow

EACH = 40
# These tasks are about what `compile` was told: the model itself is judged, and paid for, by the task before.
ABOUT_COMPILE = ("compile-classifier", "listing-compile")


@pytest.fixture(scope="module")
def judged() -> dict[str, list[Verdict]]:
    return judged_mutants([], EACH, 7)


def test_a_wrong_model_loses_points(judged: dict[str, list[Verdict]]) -> None:
    """Names that a task leaves free, and metrics, which nobody is graded for, aside."""
    survivors = [
        (verdict.mutant.task, verdict.mutant.operator, verdict.mutant.what)
        for verdicts in judged.values()
        for verdict in verdicts
        if verdict.fate == "survived"
        and verdict.mutant.task not in ABOUT_COMPILE
        and not verdict.mutant.operator.startswith(("metrics", "output renamed"))
    ]

    assert survivors == []


def test_no_mutant_makes_a_check_break(judged: dict[str, list[Verdict]]) -> None:
    broken = [
        (verdict.mutant.what, verdict.trouble)
        for verdicts in judged.values()
        for verdict in verdicts
        if verdict.fate == "broken"
    ]

    assert broken == []


def test_most_changes_make_wrong_models(judged: dict[str, list[Verdict]]) -> None:
    """A killed mutant has a failed check that says why, and every assignment has many."""
    for verdicts in judged.values():
        killed = [verdict for verdict in verdicts if verdict.fate == "killed"]
        assert len(killed) >= EACH // 3
        for verdict in killed:
            assert verdict.report is not None
            assert any(check.failure is not None for check in verdict.report.checks)
