"""Gives nbgrader's steps access to the course: one configured path, the same for all of them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from autograder.course import Assignment, Course, CourseError, find_course, load_course
from autograder.gradebook.roster import Roster, RosterError, course_roster
from autograder.messages import Message, render, wished_language


class InCourse(LoggingConfigurable):
    """Base class for parts of nbgrader that work on the course of `course.yml`."""

    course_file = Unicode("", help="The course.yml of the course.").tag(config=True)

    @property
    def course(self) -> Course | None:
        """The course, or None where none is configured: nbgrader's own steps then do as they always do.

        Raises:
            CourseError: there is a `course.yml`, and it is wrong.
        """
        return load_course(Path(self.course_file)) if self.course_file else None

    def course_assignment(self, assignment_id: str) -> Assignment | None:
        """Return the course's assignment of that name; None for one that is not the course's.

        Raises:
            CourseError: `course.yml` is wrong.
        """
        course = self.course
        known = course.assignments if course is not None else ()
        return next((assignment for assignment in known if assignment.id == assignment_id), None)


class CoursePlugin(InCourse):
    """A plug-in that cannot work without the course; it gives up with sentences in nbgrader's log."""

    @cached_property
    def course(self) -> Course:
        """The course.

        Raises:
            SystemExit: it is not in order; what is wrong has been said.
        """
        try:
            return load_course(Path(self.course_file) if self.course_file else find_course())
        except CourseError as error:
            raise self.given_up(*error.messages) from None

    @cached_property
    def roster(self) -> Roster | None:
        """The class list, if the course has one.

        Raises:
            SystemExit: it is not in order; what is wrong has been said.
        """
        try:
            roster = course_roster(self.course)
        except RosterError as error:
            raise self.given_up(*error.messages) from None
        if roster is not None:
            self.warn(*roster.notes)
        return roster

    def warn(self, *messages: Message) -> None:
        """Log those messages in nbgrader's log."""
        for said in messages:
            self.log.warning("%s", render(said, wished_language()))

    def given_up(self, *messages: Message) -> SystemExit:
        """Log those messages in nbgrader's log, and return what is to be raised."""
        for said in messages:
            self.log.error("%s", render(said, wished_language()))
        return SystemExit(1)
