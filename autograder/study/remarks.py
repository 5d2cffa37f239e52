"""Says on a learner's card what its checks do not decide: points for hidden checks, and differences left."""

from __future__ import annotations

from autograder.feedback import Remarks, TaskReport
from autograder.graph import difference_from_plain
from autograder.messages import Message, message
from autograder.study.known import Known
from autograder.study.memory import remembered


def shown_pass(report: TaskReport) -> bool:
    """Return whether every check that ran has passed; hidden ones do not run in a learner's kernel."""
    return all(check.verdict == "passed" for check in report.checks)


def remarks_on(report: TaskReport, known: Known, called: Message | None = None) -> Remarks:
    """Return what a card says beside the public checks' verdicts; `called` is the call that is drawn."""
    worth = sum(check.points for check in report.checks)
    # Thirds of a point add up to a little less than the whole.
    undecided = report.points - worth > 1e-6
    passed = shown_pass(report)
    return Remarks(
        headline=_so_far(report, worth, passed, known) if undecided else None,
        note=_left(report, known, called) if undecided and passed else None,
        foot=_hints_used(known) if passed else None,
    )


def _so_far(report: TaskReport, worth: float, passed: bool, known: Known) -> Message:
    """The task's points, and what looks at those that no check here decides."""
    score, points, shown = (round(value, 2) for value in (report.score, report.points, worth))
    if known.gradable and passed:
        return message(
            "{score} of {points} points so far; `autograder check {assignment}` grades the rest.",
            score=score,
            points=points,
            assignment=known.assignment.id,
        )
    if known.gradable:
        return message(
            "{score} of {points} points so far; these checks are worth {shown}, and "
            "`autograder check {assignment}` grades the rest.",
            score=score,
            points=points,
            shown=shown,
            assignment=known.assignment.id,
        )
    if passed:
        return message(
            "{score} of {points} points so far; the rest is graded after you hand in.",
            score=score,
            points=points,
        )
    return message(
        "{score} of {points} points so far; these checks are worth {shown}, and the "
        "rest is graded after you hand in.",
        score=score,
        points=points,
        shown=shown,
    )


def _left(report: TaskReport, known: Known, called: Message | None) -> Message | None:
    """What still differs from the target, as far as that is shown, though every check here has passed."""
    if report.drawing is None or not report.attempted or not report.drawing.differences:
        return None
    # The picture marks them all; the first is the earliest cause.
    first = difference_from_plain(report.drawing.differences[0]).message
    if called is not None:
        first = message("{difference} That is so {called}.", difference=first, called=called)
    if known.gradable:
        return message(
            "Every check here has passed, but your model still differs from the target "
            "model: {difference} No points are lost yet; `autograder check {assignment}` "
            "grades this.",
            difference=first,
            assignment=known.assignment.id,
        )
    return message(
        "Every check here has passed, but your model still differs from the target "
        "model: {difference} No points are lost yet; this is graded after you hand in "
        "the notebook.",
        difference=first,
    )


def _hints_used(known: Known) -> Message | None:
    """How many hints it took."""
    used, count = remembered(known.course).hints.get(known.task.id, 0), len(known.task.hints)
    if not used:
        return None
    return message("Hints used for this task: {used} of {count}.", used=used, count=count)
