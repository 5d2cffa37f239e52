"""Who grades a class: what all kinds of workers have in common, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.course import Assignment, Course
from autograder.feedback import Isolation, Summary, report_path, summarise, write_report
from autograder.grading.grade import GradedSubmission
from autograder.grading.pool import Event
from autograder.grading.report_cache import key_of
from autograder.grading.submission import Submission
from autograder.messages import Message, message


@dataclass(frozen=True)
class Answer:
    """What became of a submission: its line in the table, or why nothing more can be written.

    `key` says what the report was graded from and by (`report_cache.key_of`).
    """

    summary: Summary | None
    key: str = ""
    trouble: str = ""
    fatal: Message | None = None
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
    """Write a submission's report; what is then to be said of it."""
    report, trouble = graded.report, "\n".join(graded.troubles)
    path = report_path(output, report.student, report.assignment)
    try:
        write_report(report, path)
    except OSError as error:
        return Answer(None, fatal=unwritable(output, error))
    named = f"{report.student}, {report.assignment}:\n{trouble}" if trouble else ""
    return Answer(summarise(report, path), key_of(report, submission), named, kept=graded.kept)


def unwritable(output: Path, error: OSError) -> Message:
    """Why nothing can be written to the output folder, and the cure."""
    return message(
        "Nothing can be written to {folder} ({reason}). Free some space, or name "
        "another folder with --output; the reports written so far are kept.",
        folder=str(output),
        reason=error.strerror or type(error).__name__,
    )
