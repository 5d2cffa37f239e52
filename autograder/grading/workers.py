"""Who grades a class: what all kinds of workers have in common, wherever they are."""

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
    """What became of a submission: its line in the table, or why nothing more can be written.

    `key` says what the report was graded from and by (`report_cache.key_of`); `unwritten` why there is no
    report of this one submission; `changes` are the tasks that have another score than in its report before.
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
        """How they isolate learner code, each way once, the weakest first."""

    @property
    def refused(self) -> Sequence[Message]:
        """Which workers were not taken, and why."""

    def grade(self, submissions: Sequence[Submission], output: Path) -> Iterator[Event[Submission, Answer]]:
        """Grade them and write their reports below `output`; says what becomes of them as it happens.

        Raises:
            GradingError: grading cannot go on; the reports written so far stay.
        """


class Workers(Protocol):
    """Where workers are to be had."""

    def open(self, course: Course, assignments: Sequence[Assignment]) -> AbstractContextManager[Crew]:
        """Workers for submissions to those assignments of the course, until the block ends.

        Raises:
            GradingError: there are none, or none that isolates learner code well enough.
        """


def written(graded: GradedSubmission, submission: Submission, output: Path) -> Answer:
    """Write a submission's report; what is then to be said of it.

    Whatever goes wrong costs this submission's report, and nothing else as long as the disk has room.
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
        # What a report cannot say is the grader's fault; that it was so, it can.
        return written(_without_words(graded), submission, output)


def _without_words(graded: GradedSubmission) -> GradedSubmission:
    """The report that the grader itself failed; called where an exception says how."""
    nothing: dict[str, Any] = {"outcome": "broken", "score": 0.0, "pending": 0.0, "digest": "", "grader": ""}
    report = graded.report.model_copy(
        update={**nothing, "tasks": [], "cells": [], "notes": [BROKEN], "afterwards": None}
    )
    return GradedSubmission(report, [traceback.format_exc()])


def _written(graded: GradedSubmission, submission: Submission, output: Path, trouble: str) -> Answer:
    """Write a submission's report.

    Raises:
        OSError, ReportError: it cannot be written.
        Exception: it cannot be put into words.
    """
    report = graded.report
    path = report_path(output, report.student, report.assignment)
    changes = _changes(report, path)
    write_report(report, path)
    return Answer(
        summarise(report, path), key_of(report, submission), trouble, changes=changes, kept=graded.kept
    )


def _changes(report: Report, path: Path) -> tuple[ScoreChange, ...]:
    """The scores that are others than in the report that a submission has had; none where it has had none."""
    if not path.is_file():
        return ()
    try:
        return tuple(score_changes(read_report(path), report))
    except (OSError, ReportError):
        # What was changed by hand, or damaged, says nothing of what somebody was given.
        return ()


def _is_own(error: OSError, output: Path) -> bool:
    """Whether the next report may be written although this one was not."""
    return own_trouble(error) and os.access(output / "reports", os.W_OK)


def _unwritten(summary: Summary, output: Path, error: Exception) -> Message:
    """Why there is no report of a submission, and the cure."""
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
    """Why nothing can be written to the output folder, or not one file of it, and the cure."""
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
