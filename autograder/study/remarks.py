"""Says on a learner's card what its checks do not decide: hidden points, differences left, progress."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.course import Assignment
from autograder.feedback import Remarks, TaskReport
from autograder.graph import difference_from_plain
from autograder.messages import Language, Message, message
from autograder.study.known import Known
from autograder.study.memory import Memory, best_score, is_done, next_after, points_here, remembered

_ROUNDING = 1e-6
"""Thirds of a point add up to a little less than the whole."""


def shown_pass(report: TaskReport) -> bool:
    """Return whether every check that ran has passed; hidden ones do not run in a learner's kernel."""
    return all(check.verdict == "passed" for check in report.checks)


def remarks_on(
    report: TaskReport, known: Known, language: Language, called: Message | None = None
) -> Remarks:
    """Return what a card says besides the public checks' verdicts; `called` is the call that is drawn."""
    worth = sum(check.points for check in report.checks)
    undecided = report.points - worth > _ROUNDING
    passed = shown_pass(report)
    return Remarks(
        headline=_so_far(report, worth, passed, known) if undecided else None,
        note=_left(report, known, called) if undecided and passed else None,
        foot=tuple(_foot(report, known, language)),
    )


def _so_far(report: TaskReport, worth: float, passed: bool, known: Known) -> Message:
    """Return the task's points, and what looks at those that no check here decides."""
    score, points, shown = (round(value, 2) for value in (report.score, report.points, worth))
    if not worth and known.gradable:
        return message(
            "{score} of {points} points so far: these checks give no points, and "
            "`autograder check {assignment}` grades the task.",
            score=score,
            points=points,
            assignment=known.assignment.id,
        )
    if not worth:
        return message(
            "{score} of {points} points so far: these checks give no points, and the task is "
            "graded after you hand in.",
            score=score,
            points=points,
        )
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
    """Return what still differs from the target though every check here has passed, as far as it is shown."""
    if report.drawing is None or not report.attempted or not report.drawing.differences:
        return None
    # The picture marks all differences; the first one is the earliest cause.
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


def _foot(report: TaskReport, known: Known, language: Language) -> Iterator[Message]:
    """Yield how many hints it took, the best score so far, the assignment's progress, and what comes next."""
    memory = remembered(known.course)
    passed = shown_pass(report)
    used, count = memory.hints.get(known.task.id, 0), len(known.task.hints)
    if passed and used:
        yield message("Hints used for this task: {used} of {count}.", used=used, count=count)
    best = memory.best.get(known.task.id, 0.0)
    if best > report.score + _ROUNDING:
        yield message(
            "Your best score for this task: {best} of {points} points.",
            best=round(best, 2),
            points=report.points,
        )
    # For a single task the headline has said it, and without a score there is nothing to say.
    if len(known.assignment.tasks) == 1 or not best_score(known.assignment, memory):
        return
    worth = {
        task.id: task.points if known.gradable else known.grader.points(task.id)
        for task in known.assignment.checked
    }
    full = [task for task in worth if memory.best.get(task, 0.0) >= worth[task] - _ROUNDING]
    yield _how_far(known, memory, len(full), sum(worth.values()))
    if known.assignment.by_hand:
        yield message(
            "After you hand in, a person grades {titles} ({points} points).",
            titles=", ".join(f"“{task.title.in_language(language)}”" for task in known.assignment.by_hand),
            points=round(sum(task.points for task in known.assignment.by_hand), 2),
        )
    if passed and len(full) == len(worth):
        yield from _next(known, memory, language)


def _how_far(known: Known, memory: Memory, full: int, shown: float) -> Message:
    """Return the assignment's progress; `shown` is what can be had without handing in."""
    points = points_here(known.assignment)
    score = round(best_score(known.assignment, memory) or 0.0, 2)
    if shown >= points - _ROUNDING:
        return message(
            "This notebook: full marks for {full} of {count} tasks, {score} of {points} points.",
            full=full,
            count=len(known.assignment.checked),
            score=score,
            points=points,
        )
    return message(
        "This notebook: {score} of {points} points so far; its checks are worth {shown}.",
        score=score,
        points=points,
        shown=round(shown, 2),
    )


def _next(known: Known, memory: Memory, language: Language) -> Iterator[Message]:
    """Yield the assignment that comes after one whose tasks are done, as far as that is known here."""

    def begun(assignment: Assignment, memory: Memory) -> bool:
        # Full marks are given after handing in, and are not in this file.
        return bool(best_score(assignment, memory))

    done = is_done if known.gradable else begun
    following = next_after(known.course, memory, known.assignment, done)
    if not done(following, memory):
        title = following.title.in_language(language)
        yield message("Next assignment: “{title}” (`{id}`).", title=title, id=following.id)
    elif known.gradable:
        yield message("You have full marks for every assignment of this course.")
