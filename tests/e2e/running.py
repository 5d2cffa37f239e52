"""Grading the examples as a user does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import warm
from tests.gradebook.courses import EXAMPLES, make_course

__all__ = ["EXAMPLES", "impatient_course", "run_grade"]


def impatient_course(place: Path) -> Path:
    """The course in a folder of its own, where a cell has two seconds; its `course.yml`.

    An endless loop of the accidents would keep a processor busy for ten.
    """
    course = make_course(place) / "course.yml"
    text = course.read_text(encoding="utf-8")
    assert "cell_seconds: 10" in text
    course.write_text(text.replace("cell_seconds: 10", "cell_seconds: 2"), encoding="utf-8")
    return course


def run_grade(folder: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of a class into a folder."""
    return warm.run(["-m", "autograder", "grade", folder, "--output", output, *options])
