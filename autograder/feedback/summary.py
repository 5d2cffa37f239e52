"""Sums up a submission in one line: what tables show, small enough to keep for a class of thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.feedback.class_list import NOBODY_NAMED, ClassList
from autograder.feedback.given import GivenScores
from autograder.feedback.report import CheckReport, Failure, Outcome, Report, TaskReport, Verdict
from autograder.messages import Localized, Message, message, render


@dataclass(frozen=True)
class Summary:
    """One submission's line in a class table.

    `path` is the report's file, where there is one; `pending` are the points that a person has yet to give.
    """

    student: str
    assignment: str
    assignment_title: Localized
    outcome: Outcome
    score: float
    max_score: float
    verdicts: dict[Verdict, int]
    first_message: Message | None
    path: Path | None = None
    pending: float = 0.0

    @property
    def order(self) -> tuple[str, str]:
        """Student and assignment, which identify the submission and sort it (`ClassList.order`)."""
        return (self.student, self.assignment)

    def with_given(self, given: GivenScores | None) -> Summary:
        """Return the line with the gradebook's score, where a person has given one."""
        if given is None or not given.is_by_hand:
            return self
        return replace(self, score=given.score or 0.0, max_score=given.max_score, pending=given.pending)

    @property
    def decided(self) -> float:
        """The points that are decided: pending ones are neither given nor lost."""
        return self.max_score - self.pending

    @property
    def share(self) -> float:
        """The score as a fraction of the points that are decided, from 0 to 1."""
        return share(self.score, self.decided)


def summarise(report: Report, path: Path | None = None) -> Summary:
    """Return the line of `report`."""
    checks = [check for task in report.tasks for check in task.checks]
    return Summary(
        student=report.student,
        assignment=report.assignment,
        assignment_title=report.assignment_title,
        outcome=report.outcome,
        score=report.score,
        max_score=report.max_score,
        verdicts=dict(Counter(check.verdict for check in checks)),
        first_message=_first_message(report, checks),
        path=path,
        pending=report.pending,
    )


@dataclass(frozen=True)
class AssignmentSummary:
    """A class's submissions of one assignment, in numbers: how many there are, with full marks, and not
    graded; `average` is the mean score as a whole percentage of the points that are decided, and `pending`
    counts the submissions that wait for a person.
    """

    title: Localized
    count: int
    full: int
    average: int | None
    ungraded: int
    pending: int


def by_assignment(
    summaries: Iterable[Summary], class_list: ClassList = NOBODY_NAMED
) -> list[AssignmentSummary]:
    """Return a line for each assignment of a class, in the course's order."""
    groups: dict[str, list[Summary]] = {}
    for summary in summaries:
        groups.setdefault(summary.assignment, []).append(summary)
    return [
        AssignmentSummary(
            title=group[0].assignment_title,
            count=len(group),
            full=sum(summary.share == 1 and not summary.pending for summary in group),
            average=_average(summary.share for summary in group if summary.decided > 0),
            ungraded=sum(summary.outcome != "graded" for summary in group),
            pending=sum(summary.pending > 0 for summary in group),
        )
        for _, group in sorted(groups.items(), key=lambda one: class_list.assignment_order(one[0]))
    ]


def _average(shares: Iterable[float]) -> int | None:
    found = list(shares)
    return round(100 * sum(found) / len(found)) if found else None


def share(score: float, points: float) -> float:
    """Return `score` as a fraction of `points`, from 0 to 1."""
    return min(max(score / points, 0.0), 1.0) if points > 0 else 0.0


def first_failed(checks: list[CheckReport]) -> CheckReport | None:
    """Return the check that is shown opened: the first that failed, or else the first that is broken."""
    for verdict in ("failed", "broken"):
        for check in checks:
            if check.verdict == verdict:
                return check
    return None


def stopped_by(task: TaskReport) -> Message | None:
    """Return the error that a task's code stops with, if it does, for starter code as for any other."""
    check = first_failed(task.checks)
    found = check.failure.found if check is not None and check.failure is not None else None
    if found is None or set(found.values) != {"name", "text"}:
        return None
    return message("At the moment it stops with {error}", error=found)


def _first_message(report: Report, checks: list[CheckReport]) -> Message | None:
    if report.outcome != "graded" and report.notes and not checks:
        return report.notes[0]
    begun = [check for task in report.tasks if task.attempted for check in task.checks]
    check = first_failed(begun)
    waiting = [task.id for task in report.tasks if not task.attempted]
    if report.outcome == "graded" and check is None and waiting:
        if len(waiting) == len(report.tasks):
            return message("Not attempted yet")
        return message("Not attempted yet: {tasks}", tasks=", ".join(f"`{task}`" for task in waiting))
    if report.outcome == "broken" and (check is None or check.verdict == "broken"):
        return message("The grader itself failed here. This is not the learner's mistake.")
    if check is not None:
        return in_short(check.failure) if check.failure else check.title
    if report.notes:
        return report.notes[0]
    pending = [task.id for task in report.tasks if task.pending]
    if not pending:
        return None
    return message("To be graded by hand: {tasks}", tasks=", ".join(f"`{task}`" for task in pending))


def in_short(failure: Failure) -> Message:
    """Return what is wrong, what was found, and where; the last two only if they are not said already."""
    said = failure.rationale
    if failure.found is not None and render(failure.found, "en") not in render(said, "en"):
        said = message("{rationale} Actual: {found}", rationale=said, found=failure.found)
    if failure.where is not None and render(failure.where, "en") not in render(said, "en"):
        said = Message(text="{said} ({where})", values={"said": said, "where": failure.where})
    return said
