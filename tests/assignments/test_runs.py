"""Every notebook runs from top to bottom with its solutions."""

from __future__ import annotations

import pytest

from tests.assignments.notebooks import COURSE, solved_notebook


@pytest.mark.slow
@pytest.mark.parametrize("assignment", [assignment.id for assignment in COURSE.assignments])
def test_solutions_and_experiments_run(assignment: str) -> None:
    """Plots included, without an exception."""
    assert solved_notebook(assignment).errors == {}
