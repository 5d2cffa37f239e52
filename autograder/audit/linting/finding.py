"""What the linter says: one sentence for each finding, with its place."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course import Assignment, Course
from autograder.messages import Message, message


@dataclass(frozen=True)
class Finding:
    """Something in the course that is not as it should be.

    `rule` names the rule, `file` is relative to the course's folder, `cell` is the notebook's cell where
    there is one, and `said` is the whole sentence: file, cell, what was found and what is wanted.
    """

    rule: str
    file: str
    said: Message
    cell: str = ""


@dataclass(frozen=True)
class Place:
    """A file of the course in which faults are found."""

    file: str

    def finding(self, rule: str, fault: Message, cell: str = "") -> Finding:
        """Return a finding in this file, or in one of its cells."""
        if cell:
            said = message("{file}, cell `{cell}`: {fault}", file=self.file, cell=cell, fault=fault)
        else:
            said = message("{file}: {fault}", file=self.file, fault=fault)
        return Finding(rule, self.file, said, cell)


REGISTRY = Place("course.yml")
"""The course's registry."""


def source_of(course: Course, assignment: Assignment) -> Place:
    """Return an assignment's source notebook as a place."""
    return Place(course.source(assignment).relative_to(course.root).as_posix())
