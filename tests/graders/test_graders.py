"""Every grader fits `course.yml`, says what it looks at, and keeps its hidden part hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.checks import Grader, load_grader
from autograder.course import Assignment, load_course
from autograder.grading import load_graders

COURSE = load_course(Path(__file__).parents[2] / "course.yml")


@pytest.fixture(scope="module", params=COURSE.assignments, ids=lambda assignment: assignment.id)
def assignment(request) -> Assignment:
    return request.param


@pytest.fixture(scope="module")
def grader(assignment: Assignment) -> Grader:
    return load_graders(COURSE, [assignment])[assignment.id]


def test_a_tasks_checks_are_worth_what_the_task_is_worth(assignment: Assignment, grader: Grader) -> None:
    assert {task.id: grader.points(task.id) for task in assignment.tasks} == {
        task.id: task.points for task in assignment.tasks
    }


def test_every_task_has_a_public_check_that_a_learner_can_run(assignment: Assignment, grader: Grader) -> None:
    for task in assignment.tasks:
        assert [check for check in grader.of_task(task.id) if check.public]


def test_a_title_is_one_sentence(grader: Grader) -> None:
    for check in grader.checks:
        assert check.title.text.endswith(".")
        assert check.title.text[0].isupper() or check.title.text[0] == "`"


def sizes(probe: list[Any]) -> list[Any]:
    """What a hidden probe calls a function with: a shape for each tensor, and plain values."""
    return [
        (item["value"] if "value" in item else item["shape"]) if isinstance(item, dict) else item
        for item in probe
    ]


def test_a_function_is_probed_on_sizes_that_no_learner_has_seen(
    assignment: Assignment, grader: Grader
) -> None:
    for task in assignment.tasks:
        if task.expects == "function":
            public = [
                [item.value if item.shape is None else item.shape for item in probe] for probe in task.probes
            ]
            assert [probe for probe in map(sizes, grader.probes[task.id]) if probe not in public]


def test_the_public_part_alone_names_no_hidden_check(assignment: Assignment, grader: Grader) -> None:
    public = load_grader(COURSE, assignment, hidden=False)

    assert [check.id for check in grader.checks if check.public] == [check.id for check in public.checks]
    assert len(public.files) == 1
