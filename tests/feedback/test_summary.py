"""A submission in one line."""

import pytest

from autograder.feedback import Report, summarise
from autograder.feedback.summary import first_failed, share
from autograder.messages import render
from tests.feedback import builders

WHY = "`branch_c` does not halve the image, so the branches cannot be joined."
FAILED = f"{WHY} Actual: 26 × 26 (`branch_c`, the second call of its branch)"
BROKEN = "The grader itself failed here. This is not the learner's mistake."


@pytest.mark.parametrize(
    ("report", "first"),
    [
        (builders.report(), None),
        (builders.failing(), FAILED),
        (builders.stopped(), WHY),
        (builders.unreadable(), "inception.ipynb is not a notebook: it is not JSON. Hand it in again."),
        (builders.failing(outcome="broken"), FAILED),
        (builders.report("a", [builders.task([builders.check("x", "broken")])], outcome="broken"), BROKEN),
        (builders.report("a", [], outcome="broken"), BROKEN),
    ],
)
def test_the_first_message_is_what_to_mend_first(report: Report, first: str | None) -> None:
    """A failure of the learner's before a note; the grader's own fault never as the learner's."""
    found = summarise(report).first_message

    assert (render(found, "en") if found else None) == first


def test_verdicts_are_counted() -> None:
    """Over all tasks."""
    assert summarise(builders.failing()).verdicts == {"passed": 1, "failed": 1, "skipped": 1, "broken": 1}


def test_a_failed_check_is_opened_before_a_broken_one() -> None:
    """What the learner can mend comes first."""
    checks = [builders.check("a", "broken"), builders.check("b", "skipped"), builders.check("c", "failed")]

    assert first_failed(checks) is checks[2]
    assert first_failed(checks[:2]) is checks[0]
    assert first_failed([]) is None


@pytest.mark.parametrize(("score", "points", "part"), [(0, 0, 0.0), (1, 2, 0.5), (3, 2, 1.0), (-1, 2, 0.0)])
def test_a_share_is_between_nothing_and_all(score: float, points: float, part: float) -> None:
    """A task without points has no share to show."""
    assert share(score, points) == part
