"""A reference solution that does not run says whose fault that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.grading.scheme import load_graders, make_scheme
from autograder.grading.submission import GradingError
from autograder.messages import Message, message
from autograder.sandbox import CellError, CellResult, Run

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
ASSIGNMENT = COURSE.assignment("inception")

pytestmark = pytest.mark.slow


def said(error: CellError | None, ended: Message | None = None) -> str:
    """What is said of a reference whose second cell stops so, or whose run is ended so."""

    def run_cells(cells, probes, replacements=None, /) -> Run:
        results = [CellResult(number, cell.id, "ok") for number, cell in enumerate(cells)]
        if error is not None:
            results[1].state, results[1].error = "error", error
        return Run(results if ended is None else results[:1], "full", ended)

    with pytest.raises(GradingError) as raised:
        make_scheme(COURSE, ASSIGNMENT, load_graders(COURSE, [ASSIGNMENT])["inception"], run_cells)
    return str(raised.value)


def test_a_librarys_module_that_is_missing_is_the_installations_fault() -> None:
    text = said(CellError("ModuleNotFoundError", "No module named 'IPython.core.logger'"))

    assert "cannot run here, which says nothing about the solution: ModuleNotFoundError" in text
    assert "does not solve" not in text


def test_a_run_that_was_ended_is_said_to_have_been() -> None:
    text = said(None, message("The notebook used too much memory and was stopped."))

    assert "was ended: The notebook used too much memory and was stopped. If the solution needs" in text


@pytest.mark.parametrize("name", ["keras", "layers"])
def test_what_the_solution_itself_imports_or_gets_wrong_is_the_solutions(name: str) -> None:
    assert "does not solve `branch-sizes`" in said(
        CellError("ModuleNotFoundError", f"No module named '{name}'")
    )
    assert "does not solve `branch-sizes`" in said(CellError("ZeroDivisionError", "division by zero"))
