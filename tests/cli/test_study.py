"""Studying alone in the terminal: hints, how far one is, and a notebook as it was given out."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from autograder.course import load_course

ROOT = Path(__file__).parents[2]


def test_hints_are_counted_from_one_command_to_the_next(run) -> None:
    said = [run("hint", "branch-sizes").stdout.split(":")[0] for _ in range(4)]

    assert said == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "That was the last hint (of 3); here it is again",
    ]
    listed = json.loads(run("list", "--json").stdout)["assignments"]
    assert {one["id"]: one["hints"] for one in listed if one["hints"]} == {"inception": 3}


def test_a_hint_is_in_the_readers_language(run) -> None:
    assert run("hint", "branch-sizes", "--lang", "ko").stdout.startswith("힌트 1/3: ")


def test_a_hint_for_no_task_is_told_the_tasks(run) -> None:
    done = run("hint", "branches")

    assert done.returncode == 2
    assert "`branches`" in done.stderr
    assert "`branch-sizes`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_best_score_of_a_check_is_listed(run) -> None:
    notebook = ROOT / "examples/class/submitted/jung-haeun/inception/inception.ipynb"
    run("check", notebook)

    listed = {one["id"]: one for one in json.loads(run("list", "--json").stdout)["assignments"]}
    assert 0 < listed["inception"]["score"] < listed["inception"]["points"]
    assert listed["capstone"]["score"] is None
    tasks = {task["id"]: task for task in listed["inception"]["tasks"]}
    assert sum(task["score"] for task in tasks.values()) == listed["inception"]["score"]
    said = run("list").stdout
    assert "8 / 10" in said
    assert re.search(r"^  inception-module .* 3 / 5", said, re.MULTILINE)


def test_the_list_says_what_comes_after_what_and_which_tasks_there_are(run) -> None:
    """In the course's order; a task's id is what `hint` and `check` take."""
    course = load_course(ROOT / "course.yml")
    listed = json.loads(run("list", "--json").stdout)["assignments"]
    said = run("list", "--lang", "en").stdout

    assert [one["id"] for one in listed] == [assignment.id for assignment in course.assignments]
    assert [one["presupposes"] for one in listed] == [[*one.presupposes] for one in course.assignments]
    places = [said.index(f"  {task.id} ") for assignment in course.assignments for task in assignment.tasks]
    assert places == sorted(places)
    assert "(after functional-api)" in said


@pytest.mark.slow
def test_reset_keeps_what_was_there(run, tmp_path: Path) -> None:
    for name in ("solutions", "graders", "assignments"):
        shutil.copytree(ROOT / name, tmp_path / "course" / name)
    shutil.copy(ROOT / "course.yml", tmp_path / "course")
    notebook = tmp_path / "course/assignments/en/inception/inception.ipynb"
    given_out = notebook.read_bytes()
    notebook.write_text("my work")

    done = run("reset", "inception", cwd=tmp_path / "course")

    assert done.returncode == 0, done.stderr
    assert notebook.read_bytes() == given_out
    (kept,) = notebook.parent.glob("inception-kept-*.ipynb")
    assert kept.read_text() == "my work"
    assert kept.name in done.stdout
