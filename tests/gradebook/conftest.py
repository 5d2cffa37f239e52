"""Courses made ready once: generated, handed in, and copied for every test that changes something."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gradebook.courses import formgrader, make_course

GENERATED = ("inception", "residual-projection")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose first assignments are generated, by Formgrader's button; nobody has handed in yet."""
    course = make_course(tmp_path_factory.mktemp("generated"))
    answers = formgrader(course, "generate", *GENERATED)
    assert [answer["success"] for answer in answers] == [True] * len(GENERATED), answers
    return course


@pytest.fixture
def course(generated: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return copied(generated, tmp_path / "course")


@pytest.fixture(scope="module")
def make_copy(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Copies of it, for the tests of a module."""
    return lambda name: copied(generated, tmp_path_factory.mktemp(name) / "course")


def copied(course: Path, place: Path) -> Path:
    shutil.copytree(course, place)
    return place
