"""What the plug-ins of nbgrader that belong to a course have in common."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from autograder.course import Course, CourseError, find_course, load_course
from autograder.gradebook.roster import Roster, RosterError, load_roster
from autograder.messages import Message, render, wished_language


class InCourse(LoggingConfigurable):  # type: ignore[misc]
    """A part of nbgrader that knows the course; `c.InCourse.course_file` holds for every one of them."""

    course_file = Unicode("", help="The course's course.yml; that of the working folder if empty.").tag(
        config=True
    )

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
        if self.course.roster_path is None:
            return None
        try:
            roster = load_roster(self.course.roster_path)
        except RosterError as error:
            raise self.given_up(*error.messages) from None
        self.warn(*roster.notes)
        return roster

    def warn(self, *messages: Message) -> None:
        """Say that in nbgrader's log."""
        for said in messages:
            self.log.warning("%s", render(said, wished_language()))

    def given_up(self, *messages: Message) -> SystemExit:
        """Say that in nbgrader's log; what is returned is to be raised."""
        for said in messages:
            self.log.error("%s", render(said, wished_language()))
        return SystemExit(1)
