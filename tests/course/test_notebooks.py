"""The real course: what its notebooks do when they run, and that the linter has nothing to say of them."""

from __future__ import annotations

import pytest

from autograder.audit import written_findings
from autograder.course import Assignment
from autograder.messages import render
from tests.assignments.notebooks import COURSE, code_of, run_code

EACH = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)


@EACH
def test_the_linter_has_nothing_to_say_of_what_is_written(assignment: Assignment) -> None:
    """Registry, source notebook and releases; what must be run for it is linted in tests/audit."""
    assert [render(finding.said, "en") for finding in written_findings(COURSE, [assignment])] == []


@pytest.mark.slow
@EACH
def test_solutions_and_experiments_run(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """From top to bottom, plots included, without an exception."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    _, errors = run_code(code_of(COURSE, assignment.id))

    assert errors == {}
