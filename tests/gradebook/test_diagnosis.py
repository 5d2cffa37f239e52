"""What `autograder doctor` tells an instructor of an nbgrader installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.gradebook.diagnosis import Finding, examine
from autograder.messages import render
from tests.gradebook.courses import make_course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AUTOGRADER_GRADEBOOK", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    return make_course(tmp_path / "course")


def found(course: Path) -> list[tuple[str, bool, str]]:
    findings: list[Finding] = examine(load_course(course / "course.yml"))
    return [(finding.about, finding.in_the_way, render(finding.said, "en")) for finding in findings]


def about(course: Path, what: str) -> list[tuple[bool, str]]:
    return [(in_the_way, said) for name, in_the_way, said in found(course) if name == what]


def test_a_fresh_course_has_nothing_in_its_way(course: Path) -> None:
    assert [said for _, in_the_way, said in found(course) if in_the_way] == []
    ((_, said),) = about(course, "gradebook")
    assert "There is no gradebook at" in said


def test_the_program_alembic_is_missed(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    ((in_the_way, said),) = about(course, "nbgrader")

    assert in_the_way
    assert "`alembic`, which is not on PATH" in said


def test_a_missing_configuration_file_is_in_the_way(course: Path) -> None:
    (course / "nbgrader_config.py").unlink()

    ((in_the_way, said),) = about(course, "configuration")

    assert in_the_way
    assert "configure(get_config(), __file__)" in said


def test_a_step_that_another_configuration_changes_is_in_the_way(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nget_config().Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"\n')

    ((in_the_way, said),) = about(course, "configuration")

    assert in_the_way
    assert said.startswith("`Autograde.exporter_class` is not set to the course's own step")


def test_a_database_that_cannot_be_reached_is_in_the_way(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", "postgresql://me@127.0.0.1:9/grades")

    ((in_the_way, said),) = about(course, "gradebook")

    assert in_the_way
    assert "cannot be reached" in said
