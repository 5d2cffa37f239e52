"""Reads submissions for nbgrader: damaged, renamed and hostile files never stop a batch."""

from __future__ import annotations

import logging
import os
import stat
import sys
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from autograder.course import Assignment, Course, CourseError, find_course, load_course
from autograder.gradebook.client import GradingClient, NotGraded
from autograder.gradebook.engine import share_engines
from autograder.gradebook.refusing import prepare_batch
from autograder.gradebook.roster import Roster, RosterError, course_roster
from autograder.gradebook.scores import Earlier, withdrawn
from autograder.gradebook.timestamps import TIMESTAMP, TimestampError, handed_in_at
from autograder.gradebook.traits import InCourse
from autograder.grading import (
    GivenOut,
    Submission,
    UnreadableNotebook,
    given_out_by,
    load_notebook,
    restore,
    submission_in,
)
from autograder.messages import AutograderError, render, wished_language

log = logging.getLogger("autograder")


class SubmissionExporter(InCourse, NotebookExporter):
    """An exporter that reads a submission in order, whatever it is.

    What cannot be read becomes a notebook without answers. nbgrader's own sanitising steps follow, and find
    nothing left to do. `earlier` is what the gradebook had of the submission that is being graded.
    """

    earlier = Earlier()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        share_engines()
        self._roster = self._prepared(self.parent) if isinstance(self.parent, Autograde) else None
        logger: Any = getattr(self.log, "logger", self.log)
        logger.addFilter(sentences_alone)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Export the notebook of that file, as nbconvert's exporters do.

        Raises:
            NotGraded: nobody can tell when the submission was handed in.
        """
        about = (resources or {}).get("nbgrader", {})
        assignment = self.course_assignment(about.get("assignment", ""))
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **kw)
        timestamp, refused = self._handed_in_at(Path(filename).parent)
        if assignment is None:
            # To nbgrader an empty file is no timestamp.
            if refused is not None and os.path.getsize(Path(filename).parent / TIMESTAMP):
                raise refused
            return super().from_filename(filename, resources=resources, **kw)
        course = self.course
        assert course is not None
        assert resources is not None
        forget_links(
            Path(self.parent._format_source(assignment.id, about["student"])),
            Path(self.parent._format_dest(assignment.id, about["student"])),
        )
        # The service imports TensorFlow while nbgrader opens its gradebook five times.
        GradingClient.of(course).start()
        listed = self._roster.student(about["student"]) if self._roster is not None else None
        self.earlier = withdrawn(about["db_url"], about["student"], assignment.id, timestamp, listed)
        if refused is not None:
            self.log.error("%s: %s", about["student"], render(refused.messages[0], wished_language()))
            raise refused
        resources["metadata"] = {"name": Path(filename).stem, "path": str(Path(filename).parent)}
        # Beside the notebook of the right name there may be another that has the work.
        handed_in = submission_in(about["student"], assignment, Path(filename).parent)
        notebook = in_order(course, assignment, handed_in.path)
        return self.from_notebook_node(notebook, resources, **kw)

    def _prepared(self, converter: Autograde) -> Roster | None:
        """Prepare nbgrader's batch, and return the course's class list, if there is one.

        Raises:
            NbGraderException: the class list is not in order; what is wrong has been said.
        """
        course = self.course
        if course is None:
            return None
        try:
            roster = course_roster(course)
        except RosterError as error:
            for said in error.messages:
                self.log.error("%s", render(said, wished_language()))
            raise NbGraderException("The roster is not in order; the log says why.") from error
        # nbgrader takes a pattern, such as `*`, for the name of an assignment.
        wanted = converter.coursedir.assignment_id
        assignments = [known for known in course.assignments if fnmatchcase(known.id, wanted)]
        if assignments:
            prepare_batch(converter, assignments, roster)
        return roster

    def _handed_in_at(self, place: Path) -> tuple[datetime | None, NotGraded | None]:
        """Return when a submission was handed in; or why it is not graded, where that is not known."""
        try:
            return handed_in_at(place), None
        except TimestampError as error:
            return None, NotGraded(*error.messages)


def forget_links(submitted: Path, copied: Path) -> None:
    """Remove from nbgrader's copy of a submission what was copied through a link, or is one."""
    for folder, _, names in os.walk(submitted):
        for name in names:
            path = Path(folder, name)
            if not stat.S_ISREG(path.lstat().st_mode):
                (copied / path.relative_to(submitted)).unlink(missing_ok=True)


def in_order(course: Course, assignment: Assignment, path: Path) -> NotebookNode:
    """Return a submission's notebook with every cell that nbgrader knows as it was given out."""
    try:
        submitted = load_notebook(path).notebook
    except UnreadableNotebook:
        submitted = NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=[])
    source = _given_out(course.root, assignment.id, course.source(assignment).stat().st_mtime_ns)
    return restore(submitted, source, [task.id for task in assignment.tasks]).notebook


@lru_cache(maxsize=16)
def _given_out(root: Path, assignment_id: str, _changed: int) -> GivenOut:
    course = load_course(root / "course.yml")
    return given_out_by(course, course.assignment(assignment_id))


def recognise_renamed(*, notebooks: list[str], **_: Any) -> None:
    """Give a renamed notebook a copy of the right name: nbgrader's hook before a submission is converted.

    What was handed in stays as it is. `notebooks` is the list that nbgrader goes on with.
    """
    if not notebooks:
        return
    place = Path(notebooks[0]).parent
    try:
        course = load_course(find_course(place))
    except CourseError:
        return
    assignment = next((known for known in course.assignments if known.id == place.name), None)
    if assignment is None:
        return
    wanted = place / f"{assignment.id}.ipynb"
    submission = submission_in(place.parent.name, assignment, place)
    if submission.path == wanted or os.path.islink(submission.path):
        return
    if not os.path.lexists(wanted):
        wanted.write_bytes(_content(submission))
    for note in submission.notes:
        log.warning("%s: %s", submission.student, render(note, wished_language()))
    notebooks[:] = [str(wanted)]


def _content(submission: Submission) -> bytes:
    """Return what a submission's notebook holds; nothing where it is gone, or larger than any notebook."""
    try:
        return submission.content()
    except UnreadableNotebook:
        return b""


def sentences_alone(record: logging.LogRecord) -> bool:
    """Let nbgrader log in sentences what went wrong with a submission, where there are some.

    This is a filter of its logger, which logs the traceback of whatever ends a submission. A `NotGraded` has
    been said already, and is left out.
    """
    error = sys.exc_info()[1]
    if isinstance(error, AutograderError) and record.getMessage().startswith("Traceback"):
        said = " ".join(render(one, wished_language()) for one in error.messages)
        record.msg, record.args = "%s", (said,)
        return not isinstance(error, NotGraded)
    return True
