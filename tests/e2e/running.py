"""Grading the examples as a user does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import warm
from tests.gradebook.courses import make_course

ROSTER = {"tanaka-yui": "A Tanaka", "han-sora": "한소라", "brown-emma": "Brown <b>&</b> Co"}
"""Some of the accidents by name; the others are not on it."""


def impatient_course(place: Path) -> Path:
    """The course in a folder of its own, with a roster, where a cell has two seconds; its `course.yml`.

    An endless loop of the accidents would keep a processor busy for ten.
    """
    course = make_course(place) / "course.yml"
    text = course.read_text(encoding="utf-8")
    assert "cell_seconds: 10" in text
    text = text.replace("cell_seconds: 10", "cell_seconds: 2")
    course.write_text(f"{text}\nroster: roster.csv\n", encoding="utf-8")
    rows = ["student_id,name", *(f'{student},"{name}"' for student, name in ROSTER.items())]
    (place / "roster.csv").write_text("\n".join(rows), encoding="utf-8")
    return course


def run_grade(folder: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of a class into a folder."""
    return warm.run(["-m", "autograder", "grade", folder, "--output", output, *options])
