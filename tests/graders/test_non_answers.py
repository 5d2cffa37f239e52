"""No answer that is none gets a point more than the starter code does, in any task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import keras
import pytest

from autograder.audit.mutation.source.non_answers import NON_ANSWERS
from autograder.checks import Subject, load_grader, read_subject, run_checks
from autograder.course import Assignment
from autograder.evidence import capture, read
from autograder.grading import GradingSession
from autograder.grading.scheme import probes_of
from tests.graders.test_public import COURSE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=COURSE.assignments, ids=lambda assignment: assignment.id)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return request.param


@pytest.fixture(scope="module")
def references(assignment: Assignment, session: GradingSession) -> Mapping[str, Subject]:
    """What the solution shows."""
    return session.scheme(assignment.id).references


@pytest.mark.parametrize("written", NON_ANSWERS)
def test_it_scores_nothing(assignment: Assignment, references: Mapping[str, Subject], written: str) -> None:
    grader = load_grader(COURSE, assignment, hidden=True)
    probes = probes_of(assignment, grader)
    scored: dict[str, Any] = {}
    for task in assignment.tasks:
        answer = eval(written, {"keras": keras})
        asked = probes.get(task.id, ())
        evidence = read(json.dumps(capture(task.id, [answer], asked)))
        subject = read_subject(task.id, [evidence], asked)
        subject.reference = references[task.id]
        results = run_checks(grader, {task.id: subject})
        assert [result.trouble for result in results.values() if result.trouble] == []
        score = sum(
            check.marking.points for check in grader.of_task(task.id) if results[check.id].verdict == "passed"
        )
        if score > task.stub_scores:
            scored[task.id] = score

    assert scored == {}
