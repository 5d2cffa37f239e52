"""The course's pinned answers: the files of `graders/pinned` say what learners hand in and what they must get.

The linter grades them, as those of any course (`tests/audit/linting/test_course.py`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal


from autograder.audit.linting.pinned import STUB, Pinned, Submitted, read_pinned
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from tests.assignments.notebooks import COURSE, answers, given_out

FOLDER = COURSE.root / "graders" / "pinned"


@dataclass(frozen=True)
class Case:
    """One pinned submission of one assignment."""

    assignment: str
    kind: Literal["wrong", "right"]
    submitted: Submitted

    def __str__(self) -> str:
        return f"{self.assignment}-{self.kind}-{self.submitted.name}"


def files() -> dict[str, Path]:
    """The files there are where the linter looks for them, by their assignment."""
    places = {assignment.id: COURSE.pinned(assignment) for assignment in COURSE.assignments}
    return {name: path for name, path in places.items() if path.is_file()}


@cache
def pinned(assignment: str) -> Pinned:
    """What an assignment's file says.

    Raises:
        CourseError: it does not say it in the format of `autograder.audit.linting.pinned`.
    """
    found = read_pinned(files()[assignment])
    assert found is not None
    return found


def cases(kind: Literal["wrong", "right"]) -> list[Case]:
    """Every wrong, or every right submission of the course, in its order."""
    there = files()
    return [
        Case(assignment.id, kind, submitted)
        for assignment in COURSE.assignments
        if assignment.id in there
        for submitted in getattr(pinned(assignment.id), kind)
    ]


def sources(case: Case) -> dict[str, str]:
    """The source of each solution cell as the case hands it in, by grade_id.

    Raises:
        ValueError: the case names a cell that the assignment does not have.
    """
    found, stubs = solved_and_given_out(case.assignment)
    cells = case.submitted.cells
    replaced = dict.fromkeys(found, STUB) if isinstance(cells, str) else cells
    if unknown := sorted(replaced.keys() - found.keys()):
        raise ValueError(f"{case}: no solution cell is called {', '.join(unknown)}; there are {list(found)}")
    return found | {name: stubs[name] if text == STUB else text for name, text in replaced.items()}


@cache
def solved_and_given_out(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The sources of an assignment's solution cells by grade_id, as they are solved and as they are given out."""
    assignment = COURSE.assignment(name)
    found = {nbgrader(cell)["grade_id"]: solution(cell.source) for cell in answers(assignment)}
    cells = given_out(assignment, "en").cells
    stubs = {nbgrader(cell)["grade_id"]: cell.source for cell in cells if nbgrader(cell).get("solution")}
    return found, stubs


def code(case: Case) -> str:
    """What the case's solution cells say, whatever their comments and line breaks."""
    try:
        return "\n".join(ast.unparse(ast.parse(source)) for source in sources(case).values())
    except SyntaxError:
        return "\n".join(sources(case).values())
