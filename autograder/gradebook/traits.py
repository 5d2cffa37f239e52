"""How a step of nbgrader's knows the course: one configured path, the same for all of them."""

from __future__ import annotations

from pathlib import Path

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from autograder.course import Assignment, Course
from autograder.gradebook.configuration import course_at


class InCourse(LoggingConfigurable):
    """Anything of nbgrader's that works on the course of `course.yml`."""

    course_file = Unicode("", help="The course.yml of the course.").tag(config=True)

    @property
    def course(self) -> Course | None:
        """The course, or None where none is configured: nbgrader's own steps then do as they always do.

        Raises:
            CourseError: there is a `course.yml`, and it is wrong.
        """
        return course_at(Path(self.course_file)) if self.course_file else None

    def assignment(self, assignment_id: str) -> Assignment | None:
        """The course's assignment of that name; None for one that is not the course's.

        Raises:
            CourseError: `course.yml` is wrong.
        """
        course = self.course
        known = course.assignments if course is not None else ()
        return next((assignment for assignment in known if assignment.id == assignment_id), None)
