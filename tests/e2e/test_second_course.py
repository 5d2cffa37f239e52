"""A second course in a folder of its own: what an author, an instructor and a student do with it.

Its students' part, in an environment with nothing but the wheel, is in `tests/test_wheel.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from autograder.course.starter import solution
from autograder.course.tags import nbgrader as nbgrader_data
from tests import second_course
from tests.cli.test_json import documented, keys
from tests.gradebook.courses import command
from tests.warm import programs_are_warm  # noqa: F401

pytestmark = pytest.mark.slow

NAME = second_course.ASSIGNMENT


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, programs_are_warm: None) -> Path:  # noqa: F811
    """The course, released; a student has handed in the solution, another one the starter code."""
    folder = second_course.write(tmp_path_factory.mktemp("second") / "course")
    done = command(folder, "autograder", "release")
    assert done.returncode == 0, done.stderr
    given_out = folder / "assignments" / "en" / NAME / f"{NAME}.ipynb"
    for student in ("solver", "starter"):
        handed_in = folder / "submitted" / student / NAME
        handed_in.mkdir(parents=True)
        notebook = nbformat.read(given_out, as_version=4)
        if student == "solver":
            answers = {cell.id: cell for cell in second_course.source_notebook().cells}
            for cell in notebook.cells:
                if nbgrader_data(cell).get("solution"):
                    cell.source = solution(answers[cell.id].source)
        nbformat.write(notebook, handed_in / f"{NAME}.ipynb")
    return folder


def of(course: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """`autograder words…` in the course's folder."""
    done = command(course, "autograder", *words)
    assert "Traceback" not in done.stderr
    return done


def test_the_linter_asks_nothing_of_it_that_is_another_courses_choice(course: Path) -> None:
    """No Korean, no ten points, no three hints, no afterword."""
    done = of(course, "lint")

    assert (done.returncode, done.stdout.strip()) == (0, "Assignments in order: 1.")


def test_its_release_holds_one_language(course: Path) -> None:
    made = {
        path.relative_to(course / "assignments").as_posix() for path in (course / "assignments").rglob("*.*")
    }

    assert made == {f"en/{NAME}/{NAME}.ipynb", f"en/{NAME}/{NAME}.check.json"}


def test_it_is_graded(course: Path, tmp_path: Path) -> None:
    done = of(course, "grade", ".", "--output", tmp_path, "--json")

    assert done.returncode == 0, done.stderr
    scores = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))["score"]
        for path in (tmp_path / "reports").rglob("*.json")
    }
    assert scores == {"solver": 7, "starter": 0}


def test_nbgrader_grades_it_and_generates_what_release_writes(course: Path, tmp_path: Path) -> None:
    """The same files, so that a student has them through nbgrader's exchange, too."""
    place = tmp_path / "course"
    shutil.copytree(course, place, ignore=shutil.ignore_patterns("assignments"))
    for words in (["generate_assignment", NAME], ["autograde", NAME]):
        done = command(place, "nbgrader", *words)
        assert done.returncode == 0, done.stderr

    for path in (course / "assignments" / "en" / NAME).iterdir():
        assert (place / "assignments" / "en" / NAME / path.name).read_bytes() == path.read_bytes()
    graded = nbformat.read(place / "autograded" / "solver" / NAME / f"{NAME}.ipynb", as_version=4)
    given = [
        output["data"]["text/plain"]
        for cell in graded.cells
        if nbgrader_data(cell).get("grade")
        for output in cell.outputs
        if output["output_type"] == "execute_result"
    ]
    assert given == ["3.0", "4.0"]


def test_its_graders_are_proven(course: Path) -> None:
    done = of(course, "audit", "--sample", 8)

    assert done.returncode == 0, done.stdout + done.stderr


def test_its_solutions_are_verified(course: Path) -> None:
    """Run, graded, and trained on what the course says; and every key of what is said is documented."""
    done = of(course, "verify", "--device", "cpu", "--json")
    document = json.loads(done.stdout)

    assert done.returncode == 0, done.stdout + done.stderr
    assert document["command"] == "verify"
    assert sorted(keys(document) - documented("verify")) == []
    (found,) = document["assignments"]
    assert (found["score"], found["max_score"], found["passed"]) == (7, 7, True)
    assert [training["lesson"] for training in found["trainings"]] == ["echo"]
