"""Right programs get full marks, whichever way they are judged; there are many, and all are different."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from autograder.audit.equivalence import RULES, Equivalent, Refusal, equivalents, refusals
from autograder.audit.equivalence.programs import normalised
from autograder.audit.examiner import Examiner
from tests.audit.equivalence.conftest import Examine

pytestmark = pytest.mark.slow

EACH = 8


def told(refused: Refusal) -> str:
    """What somebody needs to know of a refusal."""
    failures = [
        f"{check.id}: {check.failure.rationale}"
        for check in (refused.report.checks if refused.report is not None else ())
        if check.failure is not None
    ]
    rules = ", ".join(refused.equivalent.rules)
    return "\n".join([refused.equivalent.text, f"by {rules}", refused.trouble, *failures])


def test_a_sample_of_every_assignment_gets_full_marks(examined: Examine) -> None:
    def work(examiners: dict[str, Examiner]) -> list[str]:
        return [
            told(refused)
            for examiner in examiners.values()
            for refused in refusals(examiner, equivalents(examiner.scheme, EACH, seed=3))
        ]

    assert examined(work, []) == []


def test_programs_are_different_the_same_every_time_and_spread_over_tasks(examined: Examine) -> None:
    def work(examiners: dict[str, Examiner]) -> tuple[list[Equivalent], list[Equivalent], list[Equivalent]]:
        scheme = examiners["shared-lstm"].scheme
        return equivalents(scheme, 90, 1), equivalents(scheme, 90, 1), equivalents(scheme, 90, 2)

    made, again, others = examined(work, ["shared-lstm"])

    texts = [normalised(one.text) for one in made]
    assert len(set(texts)) == 90
    assert texts == [normalised(one.text) for one in again]
    assert set(texts) != {normalised(one.text) for one in others}
    assert set(Counter(one.task for one in made).values()) == {30}
    assert all(set(one.rules) <= RULES.keys() and one.rules for one in made)
    for text in texts:
        ast.parse(text)


def test_the_later_tasks_of_a_notebook_use_what_was_written_in_another_way(examined: Examine) -> None:
    """All answers of the capstone are replaced at once, and the notebook is run from top to bottom."""

    def work(examiners: dict[str, Examiner]) -> list[list[str]]:
        examiner = examiners["capstone"]
        by_task: dict[str, list[Equivalent]] = {}
        for one in equivalents(examiner.scheme, 400, seed=5):
            by_task.setdefault(one.task, []).append(one)
        lost = []
        for place in (-1, -2):
            sources = {cell: text for made in by_task.values() for cell, text in made[place].sources.items()}
            lost.append([task.id for task in examiner.of_sources(sources).lost])
        return lost

    assert examined(work, ["capstone"]) == [[], []]
