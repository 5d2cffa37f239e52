"""The course pins enough answers, each another; the linter grades them (`tests/audit/linting/test_course.py`)."""

from __future__ import annotations


import pytest

from autograder.course import Assignment
from tests.assignments.notebooks import COURSE
from tests.assignments.pinned import FOLDER, STUB, Case, cases, code, files, pinned

EACH = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)


def of(assignment: Assignment) -> list[Case]:
    return [
        case for case in (*cases("wrong"), *cases("right")) if case.assignment == assignment.id
    ]  # fmt: skip


@EACH
def test_each_assignment_has_its_file(assignment: Assignment) -> None:
    """At least eight wrong submissions and six right ones, each with a name of its own."""
    assert assignment.id in files()
    found = pinned(assignment.id)

    assert len(found.wrong) >= 8
    assert len(found.right) >= 6
    names = [entry.name for entry in (*found.wrong, *found.right)]
    assert sorted(set(names)) == sorted(names)


def test_each_file_has_its_assignment() -> None:
    """A file under another name would be read by nobody, and its answers graded by nobody."""
    assert set(FOLDER.iterdir()) == set(files().values())


@EACH
def test_the_untouched_notebook_is_one_of_the_wrong_ones(assignment: Assignment) -> None:
    untouched = next(entry for entry in pinned(assignment.id).wrong if entry.name == "untouched")

    names = {f"{task.id}-answer" for task in assignment.tasks}
    assert untouched.cells == STUB or untouched.cells == dict.fromkeys(names, STUB)
    assert set(untouched.scores) == {task.id for task in assignment.tasks}


@EACH
def test_no_two_submissions_say_the_same(assignment: Assignment) -> None:
    """Nor does one say what the reference solution says; comments and line breaks aside."""
    reference = Case(assignment.id, "right", pinned(assignment.id).right[0].model_copy(update={"cells": {}}))
    written = {"the reference": code(reference)}
    for case in of(assignment):
        twin = next((name for name, said in written.items() if said == code(case)), None)
        assert twin is None, f"{case} says what {twin} says"
        written[str(case)] = code(case)


@EACH
def test_each_task_below_full_marks_has_its_reason(assignment: Assignment) -> None:
    for entry in pinned(assignment.id).wrong:
        assert set(entry.failures) == set(entry.scores), entry.name
        for task_id, score in entry.scores.items():
            assert 0 <= score < assignment.task(task_id).points
