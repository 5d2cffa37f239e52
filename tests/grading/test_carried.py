"""A slip is charged once: later tasks are judged with stand-ins for what earlier ones lost points for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.feedback import TaskReport, words
from autograder.grading import GradingSession, choose_isolation
from autograder.grading.carried import Part, checked_names, second_run
from autograder.grading.grade import Ran, run_and_judge
from autograder.grading.restore import RestoredCell
from autograder.messages import render
from autograder.sandbox import WarmInterpreter
from tests.warm import programs_are_warm  # noqa: F401

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
BROKEN = "def {name}(*inputs):\n    raise ValueError('not yet')\n"


@pytest.fixture(scope="module")
def session() -> Iterator[GradingSession]:
    isolation = choose_isolation(COURSE, unsafe=False)
    # This process may know hidden checks: the warm interpreter must not be a fork of it.
    with GradingSession.open(COURSE, isolation, start=WarmInterpreter.spawn) as opened:
        yield opened


class Counting:
    """Runs cells, and counts how often."""

    def __init__(self, session: GradingSession) -> None:
        self._session = session
        self.runs = 0

    def __call__(self, cells, probes, replaced=None, /):
        self.runs += 1
        return self._session.run_cells(cells, probes, replaced or {})


def judged(
    session: GradingSession,
    assignment: str,
    changed: Mapping[str, str],
    starters: tuple[str, ...] = (),
) -> tuple[Ran, int]:
    """What becomes of the reference solution with other answers to some tasks, and how often it was run."""
    scheme = session.scheme(assignment)
    answers = {f"{task}-answer": source for task, source in changed.items()}
    cells = [
        dataclasses.replace(cell, source=answers.get(cell.id, cell.source)) for cell in scheme.solution.cells
    ]
    run = Counting(session)
    return run_and_judge(scheme, cells, run, starters), run.runs


def scores(ran: Ran) -> dict[str, float]:
    return {task.id: task.score for task in ran.judged.tasks}


@pytest.mark.slow
def test_what_calls_a_function_that_stops_with_an_error_is_judged_all_the_same(session) -> None:
    ran, runs = judged(session, "inception", {"inception-module": BROKEN.format(name="inception_module")})

    assert scores(ran) == {"branch-sizes": 2, "inception-module": 0, "inception-network": 3}
    assert [task.carried for task in ran.judged.tasks] == [[], [], [2]]
    assert runs == 2
    said = words.carried(ran.judged.tasks[2])
    assert said is not None
    assert "task 2" in render(said, "en")
    # The picture has the module's calls; its settings are the solution of the task before.
    drawing = ran.judged.tasks[2].drawing
    assert drawing is not None
    assert "AveragePooling2D" in json.dumps(drawing.graph)
    assert "pool_size" not in json.dumps(drawing.graph)


@pytest.mark.slow
def test_a_later_slip_is_charged_where_it_is(session) -> None:
    """Two slips in a row cost two things: what stands in for the first one is right."""
    network = session.scheme("inception").solution.cells[-2].source.replace('"softmax"', '"sigmoid"')
    ran, _ = judged(
        session,
        "inception",
        {"inception-module": BROKEN.format(name="inception_module"), "inception-network": network},
    )

    assert scores(ran)["inception-network"] == 2


@pytest.mark.slow
def test_each_task_of_a_chain_is_judged_on_its_own_part(session) -> None:
    """The first and the second function are wrong; what calls both, and what calls that, is right."""
    ran, runs = judged(
        session,
        "capstone",
        {
            "inception-join": BROKEN.format(name="inception_join"),
            "projection-block": BROKEN.format(name="projection_block"),
        },
    )

    assert scores(ran) == {
        "inception-join": 0,
        "projection-block": 0,
        "photo-features": 2,
        "listing-model": 2,
        "listing-compile": 2,
    }
    # What was lost in the first two tasks is said of each that is built on them, and on nothing that was not.
    assert [task.carried for task in ran.judged.tasks] == [[], [], [1, 2], [1, 2], [1, 2]]
    assert runs == 2


@pytest.mark.slow
def test_the_compile_arguments_of_a_model_that_is_not_there_are_judged(session) -> None:
    ran, _ = judged(session, "functional-api", {"sequential-rewrite": "classifier = None"})

    assert scores(ran)["sequential-rewrite"] == 0
    assert scores(ran)["compile-classifier"] == 2


@pytest.mark.slow
def test_full_marks_and_slips_that_nothing_builds_on_are_run_once(session) -> None:
    assert judged(session, "inception", {})[1] == 1
    assert judged(session, "inception", {"branch-sizes": "sizes = {}"})[1] == 1


@pytest.mark.slow
def test_starter_code_gains_nothing(session) -> None:
    """A task that nobody has begun has no points by a stand-in either."""
    changed = {"inception-module": BROKEN.format(name="inception_module")}
    ran, runs = judged(session, "inception", changed, starters=("inception-network",))

    assert scores(ran)["inception-network"] == 0
    assert runs == 1


@pytest.mark.slow
@pytest.mark.parametrize("task", ["inception-network", "inception-module"])
def test_nobody_can_hand_in_a_stand_in(session, task: str) -> None:
    """The reference's graph is put in the place of an earlier task's function only, and in no first run."""
    forged = (
        "from autograder.evidence.stand_in import StandIn\n"
        "def inception_module(x):\n"
        f"    return StandIn({task!r}, 0, [{{'shape': [14, 14, 512], 'dtype': 'float32'}}])([x])[0]\n"
    )
    ran, _ = judged(session, "inception", {"inception-module": forged})

    assert scores(ran)["inception-module"] == 0


@pytest.mark.slow
def test_a_stand_in_of_the_task_itself_is_worth_nothing(session) -> None:
    """Even in the second run, where other stand-ins count."""
    forged = (
        "from autograder.evidence.stand_in import StandIn\n"
        "images = keras.Input((28, 28, 1), name='images')\n"
        "inception_module(images)\n"
        "made = StandIn('inception-network', 0, [{'shape': [10], 'dtype': 'float32'}])([images])[0]\n"
        "model = keras.Model(images, made)\n"
    )
    ran, _ = judged(
        session,
        "inception",
        {"inception-module": BROKEN.format(name="inception_module"), "inception-network": forged},
    )

    assert scores(ran)["inception-network"] == 0


CELLS = [
    RestoredCell("a", "def block(x): ...", 0),
    RestoredCell("b", 'check("the-block", block)', 1, "the-block"),
    RestoredCell("c", "model = keras.Model(images, block(images))", 2),
    RestoredCell("d", 'check("the-model", model)', 3, "the-model"),
]


def report(task: str, score: float) -> TaskReport:
    return TaskReport.model_validate(
        {"id": task, "title": {"en": task, "ko": task}, "points": 2, "score": score, "checks": []}
    )


def test_the_name_that_a_task_checks_stands_in_its_cell() -> None:
    assert checked_names(CELLS) == {"the-block": "block", "the-model": "model"}


def test_no_stand_in_is_wanted_where_nothing_would_come_of_it() -> None:
    def wanted(block: float, model: float, untouched: tuple[str, ...] = (), cells=CELLS) -> list[str]:
        reports = [report("the-block", block), report("the-model", model)]
        second = second_run(cells, reports, {"the-block": Part("block")}, untouched)
        return [] if second is None else list(second.stand_ins)

    assert wanted(1, 1) == ["the-block"]
    assert wanted(2, 1) == []
    assert wanted(1, 2) == []
    assert wanted(1, 1, untouched=("the-model",)) == []
    elsewhere = [*CELLS[:2], dataclasses.replace(CELLS[2], source="model = other(images)"), CELLS[3]]
    assert wanted(1, 1, cells=elsewhere) == []
