"""What a learner's kernel knows of a task: its target as far as it may be shown, its starter code's trace."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from autograder.course import Course, load_course
from autograder.study.known import Known, known_of

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT / "course.yml")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copy(ROOT / "course.yml", tmp_path)
    return load_course(tmp_path / "course.yml")


@pytest.mark.parametrize(
    "task_id", [task.id for assignment in COURSE.assignments for task in assignment.tasks]
)
def test_no_more_is_known_than_may_be_shown(task_id: str) -> None:
    """Nothing of what is kept back, and of an outline no setting."""
    assignment, task = COURSE.find_task(task_id)
    known = known_of(COURSE, assignment, task_id)
    models = known.target.models if known.target is not None else []

    assert bool(models) is (task.target != "nothing")
    assert known.in_outline is (task.target == "outline")
    if task.target == "outline":
        for model in models:
            assert model.graph is not None
            assert not any(operation.settings for operation in model.graph.operations.values())
            assert {call.activation for call in model.graph.calls} == {None}


@pytest.mark.parametrize("written", [None, "", "{}", '{"tasks": {"inception-module": 3}}', "[1]"])
def test_a_file_that_is_missing_or_damaged_is_nothing_known(course: Course, written: str | None) -> None:
    assignment = course.assignment("inception")
    if written is not None:
        course.known(assignment).parent.mkdir(parents=True)
        course.known(assignment).write_text(written, encoding="utf-8")

    assert known_of(course, assignment, "inception-module") == Known()


def test_a_file_that_has_changed_is_read_anew(course: Course) -> None:
    assignment = course.assignment("inception")
    path = course.known(assignment)
    path.parent.mkdir(parents=True)
    for number, trace in enumerate(("one", "two")):
        text = json.dumps({"tasks": {"branch-sizes": {"starter": trace, "cell": None, "target": None}}})
        path.write_text(text, encoding="utf-8")
        os.utime(path, (number, number))
        assert known_of(course, assignment, "branch-sizes").starter == trace
