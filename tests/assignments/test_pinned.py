"""Every pinned submission gets what is pinned: wrong ones their message, right ones full marks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.course import Assignment
from autograder.feedback import Report
from autograder.messages import LANGUAGES
from tests.assignments.notebooks import COURSE
from tests.assignments.pinned import (
    STUB,
    Case,
    below_full_marks,
    cases,
    code,
    files,
    first_failure,
    pinned,
)

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
    assert set(files()) <= {assignment.id for assignment in COURSE.assignments}


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


@pytest.mark.slow
@pytest.mark.parametrize("case", cases("wrong"), ids=str)
def test_a_wrong_submission_is_told_what_is_wrong(case: Case, report_of: Callable[[Case], Report]) -> None:
    """Exactly the pinned tasks lose points, as many as pinned, for the pinned reason."""
    report = report_of(case)
    (wrong,) = (entry for entry in pinned(case.assignment).wrong if entry.name == case.submitted.name)

    assert report.outcome == "graded"
    assert below_full_marks(report) == wrong.scores
    assert report.afterwards is None
    for task_id, failing in wrong.failures.items():
        for language in LANGUAGES:
            check, said = first_failure(report, task_id, language)
            assert check == failing.check, said
            assert failing.says.in_language(language) in said


@pytest.mark.slow
@pytest.mark.parametrize("case", cases("right"), ids=str)
def test_a_right_submission_has_full_marks(case: Case, report_of: Callable[[Case], Report]) -> None:
    """However differently it is written."""
    report = report_of(case)

    assert report.outcome == "graded"
    assert below_full_marks(report) == {}, [
        first_failure(report, task_id, "en") for task_id in below_full_marks(report)
    ]
    assert report.notes == []
    assert report.afterwards is not None
