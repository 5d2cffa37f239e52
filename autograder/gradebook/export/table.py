"""Reads the gradebook as a table: a row for each student, a column for each assignment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from nbgrader.api import Grade, Gradebook, SubmittedNotebook
from sqlalchemy import and_, case, func, or_, select

from autograder.course import Course
from autograder.gradebook.roster import Listed, Roster
from autograder.messages import Message, message

Status = Literal["graded", "pending", "missing"]


@dataclass(frozen=True)
class Column:
    """An assignment of the gradebook."""

    assignment: str
    title: str
    max_score: float
    due: datetime | None = None


@dataclass(frozen=True)
class Row:
    """A student of the gradebook or of the roster; the roster's names take precedence."""

    student_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    listed: Listed | None = None

    @property
    def sortable_name(self) -> str:
        """The name as `Kim, Seoyeon`, or as much of it as is known."""
        if self.first_name and self.last_name:
            return f"{self.last_name}, {self.first_name}"
        full_name = self.listed.name or self.listed.moodle_name if self.listed else ""
        return full_name or self.last_name or self.first_name or self.student_id


@dataclass(frozen=True)
class Entry:
    """What is known of one student for one assignment; scores are there once it is graded."""

    status: Status
    timestamp: datetime | None = None
    raw_score: float | None = None
    penalty: float | None = None

    @property
    def score(self) -> float | None:
        """The score less the late penalty, never below 0; None where nothing is graded."""
        return None if self.raw_score is None else max(0.0, self.raw_score - (self.penalty or 0.0))


MISSING = Entry("missing")


@dataclass(frozen=True)
class Table:
    """Columns in the order of the course, rows by name; `notes` are for the instructor."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    entries: dict[tuple[str, str], Entry]
    notes: tuple[Message, ...] = ()

    def entry(self, row: Row, column: Column) -> Entry:
        """Return what is known of that student for that assignment."""
        return self.entries.get((row.student_id, column.assignment), MISSING)


def read_table(
    gradebook: Gradebook,
    course: Course,
    roster: Roster | None,
    students: Collection[str] = (),
    assignments: Collection[str] = (),
) -> Table:
    """Return what the gradebook holds of these students and assignments, or of all of them."""
    order = {assignment.id: number for number, assignment in enumerate(course.assignments)}
    titles = {assignment.id: assignment.title.in_language("en") for assignment in course.assignments}
    graded = [found for found in gradebook.assignments if not assignments or found.name in assignments]
    graded.sort(key=lambda found: (order.get(found.name, len(order)), found.name))
    columns = tuple(
        Column(found.name, titles.get(found.name, found.name), float(found.max_score or 0), found.duedate)
        for found in graded
    )
    rows = _rows(gradebook, roster, students)
    entries = {
        (submission.student_id, found.name): entry
        for found in graded
        for submission, entry in _entries(gradebook, found)
    }
    notes = [
        message("The gradebook has no assignment `{assignment}`.", assignment=name)
        for name in sorted(set(assignments) - {column.assignment for column in columns})
    ]
    notes += [
        message("Neither the gradebook nor the roster has a student `{student}`.", student=name)
        for name in sorted(set(students) - {row.student_id for row in rows})
    ]
    if roster is not None:
        notes += [
            message(
                "`{student}` is in the gradebook and not in {roster}; the columns by which the "
                "platform identifies students stay empty. Add a line.",
                student=row.student_id,
                roster=roster.path.name,
            )
            for row in rows
            if row.listed is None
        ]
    return Table(columns, rows, entries, tuple(notes))


def _rows(gradebook: Gradebook, roster: Roster | None, students: Collection[str]) -> tuple[Row, ...]:
    rows = {listed.student_id: _listed_row(listed) for listed in (roster.students if roster else ())}
    for student in gradebook.students:
        listed = roster.student(student.id) if roster else None
        known = _listed_row(listed) if listed else Row(student.id)
        names = (known.first_name, known.last_name)
        # First and last name belong together: half from each source would be nobody's name.
        first_name, last_name = names if any(names) else (student.first_name or "", student.last_name or "")
        rows.pop(listed.student_id if listed else student.id, None)
        rows[student.id] = Row(student.id, first_name, last_name, known.email or student.email or "", listed)
    wanted = [row for row in rows.values() if not students or row.student_id in students]
    return tuple(sorted(wanted, key=lambda row: (row.sortable_name.casefold(), row.student_id)))


def _listed_row(listed: Listed) -> Row:
    return Row(listed.student_id, listed.first_name, listed.last_name, listed.email, listed)


def _entries(gradebook: Gradebook, assignment: Any) -> list[tuple[Any, Entry]]:
    """Return each submission of an assignment with its entry."""
    cells = sum(len(notebook.grade_cells) + len(notebook.task_cells) for notebook in assignment.notebooks)
    ungraded = or_(Grade.needs_manual_grade, and_(Grade.auto_score.is_(None), Grade.manual_score.is_(None)))
    counts = {
        submission: (count, open_grades)
        for submission, count, open_grades in gradebook.db.execute(
            select(
                SubmittedNotebook.assignment_id,
                func.count(Grade.id),
                func.sum(case((ungraded, 1), else_=0)),
            )
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .group_by(SubmittedNotebook.assignment_id)
        )
    }
    found = []
    for submission in gradebook.assignment_submissions(assignment.name):
        count, open_grades = counts.get(submission.id, (0, 0))
        if open_grades or count < cells:
            entry = Entry("pending", submission.timestamp)
        else:
            entry = Entry(
                "graded",
                submission.timestamp,
                float(submission.score),
                float(submission.late_submission_penalty or 0),
            )
        found.append((submission, entry))
    return found
