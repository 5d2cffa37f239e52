"""What grades an assignment has one digest, which changes with everything that decides a report."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path

import pytest

from autograder.course import Course, load_course
from autograder.course import fingerprint as module

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course and of the package, whose digest is taken."""
    shutil.copy(ROOT / "course.yml", tmp_path)
    for name in ("solutions", "graders", "autograder"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "autograder")
    return tmp_path


def taken(place: Path, assignment: str = "inception") -> str:
    module._engine.cache_clear()
    course = load_course(place / "course.yml")
    return module.fingerprint(course, course.assignment(assignment))


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_it_is_the_same_whoever_takes_it(place: Path) -> None:
    assert taken(place) == taken(place)
    assert len(taken(place)) == 64


# What is changed: the file, and a spelling of it that means the same.
CHANGES = {
    "its hidden checks": ("graders/hidden/test_inception.py", "import", "import "),
    "its public checks": ("graders/public/test_inception.py", "import", "import "),
    "what its checks say in Korean": ("graders/messages/ko.po", "모든 가지는", "가지는 모두"),
    "its source notebook": ("solutions/inception/inception.ipynb", "\n", "\n\n"),
    "the grader": ("autograder/graph/shapes.py", "import", "import "),
    "the time a cell may take": ("course.yml", "cell_seconds: 10", "cell_seconds: 11"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_changes_with(place: Path, what: str) -> None:
    before = taken(place)

    name, old, new = CHANGES[what]
    edited(place / name, old, new)

    assert taken(place) != before


def test_it_changes_with_the_libraries(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = taken(place)
    real = importlib.metadata.version

    monkeypatch.setattr(importlib.metadata, "version", lambda name: real(name) + ".1" * (name == "keras"))

    assert taken(place) != before


def test_another_assignments_grader_changes_nothing(place: Path) -> None:
    """What has not changed is not graded again."""
    before = taken(place), taken(place, "capstone")

    edited(place / "graders" / "hidden" / "test_capstone.py", "import", "import  ")

    assert taken(place) == before[0]
    assert taken(place, "capstone") != before[1]


def test_what_is_missing_is_left_to_those_who_need_it(place: Path) -> None:
    before = taken(place)

    (place / "solutions" / "inception" / "inception.ipynb").unlink()

    assert taken(place) != before


def test_two_assignments_have_two(place: Path) -> None:
    course: Course = load_course(place / "course.yml")

    assert len({module.fingerprint(course, one) for one in course.assignments}) == len(course.assignments)
