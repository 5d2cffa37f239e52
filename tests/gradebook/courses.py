"""A course's folder as an instructor has it, and nbgrader run in it as an instructor runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests import warm
from tests.examples import EXAMPLES

ROOT = Path(__file__).parents[2]

Scores = dict[tuple[str, str, str], float | None]


def make_course(place: Path) -> Path:
    """A folder with `course.yml`, `nbgrader_config.py`, `solutions/` and `graders/`, and nothing else."""
    place.mkdir(parents=True, exist_ok=True)
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, place)
    for name in ("solutions", "graders"):
        shutil.copytree(ROOT / name, place / name, dirs_exist_ok=True)
    return place


def hand_in(course: Path, student: str, assignment: str, *, as_student: str = "", file: str = "") -> Path:
    """A learner's folder of the examples, in `submitted/`; returns its notebook there."""
    (origin,) = EXAMPLES.glob(f"*/submitted/{student}/{assignment}")
    target = course / "submitted" / (as_student or student) / assignment
    shutil.copytree(origin, target, dirs_exist_ok=True)
    return target / (file or f"{assignment}.ipynb")


def environment(**more: str) -> dict[str, str]:
    """An instructor's environment: this package, English, and nbgrader's helpers on PATH."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AUTOGRADER_"))
    }
    return {
        **kept,
        "PATH": f"{warm.PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "AUTOGRADER_LANG": "en",
        **more,
    }


def command(course: Path, module: str, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """`python -m module words…` in the course's folder."""
    return warm.run(["-m", module, *words], cwd=course, environment=environment(**more))


def nbgrader(course: Path, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """`nbgrader words…` in the course's folder."""
    return command(course, "nbgrader", *words, **more)


def grade(course: Path, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade . --gradebook words…` in the course's folder."""
    return command(course, "autograder", "grade", ".", "--gradebook", "--jobs", "2", *words, **more)


def formgrader(course: Path, verb: str, *words: str, **more: str) -> list[dict[str, Any]]:
    """What Formgrader's buttons do, in one server-like process: a list of nbgrader's own answers.

    `generate ASSIGNMENT…`, `autograde ASSIGNMENT/STUDENT…`, `feedback ASSIGNMENT…`, `release ASSIGNMENT…`
    """
    done = command(course, "tests.gradebook.formgrader", verb, *words, **more)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answers


# nbgrader's own queries are made anew for each gradebook that is opened, which takes longer than to ask one.
_SCORES = text(
    "SELECT assignment.name, submitted_assignment.student_id, base_cell.name, grade.auto_score FROM grade"
    " JOIN base_cell ON base_cell.id = grade.cell_id"
    " JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id"
    " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
    " JOIN assignment ON assignment.id = submitted_assignment.assignment_id"
)


def url_of(course: Path) -> str:
    """The course's own SQLite gradebook."""
    return f"sqlite:///{course / 'gradebook.db'}"


def scores(url: str) -> Scores:
    """Every automatic score in a gradebook, by assignment, student and task."""
    engine = create_engine(url)
    with engine.connect() as reading:
        found = {
            (assignment, student, task): score
            for assignment, student, task, score in reading.execute(_SCORES)
        }
    engine.dispose()
    return found
