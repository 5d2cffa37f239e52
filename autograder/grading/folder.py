"""Grades a class's folder, and writes each submission's report as soon as it is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course import Course
from autograder.course.fingerprint import fingerprint
from autograder.feedback import (
    Entry,
    Isolation,
    Ledger,
    ReportChanged,
    ScoreChange,
    Summary,
    report_path,
    sweep,
)
from autograder.grading.budget import ENDED_BY, budget_of
from autograder.grading.finding import Found, class_folder, find_submissions
from autograder.grading.grade import GradedSubmission, without_run
from autograder.grading.pool import Begun, Done, Lost, Tick
from autograder.grading.report_cache import standing_summary
from autograder.grading.submission import GradingError, Submission
from autograder.grading.workers import Answer, Crew, Workers, unwritable, written
from autograder.messages import Message, message

_NOTED_AT_ONCE = 200


@dataclass(frozen=True)
class Stands:
    """A submission that is not graded again, because an earlier run's report still holds."""

    job: Submission


Progress = Begun[Submission] | Done[Submission, Answer] | Lost[Submission] | Stands | Tick


@dataclass
class Graded:
    """The result of grading a folder: a line for each submission that has a report, and what was left out.

    `standing` names those, by student and assignment, whose report is an earlier run's; `changed` says which
    reports were not trusted; `score_changes` lists the tasks whose score differs from the earlier report's;
    `next_steps` is what remains to be done by hand; `isolation` is the weakest that was used; `refused` says
    which workers were not taken.
    """

    isolation: Isolation
    summaries: list[Summary] = field(default_factory=list)
    standing: set[tuple[str, str]] = field(default_factory=set)
    left_out: tuple[Message, ...] = ()
    refused: tuple[Message, ...] = ()
    changed: list[Message] = field(default_factory=list)
    score_changes: list[ScoreChange] = field(default_factory=list)
    next_steps: list[Message] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    interrupted: bool = False


def grade_folder(
    course: Course,
    folder: Path,
    output: Path,
    *,
    workers: Workers,
    fresh: bool = False,
    listen: Callable[[Progress, Found], None] = lambda _event, _found: None,
) -> Graded:
    """Grade every submission below `folder` and write its report below `output`.

    A submission that already has a report from the same notebook, grader and isolation is not graded again,
    so a run that was ended in any way continues where it stopped.

    Args:
        course: the course; its `isolation` and `limits` hold for every run.
        folder: a class in nbgrader's layout.
        output: where `reports/<student>/<assignment>.json` is written, each as soon as it is done.
        workers: the workers that grade.
        fresh: grade every submission again, even where its report holds; needed by a caller that wants more
            of a submission than its report.
        listen: is told what happens, and at least five times a second when nothing does.

    Raises:
        GradingError: there is nothing to grade, no way to grade it safely, or no room for the reports;
            the reports written so far stay.
    """
    found = find_submissions(folder, course)
    _outside(output, class_folder(folder))
    found = _with_withheld(found, course, output)
    used = {submission.assignment for submission in found.submissions}
    assignments = [assignment for assignment in course.assignments if assignment.id in used]
    with workers.open(course, assignments) as crew:
        graded = Graded(crew.isolations[0], left_out=found.left_out)
        _make(output)
        try:
            if not fresh:
                for submission, summary in _standing(found, course, crew.isolations, output, graded.changed):
                    graded.summaries.append(summary)
                    graded.standing.add(summary.order)
                    listen(Stands(submission), found)
            left = [one for one in found.submissions if (one.student, one.assignment) not in graded.standing]
            if left:
                _grade(left, graded, course, crew, output, lambda event: listen(event, found))
        except KeyboardInterrupt:
            graded.interrupted = True
        # Workers may have joined, or been refused, meanwhile.
        graded.isolation, graded.refused = crew.isolations[0], tuple(crew.refused)
    return graded


