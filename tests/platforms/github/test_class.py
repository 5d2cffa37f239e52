"""The example class through both workflows for GitHub gets what `autograder grade` gives, task by task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.feedback import Report
from autograder.platforms.github.repositories import assignment_repository
from tests.examples import EXAMPLES, expected
from tests.gradebook.courses import ROOT
from tests.platforms.github import instructor
from tests.platforms.github.organization import Organization
from tests.platforms.github.steps import checked

pytestmark = pytest.mark.slow

NAME = "inception"
EXPECTED = expected("class")
# Right, wrong in one number, and stopped by an error; `make bench-platforms` tries all of the class.
SOME = ("kim-seoyeon", "jung-haeun", "choi-yuna")
COURSE = load_course(ROOT / "course.yml")
GIVEN_OUT = assignment_repository(COURSE, COURSE.assignment(NAME), "en")


def repository(student: str) -> dict[str, bytes]:
    """A learner's repository, with the notebook that the learner has pushed."""
    pushed = EXAMPLES / "class" / "submitted" / student / NAME / f"{NAME}.ipynb"
    return {**GIVEN_OUT, f"{NAME}.ipynb": pushed.read_bytes()}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Report]:
    """The reports of the instructor's workflow, by learner."""
    place = tmp_path_factory.mktemp("class")
    organization = Organization(place / "github")
    for student in EXPECTED:
        organization.push(f"week-3-{student}", repository(student))
    return instructor.reports(place / "instructor", organization, "week-3", NAME)


def test_nobody_is_left_out(reports: Mapping[str, Report]) -> None:
    assert sorted(reports) == sorted(EXPECTED)


@pytest.mark.parametrize("student", EXPECTED)
def test_the_instructors_workflow_gives_the_scores_of_grade(
    reports: Mapping[str, Report], student: str
) -> None:
    # What `autograder grade` gives is held by tests/e2e/test_examples.py.
    assert {task.id: task.score for task in reports[student].tasks} == EXPECTED[student][NAME]["scores"]


@pytest.mark.parametrize("student", SOME)
def test_the_learners_workflow_gives_the_public_part_of_them(
    reports: Mapping[str, Report], student: str, tmp_path: Path
) -> None:
    """Only grading judges a task as if earlier ones were right: there, such a task may get more."""
    ran = checked(tmp_path / "repository", repository(student))

    for task, test in zip(reports[student].tasks, ran.result["tests"], strict=True):
        public = sum(check.score for check in task.checks if check.public)
        assert test["score"] == public or (task.carried and test["score"] < public), task.id
