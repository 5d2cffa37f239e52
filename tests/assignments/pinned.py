"""Pinned submissions: `<assignment>.yml` beside this file says what learners hand in and what they must get.

The format is that of `graders/pinned/` of any course; these are graded by the suite, all at once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode

from autograder.audit.linting.pinned import STUB, Pinned, Submitted, read_pinned
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from autograder.feedback import Report
from autograder.messages import Language, render
from tests.assignments.notebooks import COURSE, answers, given_out

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One pinned submission of one assignment."""

    assignment: str
    kind: Literal["wrong", "right"]
    submitted: Submitted

    @property
    def student(self) -> str:
        """The folder that it is handed in under."""
        return f"{self.kind}-{self.submitted.name}"

    def __str__(self) -> str:
        return f"{self.assignment}-{self.student}"


def files() -> dict[str, Path]:
    """The files there are, by the assignment that they are named after."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yml"))}


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


def notebook(case: Case) -> NotebookNode:
    """The released notebook with the case's code in its solution cells."""
    made = given_out(COURSE.assignment(case.assignment), "en")
    written = sources(case)
    for cell in made.cells:
        if nbgrader(cell).get("solution"):
            cell.source = written[nbgrader(cell)["grade_id"]].rstrip("\n")
    return made


def hand_in(chosen: Iterable[Case], folder: Path) -> None:
    """Writes the cases below `folder` as a class in nbgrader's layout."""
    for case in chosen:
        path = folder / "submitted" / case.student / case.assignment / f"{case.assignment}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook(case), path)


def code(case: Case) -> str:
    """What the case's solution cells say, whatever their comments and line breaks."""
    try:
        return "\n".join(ast.unparse(ast.parse(source)) for source in sources(case).values())
    except SyntaxError:
        return "\n".join(sources(case).values())


def below_full_marks(report: Report) -> dict[str, float]:
    """The scores of the tasks that did not get full marks."""
    return {task.id: task.score for task in report.tasks if task.score < task.points}


def first_failure(report: Report, task_id: str, language: Language) -> tuple[str, str]:
    """A task's first failed check, and everything that it says, parts parted by ` | `."""
    task = next(task for task in report.tasks if task.id == task_id)
    check = next(check for check in task.checks if check.verdict == "failed")
    assert check.failure is not None
    parts = (check.failure.rationale, check.failure.found, check.failure.wanted, check.failure.where)
    return check.id, " | ".join(render(part, language) for part in parts if part is not None)
