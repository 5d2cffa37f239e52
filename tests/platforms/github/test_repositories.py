"""What is written for GitHub: workflows as its schema wants them, and nothing hidden for learners."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from autograder.course import CourseError, load_course
from autograder.platforms import engine
from autograder.platforms.github.repositories import assignment_repository, instructors_repository
from tests.gradebook.courses import ROOT, make_course
from tests.platforms.github.organization import Organization

COURSE = load_course(ROOT / "course.yml")
# SchemaStore's of GitHub's workflows (Apache License 2.0), https://json.schemastore.org/github-workflow.json
SCHEMA = json.loads(Path(__file__).with_name("github-workflow.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def learners() -> dict[str, bytes]:
    return assignment_repository(COURSE, COURSE.assignment("inception"), "ko")


@pytest.fixture(scope="module")
def instructors() -> dict[str, bytes]:
    return instructors_repository()


def workflow(content: bytes) -> Any:
    return YAML(typ="safe", pure=True).load(content.decode())


def test_workflows_are_as_githubs_schema_wants_them(
    learners: dict[str, bytes], instructors: dict[str, bytes]
) -> None:
    for content in (learners[".github/workflows/classroom.yml"], instructors[".github/workflows/grade.yml"]):
        assert not re.search(rb"(?<!\$)\{\{", content)
        jsonschema.Draft7Validator(SCHEMA).validate(workflow(content))
    wrong = workflow(learners[".github/workflows/classroom.yml"])
    wrong["jobs"]["run-autograding-tests"]["step"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(wrong)


def test_classroom_finds_the_job_and_the_reporter_its_result(learners: dict[str, bytes]) -> None:
    """By the names that `education/autograding-grading-reporter` looks for."""
    jobs = workflow(learners[".github/workflows/classroom.yml"])["jobs"]
    steps = jobs["run-autograding-tests"]["steps"]
    (reporter,) = (one for one in steps if "autograding-grading-reporter" in one.get("uses", ""))
    (runner,) = reporter["with"]["runners"].split(",")

    assert reporter["env"] == {f"{runner.upper()}_RESULTS": f"${{{{ steps.{runner}.outputs.result }}}}"}
    assert [one["run"] for one in steps if one.get("id") == runner] == [
        "python -P -m autograder.study.actions inception.ipynb"
    ]


def test_a_learners_repository_has_what_was_released_and_nothing_hidden(learners: dict[str, bytes]) -> None:
    released = ROOT / "assignments" / "ko" / "inception"

    assert sorted(learners) == [
        ".github/autograder/beyond_sequential_engine-0.2.0-py3-none-any.whl",
        ".github/autograder/requirements.txt",
        ".github/workflows/classroom.yml",
        "inception.check.json",
        "inception.ipynb",
    ]
    assert learners["inception.ipynb"] == (released / "inception.ipynb").read_bytes()
    with zipfile.ZipFile(io.BytesIO(learners[f".github/autograder/{engine.WHEEL}"])) as wheel:
        names = wheel.namelist()
    assert "autograder/study/actions/__main__.py" in names
    assert not [name for name in names if name.split("/")[1] in engine.INSTRUCTORS]


def test_what_learners_lack_is_what_the_wheel_of_students_leaves_out() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    left_out = project["tool"]["setuptools"]["packages"]["find"]["exclude"]

    assert {f"autograder.{name}*" for name in engine.INSTRUCTORS} == set(left_out)


def test_what_runs_on_secrets_takes_nothing_from_an_input_as_code(instructors: dict[str, bytes]) -> None:
    jobs = workflow(instructors[".github/workflows/grade.yml"])["jobs"]
    steps = jobs["grade"]["steps"]

    assert not [one["run"] for one in steps if "${{" in one.get("run", "")]
    assert [one["name"] for one in steps if "secrets." in json.dumps(one)] == ["Collect"]


def test_an_assignment_that_was_not_released_is_said(tmp_path: Path) -> None:
    course = load_course(make_course(tmp_path) / "course.yml")
    with pytest.raises(CourseError, match="`autograder release` writes it"):
        assignment_repository(course, course.assignment("inception"), "en")


def test_latest_commits_are_collected_and_nothing_else(tmp_path: Path, instructors: dict[str, bytes]) -> None:
    """Of the assignment's repositories, a group's among them; one is another's, and one cannot be read."""
    (tmp_path / "collect.sh").write_bytes(instructors[".github/autograder/collect.sh"])
    organization = Organization(tmp_path / "github")
    for name in ("week-3-kim", "week-3-team-blue", "week-4-kim"):
        organization.push(name, {"inception.ipynb": b"first"})
    organization.names += ["week-3-gone", "week-3-"]
    done = organization.collect(tmp_path, "week-3", "inception")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "::warning::week-3-gone could not be cloned: nothing of it is graded.\n"
    assert collected(tmp_path) == {
        f"{one}/inception/inception.ipynb": b"first" for one in ("kim", "team-blue")
    }

    # Who pushes again hands in again, and what an earlier run has collected is no longer there.
    organization.push("week-3-kim", {"inception.ipynb": None, "mine.ipynb": b"second"})
    assert organization.collect(tmp_path, "week-3", "inception").returncode == 0
    assert collected(tmp_path) == {
        "kim/inception/mine.ipynb": b"second", "team-blue/inception/inception.ipynb": b"first"
    }  # fmt: skip


def collected(place: Path) -> dict[str, bytes]:
    top = place / "collected" / "submitted"
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}
