"""The public checks run in a learner's own kernel, where there is no reference solution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.checks import Subject, load_grader, read_subject, run_checks
from autograder.course import Assignment, load_course
from autograder.course.source import read_source
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from autograder.evidence import read, recorder

COURSE = load_course(Path(__file__).parents[2] / "course.yml")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_the_solution_passes_every_public_check_without_a_reference(assignment: Assignment) -> None:
    subjects = solved(assignment)
    grader = load_grader(COURSE, assignment, hidden=False)

    results = run_checks(grader, subjects)

    found = {name: (result.verdict, result.trouble) for name, result in results.items()}
    assert found == dict.fromkeys(found, ("passed", ""))
    assert found


def solved(assignment: Assignment) -> dict[str, Subject]:
    """What the solution's `check` calls show, on public probes."""
    documents: dict[str, list[dict[str, Any]]] = {task.id: [] for task in assignment.tasks}

    class Keeping:
        def record(self, document: dict[str, Any]) -> None:
            documents[document["task"]].append(document)

    cells = read_source(COURSE, assignment).cells
    last = max(number for number, cell in enumerate(cells) if nbgrader(cell).get("grade"))
    names: dict[str, Any] = {"__name__": "__main__"}
    recorder.install(Keeping(), {task.id: task.requests for task in assignment.tasks})
    try:
        for cell in cells[: last + 1]:
            if cell.cell_type == "code":
                exec(compile(solution(cell.source), cell.id, "exec"), names)
    finally:
        recorder.install(None)
    return {
        task: read_subject(task, [read(json.dumps(document)) for document in found])
        for task, found in documents.items()
    }
