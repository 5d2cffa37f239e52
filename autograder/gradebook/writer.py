"""Writes scores straight into nbgrader's gradebook: one engine, one commit per submission.

Two graders may write at once, here and through nbgrader: a transaction that loses is tried again.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Base, Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import NullPool

from autograder.course import Assignment, Course
from autograder.gradebook.engine import LOCKED_SECONDS, GradebookLocked, patient_engine
from autograder.gradebook.late import penalty
from autograder.gradebook.roster import Listed
from autograder.gradebook.scores import enter, introduce, withdraw
from autograder.gradebook.stale import FeedbackPage, stale_pages
from autograder.grading import GradingError
from autograder.messages import Message, message

_Made = TypeVar("_Made")

TRIES = 8
"""How often a transaction is tried when another grader gets in its way."""

LOCKED_AGAIN_SECONDS = 1.0
"""How long to wait for a writer after waiting in vain once (`LOCKED_SECONDS`)."""


class NoGradebook(GradingError):  # noqa: N818 - it comes with the first assignment that is generated
    """There is no gradebook yet."""


@dataclass(frozen=True)
class Entry:
    """What one submission brings into the gradebook: a score for each task.

    None stands for scores that are pending: all of them, or that of a task that a person grades.

    `unanswered` says for each answer's `grade_id` whether it is still as it was given out; `timestamp` is
    UTC, without a zone, as nbgrader keeps it; `same_notebook` says whether what the gradebook has is of the
    same notebook; `listed` is the student's line of the roster, if there is one.
    """

    student: str
    assignment: str
    scores: Mapping[str, float | None] | None
    unanswered: Mapping[str, bool] = field(default_factory=dict)
    timestamp: datetime.datetime | None = None
    same_notebook: bool = False
    listed: Listed | None = None


class GradebookWriter:
    """A writer into an existing gradebook of nbgrader's.

    Raises:
        NoGradebook: there is none yet.
        GradingError: it is of an older nbgrader, or it cannot be reached.
    """

    def __init__(self, url: str, course: Course) -> None:
        self._course = course
        self._engine = open_gradebook(url)
        self._patience = float(LOCKED_SECONDS)

    def unprepared(self, assignment: Assignment) -> Message | None:
        """Return why no scores of that assignment can be written; None where they can."""
        known = self._attempt(lambda session: _points(session, assignment.id))
        if not known:
            return message(
                "`{assignment}` is not in the gradebook yet: run "
                "`nbgrader generate_assignment {assignment}`.",
                assignment=assignment.id,
            )
        if known != {task.id: float(task.points) for task in assignment.tasks}:
            return message(
                "`{assignment}` has changed since it was generated: run "
                "`nbgrader generate_assignment {assignment}` again.",
                assignment=assignment.id,
            )
        return None

    def write(self, entry: Entry) -> None:
        """Write one submission's scores; manual scores and comments stay as they are.

        Raises:
            GradingError: the gradebook did not take them.
        """
        self._attempt(lambda session: self._write(session, entry))

    def stale(self, pages: Collection[FeedbackPage]) -> list[Message]:
        """Return which feedback pages show another grading than the gradebook has, by assignment.

        Raises:
            GradingError: the gradebook cannot be read.
        """
        made = [page for page in pages if page.page.is_file()]
        return self._attempt(lambda session: stale_pages(session, made)) if made else []

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _write(self, session: Session, entry: Entry) -> None:
        submission = _submission(session, entry)
        introduce(submission.student, entry.listed)
        # None as well: a time that is taken away takes its penalty with it.
        submission.timestamp = entry.timestamp
        for notebook in submission.notebooks:
            if notebook.name != entry.assignment:
                continue
            if entry.scores is None:
                withdraw(notebook)
            else:
                enter(notebook, entry.scores, entry.unanswered, same_notebook=entry.same_notebook)
                notebook.late_submission_penalty = self._penalty(submission, notebook)

    def _penalty(self, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
        late = submission.total_seconds_late
        if self._course.late is None or not late:
            return None
        score = sum(_score(grade) for grade in notebook.grades)
        lost = penalty(self._course.late, score, late)
        return None if lost is None else min(max(lost, 0.0), score)

    def _attempt(self, work: Callable[[Session], _Made]) -> _Made:
        deadline = time.monotonic() + self._patience
        for number in count():
            try:
                with Session(self._engine) as session, session.begin():
                    if self._patience < LOCKED_SECONDS:
                        session.execute(text(f"PRAGMA busy_timeout = {round(1000 * self._patience)}"))
                    made = work(session)
            except GradebookLocked:
                if time.monotonic() >= deadline:
                    # Otherwise the same writer would be waited for in vain with each submission of a class.
                    self._patience = LOCKED_AGAIN_SECONDS
                    raise
            except (OperationalError, IntegrityError, StaleDataError) as error:
                if number == TRIES - 1:
                    raise GradingError(_not_taken(error)) from error
            except SQLAlchemyError as error:
                raise GradingError(_not_taken(error)) from error
            else:
                self._patience = float(LOCKED_SECONDS)
                return made
            time.sleep(min(0.05 * 2**number, 1.0))
        raise AssertionError("only what was made, or an exception, ends the tries")


def _points(session: Session, assignment: str) -> dict[str, float]:
    """Return the points of each graded cell of the assignment's notebook."""
    row = _assignment(session, assignment)
    return {
        cell.name: float(cell.max_score)
        for notebook in (row.notebooks if row is not None else ())
        if notebook.name == assignment
        for cell in notebook.grade_cells
    }


