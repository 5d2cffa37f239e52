"""What a learner's kernel knows of a task: its checks, its target as far as it may be shown, its stub."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.course.starter import text_digest
from autograder.study.known import Target, known_of, target_of, was_changed

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT / "course.yml")


@pytest.mark.parametrize(
    "task_id", [task.id for assignment in COURSE.assignments for task in assignment.tasks]
)
def test_no_more_is_known_than_may_be_shown(
    task_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what is kept back, and of an outline no setting."""
    assignment, task = COURSE.find_task(task_id)
    shutil.copy(COURSE.released_checks(assignment, "en"), tmp_path)
    monkeypatch.chdir(tmp_path)
    known = known_of(task_id, "en")
    models = known.target.target.models if known.target.target is not None else []

    assert known.task == task
    assert known.grader.of_task(task_id)
    assert all(check.public for check in known.grader.checks)
    assert bool(models) is (task.target != "nothing")
    assert known.target.in_outline is (task.target == "outline")
    if task.target == "outline":
        for model in models:
            assert model.graph is not None
            assert not any(operation.settings for operation in model.graph.operations.values())
            assert {call.activation for call in model.graph.calls} == {None}


@pytest.mark.parametrize("entry", [None, {}, 3, [], {"starter": 1, "cell": 2}, {"target": {"graphs": 3}}])
def test_what_cannot_be_read_is_nothing_known(entry: object) -> None:
    assert target_of("inception-module", entry) == Target()  # type: ignore[arg-type]


def test_a_check_is_executed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "assignments" / "en" / "inception")
    first, second = (known_of("branch-sizes", "en") for _ in range(2))

    assert first.grader is second.grader


STARTER = "def build(x):\n    return x"
CHECK = 'check("build", build)'


def test_the_cell_that_made_what_is_checked_decides() -> None:
    digest = text_digest(STARTER)

    assert not was_changed(digest, ["import keras", f"\n{STARTER}\n", CHECK])
    assert was_changed(digest, [STARTER, "def build(x):\n    return 1 * x", CHECK])
    assert not was_changed(digest, ["def build(x):\n    return 1 * x", STARTER, CHECK])


def test_a_cell_that_only_changes_what_an_earlier_one_has_made_is_the_task_s_own() -> None:
    """In a notebook that nobody has begun, no task counts as begun: `compile` makes nothing new."""
    made, compiled = "model = keras.Model(x, y)", "model.compile(loss='mse')"
    check = "check('compile-model', model)"

    assert not was_changed(text_digest(compiled), [made, compiled, check])
    assert was_changed(text_digest(compiled), [made, "model.compile(loss='mae')", check])


def test_other_cells_do_not() -> None:
    assert not was_changed(text_digest(STARTER), [STARTER, "builder = 3", "print(build)", CHECK])


def test_where_nothing_is_known_nothing_was_changed() -> None:
    """No history (a script), no such cell in it, or no digest."""
    assert not was_changed(text_digest(STARTER), [])
    assert not was_changed(text_digest(STARTER), [CHECK])
    assert not was_changed(None, ["def build(x):\n    return 1 * x", CHECK])
