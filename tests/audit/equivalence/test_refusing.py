"""A grader that refuses a right program is found out, and the program made small."""

from __future__ import annotations

import pytest

from autograder.audit.equivalence import Equivalent, equivalents, refusals, shrunk
from autograder.audit.examiner import Examiner
from autograder.graph import activations
from tests.audit.equivalence.conftest import Examine

pytestmark = pytest.mark.slow


def test_what_a_grader_refuses_is_shrunk_to_the_one_rule_that_it_does_not_know(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it does not know that `layers.ReLU()` applies a ReLU."""
    monkeypatch.delitem(activations._LAYERS, "ReLU")

    def work(examiners: dict[str, Examiner]) -> tuple[int, int, Equivalent]:
        examiner = examiners["functional-api"]
        made = [one for one in equivalents(examiner.scheme, 200, seed=1) if one.task == "broken-chain"]
        refused = list(refusals(examiner, made))
        longest = max(refused, key=lambda refusal: len(refusal.equivalent.rules))
        return len(refused), len(longest.equivalent.rules), shrunk(examiner, longest, seed=1)

    count, rules, smallest = examined(work, ["functional-api"])

    assert count > 1
    assert rules > 2
    assert len(smallest.rules) == 1
    assert smallest.rules[0].startswith("activation")
    assert smallest.text.count("layers.ReLU()") == 1


def test_a_program_that_stops_is_refused_with_its_error(examined: Examine) -> None:
    def work(examiners: dict[str, Examiner]) -> list[tuple[str, str]]:
        made = [
            Equivalent("broken-chain", (), {"broken-chain-answer": source})
            for source in ("1 / 0", "mended = classifier", "x = 1")
        ]
        return [
            (refused.trouble, "" if refused.report is None else refused.report.id)
            for refused in refusals(examiners["functional-api"], made)
        ]

    found = examined(work, ["functional-api"])

    assert found[0] == ("error ZeroDivisionError: division by zero", "")
    assert found[1] == ("", "broken-chain")
