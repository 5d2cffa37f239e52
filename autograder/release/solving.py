"""Runs an author's own notebook, as a solution or as starter code, and keeps what that leaves."""

from __future__ import annotations

import contextlib
import importlib
import io
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course, CourseError
from autograder.course.cells import in_one_language
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from autograder.importing import import_quietly
from autograder.messages import message

if TYPE_CHECKING:
    from autograder.course.cells import Cell

Probes = Mapping[str, list[list[dict[str, Any]]]]
"""The inputs that each task's function is called on."""


@dataclass(frozen=True)
class Solved:
    """What a notebook's code has left: the evidence of each task, and the names that it has defined."""

    documents: Mapping[str, dict[str, Any]]
    names: Mapping[str, Any]


def solve(course: Course, assignment: Assignment, cells: Sequence[Cell], probes: Probes) -> Solved:
    """Run the reference solution in those cells of a source notebook here, up to its last graded cell.

    Where only its evidence is needed, it runs in a process of its own (`release.apart`).

    Raises:
        CourseError: it stops with an error.
    """

    def stopped(cell_id: str, error: BaseException) -> None:
        raise failure(course, assignment, *stopped_at(assignment.id, cell_id, error)) from error

    return execute(assignment.id, code_cells(cells, solution), probes, stopped)


def stopped_at(name: str, cell_id: str, error: BaseException) -> tuple[str, int, str]:
    """Return the cell and the line that an error comes from, and the error on one line.

    An error in a function that an earlier cell has defined belongs to that cell, not to the one that calls
    it.
    """
    said = f"{type(error).__name__}: {error}".split("\n")[0]
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(f"<{name}: "):
        return cell_id, error.lineno or 1, f"{type(error).__name__}: {error.msg}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(f"<{name}: "):
            return frame.filename.removeprefix(f"<{name}: ").removesuffix(">"), frame.lineno or 1, said
    return cell_id, 1, said


def failure(course: Course, assignment: Assignment, cell_id: str, line: int, error: str) -> CourseError:
    """Return the error to raise for a solution that has stopped in a line of a cell."""
    return CourseError(
        message(
            "{file}: cell `{cell}` of the solution fails in line {line} with {error}.",
            file=course.source(assignment).relative_to(course.root).as_posix(),
            cell=cell_id,
            line=line,
            error=error.rstrip(": ."),
        )
    )


def code_cells(cells: Sequence[Cell], answer: Callable[[str], str]) -> Iterator[tuple[Cell, str]]:
    """Yield the code cells of a source notebook up to its last graded one, each with its text.

    `answer` makes the text of an answer: `solution` or `starter`.
    """
    cells = in_one_language(cells)
    graded = (number for number, cell in enumerate(cells) if cell.cell_type == "code" and _is_graded(cell))
    last = max(graded, default=-1)
    for cell in cells[: last + 1]:
        if cell.cell_type == "code":
            yield cell, answer(cell.source) if nbgrader(cell).get("solution") else cell.source


def _is_graded(cell: Cell) -> bool:
    return bool(nbgrader(cell).get("grade"))


def execute(
    name: str,
    cells: Iterable[tuple[Cell, str]],
    probes: Probes,
    stopped: Callable[[str, BaseException], None],
) -> Solved:
    """Run the code cells of the assignment of that name here; `stopped` is called for a cell that stops."""
    import_quietly(("keras",))
    from autograder.evidence import recorder

    evidence = _Evidence()
    names: dict[str, Any] = {"__name__": "__main__"}
    recorder.install(evidence, probes)
    try:
        for cell, source in cells:
            try:
                # What they print goes nowhere, warnings included: a command may be writing a document.
                with contextlib.redirect_stdout(_Unheard()), contextlib.redirect_stderr(_Unheard()):
                    exec(compile(source, f"<{name}: {cell.id}>", "exec"), names)
            except (Exception, SystemExit) as error:
                stopped(cell.id, error)
    finally:
        recorder.install(None)
    return Solved(evidence.documents, names)


class _Unheard(io.TextIOBase):
    """A stream that counts and forgets what is printed: kept, it would fill the memory."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def limited_memory(most: int) -> Iterator[None]:
    """Let this process have only so much more address space than it has now, where the system can tell."""
    try:
        resource = importlib.import_module("resource")
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + most
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def models_in(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the models in a document of evidence: those the function built, or those handed in."""
    values = [probe["result"] for probe in document.get("probes", ())] or document.get("arguments", ())
    return [value["model"] for value in values if value and value["kind"] == "model"]


class _Evidence:
    """A recorder that keeps each task's last document."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    def record(self, document: dict[str, Any]) -> None:
        self.documents[document["task"]] = document