def _standing(
    found: Found,
    course: Course,
    isolations: Sequence[Isolation],
    output: Path,
    changed: list[Message],
) -> Iterator[tuple[Submission, Summary]]:
    """Yield the submissions whose report of an earlier run still holds, each with its line."""
    fingerprints: dict[str, str] = {}
    with Ledger(output) as ledger:
        for submission in found.submissions:
            name = submission.assignment
            if name not in fingerprints:
                fingerprints[name] = fingerprint(course, course.assignment(name))
            path = report_path(output, submission.student, name)
            try:
                summary = standing_summary(submission, fingerprints[name], isolations, path, ledger)
            except ReportChanged:
                changed.append(
                    message(
                        "{report} was changed after it was written; it was graded again.", report=str(path)
                    )
                )
                continue
            if summary is not None:
                yield submission, summary


def _grade(
    submissions: Sequence[Submission],
    graded: Graded,
    course: Course,
    crew: Crew,
    output: Path,
    tell: Callable[[Progress], None],
) -> None:
    """Grade those submissions, and add each one's line to `graded` as soon as it is done."""
    noted: list[Entry] = []
    try:
        for event in crew.grade(submissions, output):
            if isinstance(event, Lost):
                _take(_lost(event, course, crew.isolations[0], output), graded, noted)
            elif isinstance(event, Done):
                _take(event.answer, graded, noted)
            tell(event)
            if len(noted) >= _NOTED_AT_ONCE:
                _note(noted, output)
    finally:
        _note(noted, output)


def _outside(output: Path, top: Path) -> None:
    """Ensure that reports are not written among the students' folders.

    Raises:
        GradingError: they would be.
    """
    place = os.path.realpath(output)
    if os.path.commonpath([place, os.path.realpath(top)]) == os.path.realpath(top):
        raise GradingError(
            message(
                "The output folder {output} lies in {folder}, among the students' folders: "
                "name another one with --output.",
                output=str(output),
                folder=str(top),
            )
        )


def _with_withheld(found: Found, course: Course, output: Path) -> Found:
    """Return what was found, with refused submissions for the graded work of students in `withheld`.

    Otherwise their reports would show an earlier state, and nobody would notice.
    """
    again = [
        Submission(student, assignment.id, place / assignment.id / f"{assignment.id}.ipynb", refused=reason)
        for student, place, reason in found.withheld
        for assignment in course.assignments
        if os.path.lexists(report_path(output, student, assignment.id))
    ]
    return replace(found, submissions=(*found.submissions, *again))


def _make(output: Path) -> None:
    try:
        (output / "reports").mkdir(parents=True, exist_ok=True)
        sweep(output)
    except OSError as error:
        raise GradingError(unwritable(output, error)) from error


def _lost(lost: Lost[Submission], course: Course, isolation: Isolation, output: Path) -> Answer:
    submission, outcome = lost.job, "broken"
    note = message("The process that graded this submission was ended from outside, twice. Grade it again.")
    if lost.by == ENDED_BY:
        outcome, note = "unreadable", budget_of(course).exceeded
    assignment = course.assignment(submission.assignment)
    report = without_run(submission, assignment, outcome, [*submission.notes, note], isolation)
    return written(GradedSubmission(report), submission, output)


def _note(noted: list[Entry], output: Path) -> None:
    """Write those lines into the ledger, which must not stay open while workers are forked."""
    with Ledger(output) as ledger:
        ledger.note(noted)
    noted.clear()


def _take(answer: Answer, graded: Graded, noted: list[Entry]) -> None:
    if answer.fatal is not None:
        raise GradingError(answer.fatal)
    if answer.summary is not None:
        graded.summaries.append(answer.summary)
    graded.score_changes.extend(answer.changes)
    if answer.unwritten is not None:
        graded.left_out = (*graded.left_out, answer.unwritten)
    elif answer.summary is not None:
        noted.append(Entry(answer.key, answer.summary))
    if answer.trouble:
        graded.troubles.append(answer.trouble)
