"""Finds the feedback pages that show another grading than the gradebook has, and makes them anew.

nbgrader leaves a page as it is once it has made it, after another grading and after a manual score, too. So a
page says what it was made of.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from autograder.messages import Message, message
from autograder.regular import read_bytes

MARK = "autograder-made-of"
"""The name of a page's `meta` element that says what it was made of."""

_HEAD_BYTES = 2048
# nbconvert may write attributes in another order than the template has them.
_MARK = re.compile(rf'<meta (?=[^>]*\bname="{MARK}")[^>]*\bcontent="([0-9a-f]+)"')


@dataclass(frozen=True)
class FeedbackPage:
    """A submission's feedback page, and the autograded notebook that it is made from; each may be missing."""

    student: str
    assignment: str
    page: Path
    notebook: Path

    @classmethod
    def within(cls, top: Path, student: str, assignment: str) -> FeedbackPage:
        """Return the page of a submission in a class's folder that has nbgrader's layout."""
        page, notebook = (top / folder / student / assignment for folder in ("feedback", "autograded"))
        return cls(student, assignment, page / f"{assignment}.html", notebook / f"{assignment}.ipynb")

    @classmethod
    def of(cls, coursedir: Any, student: str, assignment: str) -> FeedbackPage:
        """Return the page of a submission where nbgrader's `CourseDirectory` has it."""
        folders = (coursedir.feedback_directory, coursedir.autograded_directory)
        page, notebook = (Path(coursedir.format_path(folder, student, assignment)) for folder in folders)
        return cls(student, assignment, page / f"{assignment}.html", notebook / f"{assignment}.ipynb")

    def made_of(self, session: Any) -> str:
        """Return a digest of what the page would show now: the autograded notebook and its scores."""
        submission = session.scalars(
            select(SubmittedNotebook)
            .join(SubmittedNotebook.assignment)
            .join(SubmittedAssignment.assignment)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .where(
                SubmittedAssignment.student_id == self.student,
                Assignment.name == self.assignment,
                Notebook.name == self.assignment,
            )
        ).one_or_none()
        facts = _facts(submission) if submission is not None else None
        try:
            notebook = read_bytes(self.notebook)
        except OSError:
            notebook = b""
        return hashlib.sha256(json.dumps(facts).encode() + notebook).hexdigest()

    def is_current(self, session: Any) -> bool:
        """Return whether there is a page, and it shows what the gradebook has."""
        try:
            with self.page.open("rb") as file:
                said = _MARK.search(file.read(_HEAD_BYTES).decode("utf-8", "replace"))
        except OSError:
            return False
        return said is not None and said[1] == self.made_of(session)

    def is_stale(self, session: Any) -> bool:
        """Return whether there is a page, and it shows something else than the gradebook has."""
        return self.page.is_file() and not self.is_current(session)


def _facts(submission: SubmittedNotebook) -> list[Any]:
    """Return what a page shows of the gradebook, always in the same order."""
    grades = [
        (grade.cell.name, grade.max_score, grade.auto_score, grade.manual_score, grade.extra_credit)
        for grade in submission.grades
    ]
    comments = [(comment.cell.name, comment.comment) for comment in submission.comments]
    return [submission.late_submission_penalty or 0.0, sorted(grades), sorted(comments)]


def make_stale_anew(converter: Any, assignments: Collection[str]) -> None:
    """Let nbgrader's `GenerateFeedback` make pages anew that differ from the gradebook, as with `--force`."""
    begin = converter.init_destination

    def begin_where_stale(assignment: str, student: str) -> bool:
        forced = converter.force
        if not forced and assignment in assignments:
            with Gradebook(converter.coursedir.db_url) as gradebook:
                page = FeedbackPage.of(converter.coursedir, student, assignment)
                converter.force = not page.is_current(gradebook.db)
        try:
            begun: bool = begin(assignment, student)
            return begun
        finally:
            converter.force = forced

    converter.init_destination = begin_where_stale


def stale_pages(session: Any, pages: Iterable[FeedbackPage]) -> list[Message]:
    """Return how many of the pages are stale, and what makes them anew, assignment by assignment."""
    counts: dict[str, int] = {}
    for page in pages:
        if page.is_stale(session):
            counts[page.assignment] = counts.get(page.assignment, 0) + 1
    return [
        message(
            "Feedback pages of `{assignment}` that show an earlier grading: {count}. Make them anew: "
            "`nbgrader generate_feedback {assignment}`, then `nbgrader release_feedback {assignment}`.",
            assignment=assignment,
            count=count,
        )
        for assignment, count in sorted(counts.items())
    ]