def _score(grade: Grade) -> float:
    """Return a grade as nbgrader counts it: a manual score before the automatic one, extra credit on top."""
    given = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return float(given or 0.0) + float(grade.extra_credit or 0.0)


def _assignment(session: Session, name: str) -> AssignmentRow | None:
    return session.scalars(select(AssignmentRow).where(AssignmentRow.name == name)).one_or_none()


def _submission(session: Session, entry: Entry) -> SubmittedAssignment:
    """Return the submission's row, made with all that nbgrader makes with it where there is none yet."""
    assignment = session.scalars(select(AssignmentRow).where(AssignmentRow.name == entry.assignment)).one()
    student = session.get(Student, entry.student)
    if student is None:
        student = Student(id=entry.student)
        session.add(student)
    found = session.scalars(
        select(SubmittedAssignment).where(
            SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id == student.id
        )
    ).one_or_none()
    if found is not None:
        return found
    with session.no_autoflush:
        submission = SubmittedAssignment(assignment=assignment, student=student)
        for notebook in assignment.notebooks:
            submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                submitted.grades.append(Grade(cell=cell))
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                submitted.comments.append(Comment(cell=cell))
        # This comes last: the session takes along what hangs on it now, but nothing that is attached later.
        session.add(submission)
    session.flush()
    return submission


def open_gradebook(url: str) -> Engine:
    """Return the database of a gradebook that exists.

    Raises:
        NoGradebook: there is none yet.
        GradingError: it is of an older nbgrader, or it cannot be reached.
    """
    try:
        address = make_url(url)
    except SQLAlchemyError:
        raise GradingError(
            message(
                "`{url}` is not the address of a database; `gradebook` in course.yml is written like "
                "`postgresql://user@host/gradebook`.",
                url=url,
            )
        ) from None
    shown = address.render_as_string(hide_password=True)
    sqlite = address.get_backend_name() == "sqlite"
    if sqlite and not Path(address.database or "").is_file():
        raise NoGradebook(_no_gradebook(address.database or ""))
    try:
        # Workers are forked from this process, so no connection may outlive its transaction.
        engine = patient_engine(address, poolclass=NullPool)
        inspector = inspect(engine)
        there = {
            name: {column["name"] for column in inspector.get_columns(name)}
            for name in inspector.get_table_names()
        }
    except ModuleNotFoundError as error:
        raise GradingError(
            message(
                "The gradebook {url} needs the package `{package}`: install the extra `instructor`.",
                url=shown,
                package=str(error.name).split(".")[0],
            )
        ) from None
    except GradebookLocked as error:
        raise not_read(address, error) from None
    except SQLAlchemyError as error:
        raise GradingError(
            message(
                "The gradebook {url} cannot be reached: {reason}. "
                "Is the database running, and may you use it?",
                url=shown,
                reason=_reason(error),
            )
        ) from None
    if "assignment" not in there:
        raise NoGradebook(_no_gradebook(shown))
    wanted = {table.name: {column.name for column in table.columns} for table in Base.metadata.sorted_tables}
    if any(not columns <= there.get(name, set()) for name, columns in wanted.items()):
        raise GradingError(
            message(
                "The gradebook {url} was made by an older nbgrader: make a copy of it, then run "
                "`nbgrader db upgrade`.",
                url=shown,
            )
        )
    return engine


def _no_gradebook(place: str) -> Message:
    return message(
        "There is no gradebook at {place} yet: run `nbgrader generate_assignment` for each assignment, "
        "in the course's folder.",
        place=place,
    )


def _not_taken(error: Exception) -> Message:
    return message("the scores could not be written to the gradebook ({reason})", reason=_reason(error))


def not_read(url: URL, error: GradebookLocked | SQLAlchemyError) -> GradingError:
    """Return the error to raise for a gradebook that cannot be read."""
    reason = error.message if isinstance(error, GradebookLocked) else _reason(error)
    shown = url.render_as_string(hide_password=True)
    return GradingError(message("The gradebook {url} cannot be read: {reason}", url=shown, reason=reason))


def _reason(error: Exception) -> str:
    """Return what the database itself said, on one line."""
    said = str(error.orig) if isinstance(error, DBAPIError) and error.orig is not None else str(error)
    return (said.strip().split("\n")[0] or type(error).__name__).rstrip(".")
