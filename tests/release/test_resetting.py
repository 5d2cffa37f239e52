"""`reset` puts a notebook back as it was given out, and loses nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Course, CourseError, load_course
from autograder.course.release import out_of_step
from autograder.release.resetting import reset
from tests.course.conftest import FewLetters

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the course with one assignment's files, its pictures of few letters."""
    for name in ("course.yml", "solutions/inception/inception.ipynb", "graders/public/test_inception.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr("autograder.release.targets.targets", lambda _course: FewLetters())
    return load_course(tmp_path / "course.yml")


def test_what_was_there_is_kept_beside_it(course: Course) -> None:
    path = course.released(course.assignment("inception"), "ko")
    fresh = reset(course, "inception", "ko")
    given_out = path.read_bytes()
    path.write_text("my work")

    done = reset(course, "inception", "ko")

    assert (fresh.kept, done.notebook) == (None, path)
    assert path.read_bytes() == given_out
    assert done.kept is not None
    assert done.kept.read_text() == "my work"


def test_an_untouched_notebook_is_left_alone(course: Course) -> None:
    reset(course, "inception", "en")

    assert reset(course, "inception", "en").kept is None
    folder = course.released(course.assignment("inception"), "en").parent
    assert [path.name for path in folder.iterdir()] == ["inception.ipynb"]


def test_a_kept_copy_is_no_part_of_the_release(course: Course) -> None:
    path = course.released(course.assignment("inception"), "en")
    path.parent.mkdir(parents=True)
    path.write_text("my work")
    kept = reset(course, "inception", "en").kept
    assert kept is not None
    for name in ("solutions", "graders"):
        shutil.copytree(ROOT / name, course.root / name, dirs_exist_ok=True)

    assert kept not in {found.path for found in out_of_step(course, FewLetters())}


def test_an_unknown_assignment_is_told_the_names(course: Course) -> None:
    with pytest.raises(CourseError):
        reset(course, "incepton", "en")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_notebook_is_kept_as_what_it_is(course: Course, make: Callable[[Path], None]) -> None:
    path = course.released(course.assignment("inception"), "ko")
    path.parent.mkdir(parents=True)
    make(path)

    done = reset(course, "inception", "ko")

    assert path.is_file()
    assert done.kept is not None
    assert not done.kept.is_file()
    assert done.kept.exists()
