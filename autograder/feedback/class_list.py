"""Says who is in a class and in which order it is shown: students by name, assignments as in the course."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograder.messages import clean

NAME_LIMIT = 80
"""How many characters of a name a table shows at most."""


def _nobody(_student: str) -> str:
    return ""


@dataclass(frozen=True)
class ClassList:
    """How a class is listed.

    `name` returns a student's name for the student's id; empty where none is known. Names are not unique, so
    the id is shown wherever a name is. `assignments` are the ids of the course's assignments in its order;
    others come after them, by their ids.
    """

    name: Callable[[str], str] = _nobody
    assignments: Sequence[str] = ()

    def shown_name(self, student: str) -> str:
        """Return a student's name as it is shown: on one line, and not too long."""
        return clean(self.name(student), NAME_LIMIT)

    def name_and_id(self, student: str) -> str:
        """Return how a student is named in a line of text: `Kim, Seoyeon (kim)`, or the id alone."""
        name = self.shown_name(student)
        return f"{name} ({clean(student)})" if name else clean(student)

    def names(self, students: Iterable[str]) -> dict[str, str]:
        """Return the names of those students whose names are known, by id."""
        return {student: name for student in students if (name := self.shown_name(student))}

    def student_order(self, student: str) -> tuple[str, str]:
        """Return the sort key of a student: the name, or the id where there is none, then the id."""
        return ((self.shown_name(student) or student).casefold(), student)

    def assignment_order(self, assignment: str) -> tuple[int, str]:
        """Return the sort key of an assignment: the course's order."""
        known = list(self.assignments)
        return (known.index(assignment) if assignment in known else len(known), assignment)

    def order(self, submission: tuple[str, str]) -> tuple[tuple[str, str], tuple[int, str]]:
        """Return the sort key of a submission, which is named by student and assignment."""
        student, assignment = submission
        return self.student_order(student), self.assignment_order(assignment)


NOBODY_NAMED = ClassList()
"""A class of which only the ids are known."""
