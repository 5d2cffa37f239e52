"""The real course's notebooks, and running their code without the grader."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import Assignment, Course, load_course
from autograder.course.cells import in_one_language
from autograder.course.source import read_source
from autograder.course.starter import solution, starter
from autograder.course.tags import is_afterwards, nbgrader
from autograder.messages import Language

COURSE = load_course(Path(__file__).parents[2] / "course.yml")


def answers(assignment: Assignment) -> list[NotebookNode]:
    """The source notebook's solution cells."""
    return [cell for cell in read_source(COURSE, assignment).cells if nbgrader(cell).get("solution")]


def given_out(assignment: Assignment, language: Language) -> NotebookNode:
    """The notebook that students get."""
    return nbformat.read(COURSE.released(assignment, language), as_version=4)


def run_code(cells: list[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """What cells leave behind when they run one after another, and the exception of each that fails."""
    names: dict[str, Any] = {"__name__": "__main__"}
    errors = {}
    for cell_id, source in cells:
        try:
            exec(compile(source, cell_id, "exec"), names)
        except Exception as error:
            errors[cell_id] = type(error).__name__
    return names, errors


@dataclass(frozen=True)
class Solved:
    """What came of a notebook with its solutions, run from top to bottom, experiments included."""

    names: dict[str, Any]
    errors: dict[str, str]
    printed: str


@contextmanager
def traced_once() -> Iterator[None]:
    """Let TensorFlow trace each training step once, and leave its graph as it is.

    It traces a step twice in which a variable is made, and a network of nineteen convolutions takes seconds
    each time; so variables are made beforehand. Nothing else comes of a training; what cannot be made so
    stops in `fit`, as it would.
    """
    import keras
    import tensorflow

    from autograder.verification.sharing import prepare

    fit = keras.Model.fit

    def prepared(model: Any, x: Any, y: Any, *words: Any, **options: Any) -> Any:
        with suppress(Exception):
            prepare(model, *keras.tree.map_structure(lambda data: data[:1], (x, y)))
        return fit(model, x, y, *words, **options)

    rewriting = tensorflow.config.optimizer
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "fit", prepared)
        rewriting.set_experimental_options({"disable_meta_optimizer": True})
        try:
            yield
        finally:
            rewriting.set_experimental_options({"disable_meta_optimizer": False})


@cache
def solved_notebook(assignment: str) -> Solved:
    """A notebook with its solutions, run once in this process: its experiment trains for seconds."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), traced_once():
        patch.setenv("MPLBACKEND", "agg")
        names, errors = run_code(code_of(COURSE, assignment))
    return Solved(names, errors, printed.getvalue())


def code_of(course: Course, assignment: str, given: str = "") -> list[tuple[str, str]]:
    """A notebook's code with its solutions, the cell `given` as it is given out; nothing is checked.

    What is shown after full marks is no part of it.
    """
    cells = []
    for cell in in_one_language(read_source(course, course.assignment(assignment)).cells):
        if cell.cell_type == "code" and not nbgrader(cell).get("grade") and not is_afterwards(cell):
            source = starter(cell.source) if cell.id == given else solution(cell.source)
            cells.append((cell.id, source))
    return cells
