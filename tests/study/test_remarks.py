"""What a card says at its foot: hints, what was better before, how far the notebook is, what comes next."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import Course, load_course
from autograder.messages import render
from autograder.study import memory
from autograder.study.known import Known
from autograder.study.memory import Memory, remember
from autograder.study.remarks import remarks_on
from tests.feedback import builders

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(memory, "_unwritten", {})
    return load_course(ROOT / "course.yml")


def foot(course: Course, task_id: str, *, score: float, worth: dict[str, float] | None = None) -> list[str]:
    """What stands at the foot of a task's card; `worth` is what the checks of a class's notebook give."""
    assignment, task = course.find_task(task_id)
    grader: Any = SimpleNamespace(points=(worth or {}).__getitem__)
    target: Any = None
    known = Known(course, assignment, task, grader, target, gradable=worth is None)
    verdict = "passed" if score else "failed"
    report = builders.task([builders.check("it", verdict, points=task.points)])
    report = report.model_copy(update={"id": task_id, "score": score, "points": task.points})
    return [render(said, "en") for said in remarks_on(report, known, "en").foot]


def full(course: Course, *assignments: str) -> Memory:
    """Full marks for whole assignments."""
    return Memory(
        best={task.id: task.points for name in assignments for task in course.assignment(name).tasks}
    )


def test_who_has_no_points_yet_is_told_nothing(course: Course) -> None:
    assert foot(course, "branch-sizes", score=0) == []


def test_how_far_the_notebook_is(course: Course) -> None:
    remember(course, Memory(best={"branch-sizes": 2.0, "inception-module": 4.5}))

    assert foot(course, "branch-sizes", score=2) == [
        "This notebook: full marks for 1 of 3 tasks, 6.5 of 10 points."
    ]


def test_a_text_is_no_task_that_is_left_to_do_here(course: Course) -> None:
    """Its points come after handing in, from a person."""
    inception = course.assignment("inception")
    text = inception.tasks[-1].model_copy(update={"expects": "text"})
    tasks = (*inception.tasks[:-1], text)
    others = [one for one in course.assignments if one.id != inception.id]
    made = course.model_copy(update={"assignments": (inception.model_copy(update={"tasks": tasks}), *others)})
    remember(made, Memory(best={"branch-sizes": 2.0}))
    points = f"{text.points:g}"

    assert foot(made, "branch-sizes", score=2) == [
        f"This notebook: full marks for 1 of 2 tasks, 2 of {10 - text.points:g} points.",
        f"After you hand in, a person grades “{text.title.in_language('en')}” ({points} points).",
    ]


def test_a_better_score_of_before_is_said(course: Course) -> None:
    remember(course, Memory(best={"branch-sizes": 2.0}, hints={"branch-sizes": 1}))

    assert foot(course, "branch-sizes", score=0)[0] == "Your best score for this task: 2 of 2 points."
    assert foot(course, "branch-sizes", score=2)[0] == "Hints used for this task: 1 of 3."


def test_with_the_last_full_marks_comes_the_next_assignment(course: Course) -> None:
    """One that presupposes what was left out waits for it: `inception` wants `multi-input`, too."""
    remember(course, full(course, "functional-api", "multi-output", "loss-weights"))

    assert foot(course, "compile-by-name", score=4)[1:] == [
        "Next assignment: “Two inputs, one answer: a text and a question” (`multi-input`)."
    ]
    assert foot(course, "compile-by-name", score=0)[1:] == [
        "This notebook: full marks for 3 of 3 tasks, 10 of 10 points."
    ]


def test_who_has_done_everything_is_told_so(course: Course) -> None:
    remember(course, full(course, *(assignment.id for assignment in course.assignments)))

    assert foot(course, "branch-sizes", score=2)[1:] == [
        "You have full marks for every assignment of this course."
    ]


def test_in_a_class_what_the_notebooks_checks_give_counts(course: Course) -> None:
    """The rest is graded after handing in: nobody is told that full marks are missing."""
    worth = {"branch-sizes": 2.0, "inception-module": 2.0, "inception-network": 1.0}
    remember(course, Memory(best={"branch-sizes": 2.0, "inception-module": 2.0, "sequential-rewrite": 1.0}))
    assert foot(course, "branch-sizes", score=2, worth=worth) == [
        "This notebook: 4 of 10 points so far; its checks are worth 5."
    ]

    remember(course, Memory(best={"inception-network": 1.0, "two-inputs": 1.0, "three-heads": 1.0}))
    assert foot(course, "branch-sizes", score=2, worth=worth) == [
        "This notebook: 5 of 10 points so far; its checks are worth 5.",
        f"Next assignment: “{course.assignment('residual-identity').title.in_language('en')}” "
        "(`residual-identity`).",
    ]
