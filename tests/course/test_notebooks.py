"""The real course: the linter has nothing to say of its notebooks."""

from __future__ import annotations

import pytest

from autograder.audit import written_findings
from autograder.course import Assignment
from autograder.messages import render
from tests.assignments.notebooks import COURSE

EACH = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)


@EACH
def test_the_linter_has_nothing_to_say_of_what_is_written(assignment: Assignment) -> None:
    """Registry, source notebook and releases; what must be run for it is linted in tests/audit."""
    assert [render(finding.said, "en") for finding in written_findings(COURSE, [assignment])] == []
