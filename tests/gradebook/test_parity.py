"""nbgrader's command, Formgrader's button and `autograder grade --gradebook` give the same, task by task."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from autograder.course import load_course
from autograder.feedback import read_report, report_paths
from tests.gradebook.courses import (
    EXAMPLES,
    ROOT,
    Scores,
    formgrader,
    grade,
    hand_in,
    make_course,
    nbgrader,
    scores,
    url_of,
)

pytestmark = pytest.mark.slow

ASSIGNMENTS = [assignment.id for assignment in load_course(ROOT / "course.yml").assignments]
# Of the class: who has full marks in every assignment, and in some of them one with less and one who has not
# begun. nbgrader takes seconds for each submission; `make bench-gradebook` compares more of them.
LEARNERS = {
    "kim-seoyeon": ASSIGNMENTS,
    "jung-haeun": ["multi-output", "inception", "capstone"],
    "lee-minjun": ["loss-weights", "inception", "model-as-layer"],
}
# The button runs the command, a student at a time: each student of one assignment will do.
PRESSED = "inception"


@cache
def expected(name: str) -> dict[str, Any]:
    """What is written beside the submissions of a folder of examples."""
    return YAML(typ="safe").load((EXAMPLES / name / "expected.yml").read_text(encoding="utf-8"))


EXPECTED = {
    "class": {
        student: {assignment: expected("class")[student][assignment] for assignment in assignments}
        for student, assignments in LEARNERS.items()
    },
    "accidents": expected("accidents"),
}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole course generated, and every submission of the examples handed in."""
    course = make_course(tmp_path_factory.mktemp("handed-in") / "course")
    answers = formgrader(course, "generate", *ASSIGNMENTS)
    assert [answer["success"] for answer in answers] == [True] * len(ASSIGNMENTS), answers
    # Somebody's loop runs into it, each time that the class is graded; a solution might on a busy machine.
    text = (course / "course.yml").read_text(encoding="utf-8")
    assert "cell_seconds: 10" in text
    (course / "course.yml").write_text(text.replace("cell_seconds: 10", "cell_seconds: 2"), encoding="utf-8")
    for students in EXPECTED.values():
        for student, entries in students.items():
            for assignment in entries:
                hand_in(course, student, assignment)
    return course


Graded = tuple[Path, Scores]


@pytest.fixture(scope="module")
def graded(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graded]:
    """The course graded one way, once, and every score in its gradebook."""
    kept: dict[str, Graded] = {}

    def once(way: str) -> Graded:
        if way not in kept:
            course = shutil.copytree(handed_in, tmp_path_factory.mktemp(way) / "course")
            _WAYS[way](course)
            kept[way] = course, scores(url_of(course))
        return kept[way]

    return once


def by_command(course: Path) -> None:
    done = nbgrader(course, "autograde", "*")
    assert done.returncode == 0, done.stderr


def by_button(course: Path) -> None:
    submitted = sorted(place.parent.name for place in (course / "submitted").glob(f"*/{PRESSED}"))
    answers = formgrader(course, "autograde", *(f"{PRESSED}/{student}" for student in submitted))
    failed = [answer for answer in answers if not answer["success"]]
    assert failed == []


def directly(course: Path) -> None:
    done = grade(course, "--output", course / "out")
    assert done.returncode == 0, done.stderr


_WAYS = {"command": by_command, "button": by_button, "direct": directly}


@pytest.mark.parametrize("way", _WAYS)
def test_every_submission_gets_what_is_written_beside_it(graded, way: str) -> None:
    found = graded(way)[1]
    points = {
        task.id: assignment.id
        for assignment in load_course(ROOT / "course.yml").assignments
        for task in assignment.tasks
    }
    wanted = {}
    for students in EXPECTED.values():
        for student, entries in students.items():
            for assignment, said in entries.items():
                if way == "button" and assignment != PRESSED:
                    continue
                tasks = [task for task, owner in points.items() if owner == assignment]
                given = said.get("scores", dict.fromkeys(tasks, 0))
                wanted |= {(assignment, student, task): float(given[task]) for task in tasks}

    assert found == wanted


def test_three_ways_give_equal_scores(graded) -> None:
    commanded, pressed = graded("command")[1], graded("button")[1]

    assert commanded == graded("direct")[1]
    assert pressed == {key: score for key, score in commanded.items() if key[0] == PRESSED}


def test_three_ways_leave_the_same_notebooks(graded) -> None:
    """Byte for byte, but for what a learner's own code prints differently from run to run."""
    places = {way: graded(way)[0] / "autograded" for way in _WAYS}
    notebooks = {
        way: {path.relative_to(place): path.read_bytes() for path in place.rglob("*.ipynb")}
        for way, place in places.items()
    }

    direct = notebooks["direct"]
    pressed = {name: text for name, text in direct.items() if name.parts[1] == PRESSED}
    assert len(pressed) >= len(EXPECTED["accidents"])
    for way, wanted in {"command": direct, "button": pressed}.items():
        assert notebooks[way].keys() == wanted.keys(), way
        assert [str(name) for name, text in notebooks[way].items() if text != wanted[name]] == [], way


def test_the_reports_say_what_the_gradebook_says(graded) -> None:
    course, found = graded("direct")
    reports = [read_report(path) for path in report_paths(course / "out")]

    assert {
        (report.assignment, report.student, task.id): task.score
        for report in reports
        for task in report.tasks
    } == found
