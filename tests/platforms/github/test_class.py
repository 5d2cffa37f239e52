"""The example class through both workflows for GitHub gets what `autograder grade` gives, task by task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder.course import load_course
from autograder.feedback import Report, read_report, report_paths
from autograder.platforms.github.repositories import assignment_repository, instructors_repository
from tests import warm
from tests.gradebook.courses import EXAMPLES, ROOT, environment, make_course
from tests.platforms.github.organization import Organization
from tests.platforms.github.steps import checked, workflow

pytestmark = pytest.mark.slow

NAME = "inception"
EXPECTED = YAML(typ="safe").load((EXAMPLES / "class" / "expected.yml").read_text(encoding="utf-8"))
COURSE = load_course(ROOT / "course.yml")
GIVEN_OUT = assignment_repository(COURSE, COURSE.assignment(NAME), "en")


def repository(student: str) -> dict[str, bytes]:
    """A learner's repository, with the notebook that the learner has pushed."""
    pushed = EXAMPLES / "class" / "submitted" / student / NAME / f"{NAME}.ipynb"
    return {**GIVEN_OUT, f"{NAME}.ipynb": pushed.read_bytes()}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Report]:
    """The reports of the instructor's workflow, by learner: its steps, run beside the course."""
    place = make_course(tmp_path_factory.mktemp("instructor"))
    for name, content in instructors_repository().items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    organization = Organization(tmp_path_factory.mktemp("github") / "org")
    for student in EXPECTED:
        organization.push(f"week-3-{student}", repository(student))
    done = organization.collect(place, "week-3", NAME)
    assert done.returncode == 0, done.stderr
    steps = workflow(place, "grade")["jobs"]["grade"]["steps"]
    (grading,) = (one["run"] for one in steps if one.get("name") == "Grade")
    program, *words = grading.split()
    graded = warm.run(["-m", program, *words], cwd=place, environment=environment())
    assert graded.returncode == 0, graded.stderr
    (kept,) = (one["with"]["path"] for one in steps if "upload-artifact" in one.get("uses", ""))
    return {report.student: report for report in map(read_report, report_paths(place / kept))}


def test_nobody_is_left_out(reports: Mapping[str, Report]) -> None:
    assert sorted(reports) == sorted(EXPECTED)


@pytest.mark.parametrize("student", EXPECTED)
def test_the_instructors_workflow_gives_the_scores_of_grade(
    reports: Mapping[str, Report], student: str
) -> None:
    # What `autograder grade` gives is held by tests/e2e/test_examples.py.
    assert {task.id: task.score for task in reports[student].tasks} == EXPECTED[student][NAME]["scores"]


@pytest.mark.parametrize("student", EXPECTED)
def test_the_learners_workflow_gives_the_public_part_of_them(
    reports: Mapping[str, Report], student: str, tmp_path: Path
) -> None:
    """Only grading judges a task as if earlier ones were right: there, such a task may get more."""
    ran = checked(tmp_path / "repository", repository(student))

    for task, test in zip(reports[student].tasks, ran.result["tests"], strict=True):
        public = sum(check.score for check in task.checks if check.public)
        assert test["score"] == public or (task.carried and test["score"] < public), task.id
