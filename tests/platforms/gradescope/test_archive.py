"""What is in the zip for Gradescope, and what is not."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder.course import load_course
from autograder.grading import GradingError
from autograder.platforms.gradescope.archive import gradescope_zip
from autograder.platforms.gradescope.settings import Settings
from tests.gradebook.courses import ROOT, make_course
from tests.platforms.gradescope.harness import zipped

NAME = "residual-projection"


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(zipped(NAME)))


def test_it_has_what_gradescope_asks_for_at_its_root(archive: zipfile.ZipFile) -> None:
    for name in ("setup.sh", "run_autograder"):
        assert archive.getinfo(name).external_attr >> 16 & 0o111, name
        done = subprocess.run(["bash", "-n"], input=archive.read(name), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
    assert b"{{" not in archive.read("setup.sh")


def test_it_has_the_part_of_the_course_that_the_assignment_needs(archive: zipfile.ZipFile) -> None:
    names = [name for name in archive.namelist() if name.startswith("course/")]

    assert sorted(names) == [
        "course/course.yml",
        "course/graders/hidden/test_residual_projection.py",
        "course/graders/messages/ko.po",
        "course/graders/public/test_residual_projection.py",
        f"course/solutions/{NAME}/{NAME}.ipynb",
    ]


def test_its_course_is_the_assignment_as_it_was_and_nothing_of_the_class(
    archive: zipfile.ZipFile, tmp_path: Path
) -> None:
    archive.extractall(tmp_path)
    whole, part = load_course(ROOT / "course.yml"), load_course(tmp_path / "course" / "course.yml")
    (assignment,) = part.assignments

    assert assignment == whole.assignment(NAME).model_copy(update={"presupposes": ()})
    assert (part.limits, part.isolation, part.languages) == (whole.limits, whole.isolation, whole.languages)


def test_a_gradebooks_password_and_the_roster_stay_at_home(tmp_path: Path) -> None:
    course = make_course(tmp_path) / "course.yml"
    more = "\ngradebook: postgresql://me:SECRET@host/gradebook\nroster: SECRET.csv\n"
    course.write_text(course.read_text(encoding="utf-8") + more, encoding="utf-8")
    archive = zipfile.ZipFile(io.BytesIO(zipped(NAME, course)))

    assert all(b"SECRET" not in archive.read(name) for name in archive.namelist() if "course" in name)
    kept = YAML(typ="safe").load(archive.read("course/course.yml"))
    assert kept.keys() <= {
        "version",
        "id",
        "title",
        "languages",
        "isolation",
        "limits",
        "graders",
        "assignments",
    }


def test_the_same_course_gives_the_same_bytes() -> None:
    assert zipped(NAME) == zipped(NAME)


def test_limits_that_end_after_gradescopes_are_refused() -> None:
    course = load_course(ROOT / "course.yml")
    with pytest.raises(GradingError) as refused:
        gradescope_zip(course, course.assignment(NAME), Settings(assignment=NAME, minutes=4))

    assert "may take 6 minutes" in str(refused.value)
    assert "ends it after 4" in str(refused.value)
