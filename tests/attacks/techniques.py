"""What the corpus is made of: techniques, and the sheet that each writes its submission on."""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from tests.assignments.notebooks import COURSE, answers, given_out

FAMILIES = (
    "forging",
    "reading",
    "leaking",
    "outliving",
    "exhausting",
    "burdening",
    "escaping",
    "poisoning",
    "aiming",
)

CANARY = "canary"
"""What every planted string begins with. No technique spells it out, so that it cannot find itself."""

DONE = "forbidden-thing-done"
"""What a technique prints when it has got through."""


@dataclass(frozen=True)
class Grounds:
    """Where things lie on the instructor's machine, for techniques that know the way."""

    checkout: Path
    """The instructor's checkout: hidden checks, solutions."""
    folder: Path
    """The class's folder: `submitted/`, `gradebook.db`."""
    neighbour: Path
    """Another learner's notebook."""


@dataclass
class Sheet:
    """One submission in the making: an assignment's notebook as it was given out, and its folder."""

    assignment: str
    folder: Path
    grounds: Grounds
    notebook: NotebookNode = field(init=False)
    saved: bool = False

    def __post_init__(self) -> None:
        self.notebook = copy.deepcopy(_given_out(self.assignment))

    @property
    def path(self) -> Path:
        """Where the notebook is handed in."""
        return self.folder / f"{self.assignment}.ipynb"

    def cell(self, grade_id: str) -> NotebookNode:
        """A cell by nbgrader's id."""
        return next(cell for cell in self.notebook.cells if nbgrader(cell).get("grade_id") == grade_id)

    def first(self, code: str) -> None:
        """Code in the first answer cell, in front of what was given out there."""
        cell = next(cell for cell in self.notebook.cells if nbgrader(cell).get("solution"))
        cell.source = textwrap.dedent(code).strip("\n") + "\n" + cell.source

    def answer(self, task: str, code: str) -> None:
        """Code as the answer to a task."""
        self.cell(f"{task}-answer").source = textwrap.dedent(code).strip("\n")

    def solve(self, *tasks: str) -> None:
        """The reference solution as the answer to those tasks, or to all."""
        for cell in _answers(self.assignment):
            grade_id = nbgrader(cell)["grade_id"]
            if not tasks or grade_id.removesuffix("-answer") in tasks:
                self.cell(grade_id).source = solution(cell.source)

    def save(self) -> None:
        """Write the notebook; a technique that calls it has the last word about the file."""
        if not self.saved:
            self.saved = True
            self.folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(self.notebook, self.path)


@cache
def _given_out(assignment: str) -> NotebookNode:
    return given_out(COURSE.assignment(assignment), "en")


@cache
def _answers(assignment: str) -> Sequence[NotebookNode]:
    return list(answers(COURSE.assignment(assignment)))


ENDLESS = {"cell_seconds": 0.25, "notebook_seconds": 0.5}
"""Limits of what goes on until it is ended, and would get nothing if it had more time."""


@dataclass(frozen=True)
class Technique:
    """A way to cheat, and what it gets.

    `aim` is what it is after; `gets` the points that honest grading gives, by task: those that are not named
    get nothing, as in the notebook that was given out. `student` is the folder it is handed in under, if the
    name is the weapon. `limits` are those that it runs into, where it would take whatever there is: they stand
    in the place of the course's, which are as long as an honest run may need on a busy machine.
    """

    id: str
    family: str
    aim: str
    assignment: str
    gets: Mapping[str, float]
    write: Callable[[Sheet], None]
    student: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    members: Sequence[Technique] = ()
    """Those that it is made of, where one submission tries several (`together`)."""

    def __str__(self) -> str:
        return f"{self.family}-{self.id}"


CORPUS: list[Technique] = []


def technique(
    assignment: str = "inception",
    *,
    gets: Mapping[str, float] | None = None,
    student: str = "",
    limits: Mapping[str, float] | None = None,
) -> Callable[[Callable[[Sheet], None]], Callable[[Sheet], None]]:
    """Enters a function into the corpus; its docstring is the aim, its module the family."""

    def enter(write: Callable[[Sheet], None]) -> Callable[[Sheet], None]:
        assert write.__doc__ is not None
        family = write.__module__.rpartition(".")[2]
        assert family in FAMILIES, family
        CORPUS.append(
            Technique(
                write.__name__.replace("_", "-"),
                family,
                " ".join(write.__doc__.split()),
                assignment,
                gets or {},
                write,
                student,
                limits or {},
            )
        )
        return write

    return enter


@dataclass
class EachInItsOwnCell(Sheet):
    """A sheet on which code comes in a cell of its own: where it fails, what comes next runs all the same."""

    def first(self, code: str) -> None:
        """Code in a new cell, in front of the first answer and behind what is there already."""
        place = next(
            number for number, cell in enumerate(self.notebook.cells) if nbgrader(cell).get("solution")
        )
        source = textwrap.dedent(code).strip("\n")
        self.notebook.cells.insert(place, nbformat.v4.new_code_cell(source))


def tried(technique: Technique) -> str:
    """What a submission that tries several prints behind a technique."""
    return f"tried {technique}"


def together(family: str, number: int, members: Sequence[Technique]) -> Technique:
    """Techniques of a family in one submission, one after the other; all that is printed tells how far it came."""
    assert {(one.family, one.assignment, *one.gets, one.student, *one.limits) for one in members} == {
        (family, "inception", "")
    }

    def write(sheet: Sheet) -> None:
        shared = EachInItsOwnCell(sheet.assignment, sheet.folder, sheet.grounds)
        shared.notebook = sheet.notebook
        for one in members:
            one.write(shared)
            shared.first(f"print('tried ' + {str(one)!r})")

    aim = "; ".join(one.aim for one in members)
    return Technique(f"together-{number}", family, aim, "inception", {}, write, members=members)
