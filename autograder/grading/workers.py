"""What all kinds of workers that grade a class have in common, wherever they are."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.course import Assignment, Course
from autograder.feedback import (
    Isolation,
    Report,
    ReportError,
    ScoreChange,
    Summary,
    own_trouble,
    read_report,
    report_path,
    score_changes,
    summarise,
    write_report,
)
from autograder.feedback.words import BROKEN
from autograder.grading.grade import GradedSubmission
from autograder.grading.pool import Event
from autograder.grading.report_cache import key_of
from autograder.grading.submission import Submission
from autograder.messages import Message, clean, message


@dataclass(frozen=True)
class Answer:
    """The outcome of a submission: its line in the table, or why nothing more can be written.

    `key` identifies what the report was graded from and by (`report_cache.key_of`); `unwritten` says why this
    one submission has no report; `changes` are the tasks whose score differs from its earlier report's.
    """

    summary: Summary | None
    key: str = ""
    trouble: str = ""
    fatal: Message | None = None
    unwritten: Message | None = None
    changes: tuple[ScoreChange, ...] = ()
    kept: Any = None


class Crew(Protocol):
    """Workers that are ready to grade."""

    @property
    def isolations(self) -> Sequence[Isolation]:
        """The ways in which they isolate learner code, each once, the weakest first."""

    @property
    def refused(self) -> Sequence[Message]:
        """The messages about which workers were not taken, and why."""

    def grade(self, submissions: Sequence[Submission], output: Path) -> Iterator[Event[Submission, Answer]]:
        """Grade them, write their reports below `output`, and yield what becomes of them as it happens.

        Raises:
            GradingError: grading cannot go on; the reports written so far stay.
        """


class Workers(Protocol):
    """A source of workers."""

    def open(self, course: Course, assignments: Sequence[Assignment]) -> AbstractContextManager[Crew]:
        """Provide workers for submissions to those assignments of the course, until the block ends.

        Raises:
            GradingError: there are none, or none that isolate learner code well enough.
        """


def written(graded: GradedSubmission, submission: Submission, output: Path) -> Answer:
    """Write a submission's report, and return the answer about it.

    Whatever goes wrong affects only this submission's report, as long as the disk has room.
    """
    trouble = "\n".join(graded.troubles)
    named = f"{clean(submission.student)}, {submission.assignment}:\n{trouble}" if trouble else ""
    try:
        return _written(graded, submission, output, named)
    except Exception as error:
        if isinstance(error, OSError) and not _is_own(error, output):
            return Answer(None, fatal=unwritable(output, error))
        if isinstance(error, (OSError, ReportError)) or graded.report.outcome == "broken":
            summary = summarise(graded.report)
            return Answer(
                summary, trouble=named, kept=graded.kept, unwritten=_unwritten(summary, output, error)
            )
        # A report that cannot be expressed is the grader's fault; a report that says so can be written.
        return written(_without_words(graded), submission, output)


def _without_words(graded: GradedSubmission) -> GradedSubmission:
    """Return a report that the grader itself failed; call this while handling the exception."""
    nothing: dict[str, Any] = {"outcome": "broken", "score": 0.0, "pending": 0.0, "digest": "", "grader": ""}
    report = graded.report.model_copy(
        update={**nothing, "tasks": [], "cells": [], "notes": [BROKEN], "afterwards": None}
    )
    return GradedSubmission(report, [traceback.format_exc()])


def _written(graded: GradedSubmission, submission: Submission, output: Path, trouble: str) -> Answer:
    """Write a submission's report.

    Raises:
        OSError, ReportError: it cannot be written.
        Exception: the report cannot be expressed.
    """
    report = graded.report
    path = report_path(output, report.student, report.assignment)
    changes = _changes(report, path)
    write_report(report, path)
    return Answer(
        summarise(report, path), key_of(report, submission), trouble, changes=changes, kept=graded.kept
    )


def _changes(report: Report, path: Path) -> tuple[ScoreChange, ...]:
    """Return the scores that differ from a submission's earlier report; none where it has no earlier one."""
    if not path.is_file():
        return ()
    try:
        return tuple(score_changes(read_report(path), report))
    except (OSError, ReportError):
        # A report that was changed by hand, or damaged, does not show which score somebody was given.
        return ()


def _is_own(error: OSError, output: Path) -> bool:
    """Return whether the next report may be written although this one was not."""
    return own_trouble(error) and os.access(output / "reports", os.W_OK)


def _unwritten(summary: Summary, output: Path, error: Exception) -> Message:
    """Return why there is no report of a submission, and the cure."""
    if isinstance(error, ReportError):
        reason = error.message
    elif isinstance(error, OSError):
        reason = message(
            "{file} cannot be written ({reason}). Move what is in the way and grade again.",
            file=str(report_path(output, summary.student, summary.assignment)),
            reason=error.strerror or type(error).__name__,
        )
    else:
        reason = message("the report cannot be written ({reason}).", reason=type(error).__name__)
    return message(
        "{student}, {assignment}: {reason}",
        student=summary.student,
        assignment=summary.assignment,
        reason=reason,
    )


def unwritable(output: Path, error: OSError) -> Message:
    """Return why nothing, or one file, cannot be written to the output folder, and the cure."""
    if output.is_dir() and own_trouble(error) and (name := error.filename2 or error.filename):
        return message(
            "{file} cannot be written ({reason}). Move what is in the way and grade again.",
            file=os.fsdecode(name),
            reason=error.strerror or type(error).__name__,
        )
    return message(
        "Nothing can be written to {folder} ({reason}). Free some space, or name "
        "another folder with --output; the reports written so far are kept.",
        folder=str(output),
        reason=error.strerror or type(error).__name__,
    )
