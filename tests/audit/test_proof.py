"""A proof holds where nearly every message leads to the slip; else it names those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit.proof import Outcome, Proof, too_many_unclear, unclear
from autograder.course import load_course
from autograder.messages import render

(ASSIGNMENT, *_) = load_course(Path(__file__).parents[2] / "course.yml").assignments


@pytest.mark.parametrize(("count", "named"), [(0, 0), (2, 0), (3, 3)])
def test_messages_that_do_not_lead_to_the_slip_are_named_where_they_are_too_many(
    count: int, named: int
) -> None:
    """Two of a hundred are not."""
    clear = [Outcome("task", "names", "first", "killed")] * (100 - count)
    lost = [Outcome("task", "names", "renamed", "killed", unexplained=("does not name the place",))] * count
    proof = Proof(ASSIGNMENT, outcomes=[*clear, *lost])

    assert len(proof.unclear) == named
    assert proof.holds is (named == 0)
    if named:
        assert render(unclear(proof.unclear[0]), "en") == (
            "the message about a wrong answer (renamed) does not lead to the slip: it does not name the place"
        )
        assert render(too_many_unclear(proof), "en").startswith(
            "3 messages do not lead to the slip; at most 2"
        )
