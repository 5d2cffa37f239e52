"""Worked cases of marks: what the graders give for slips, and that it is what a fair teacher gives."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator

import pytest

from autograder.audit.examiner import Examiner
from autograder.course.source import read_source
from autograder.course.starter import starter
from autograder.course.tags import answer_of
from autograder.feedback import TaskReport
from autograder.grading import GradingSession, choose_isolation
from autograder.grading.carried import checked_names
from autograder.grading.judge import judge, subjects_of
from autograder.grading.restore import RestoredCell
from autograder.messages import render
from autograder.sandbox import WarmInterpreter
from benchmarks.marks import Case, graded, lost, read_cases
from tests.graders.test_public import COURSE

pytestmark = pytest.mark.slow

CASES = read_cases()
# Points of ten. What is measured is in `benchmarks/results.json`; more would not be fair.
FAR = 0.5


@pytest.fixture(scope="module")
def session() -> Iterator[GradingSession]:
    isolation = choose_isolation(COURSE, unsafe=False)
    # This process may know hidden checks: the warm interpreter must not be a fork of it.
    with GradingSession.open(COURSE, isolation, start=WarmInterpreter.spawn) as opened:
        yield opened


def _place(case: Case) -> str:
    return f"{case.assignment}: {case.slip}"


@pytest.fixture(scope="module")
def judged(session: GradingSession) -> dict[str, list[TaskReport]]:
    """What the grader says of every case's tasks."""
    return {_place(case): graded(case, session) for case in CASES}


def test_every_slip_costs_what_is_written_beside_it(judged: dict[str, list[TaskReport]]) -> None:
    """`gives` in `benchmarks/marks.yml`; a change of it is a change of marks, and is decided there."""
    found = {place: lost(tasks) for place, tasks in judged.items()}

    assert found == {_place(case): dict(case.gives) for case in CASES}


def test_the_first_message_is_the_cause(judged: dict[str, list[TaskReport]]) -> None:
    """`first` in `benchmarks/marks.yml`, where a slip has one: also where a derived fact is what fails."""
    wanted = {_place(case): case.first for case in CASES if case.first}
    found = {place: _first(judged[place]) for place in wanted}

    assert {place: said for place, said in found.items() if wanted[place] not in said} == {}


def _first(tasks: list[TaskReport]) -> str:
    checks = [check for task in tasks for check in task.checks if check.failure is not None]
    return render(checks[0].failure.rationale, "en")


def test_the_marks_are_fair() -> None:
    """On average they are no more than half a point of ten from the nearest one that can be defended."""
    points = {assignment.id: assignment.points for assignment in COURSE.assignments}
    tasks = {task.id: task.points for assignment in COURSE.assignments for task in assignment.tasks}
    gaps = [
        case.gap(points[case.assignment] - sum(tasks[task] - score for task, score in case.gives.items()))
        for case in CASES
    ]

    assert statistics.mean(gaps) <= FAR


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_the_starter_code_beside_right_answers_has_no_points(assignment, session: GradingSession) -> None:
    """Whoever has solved all other tasks gets for the starter code what `stub_scores` says, and no more."""
    examiner = Examiner(session.scheme(assignment.id), session)
    sources = {cell.id: cell.source for cell in read_source(COURSE, assignment).cells}
    scored = {}
    for task in assignment.tasks:
        answer = answer_of(task.id)
        tasks = examiner.of_sources({answer: starter(sources[answer])}).judged.tasks
        scored[task.id] = next(one.score for one in tasks if one.id == task.id) - task.stub_scores

    assert {task: score for task, score in scored.items() if score > 0} == {}


# The same network with the same losses and weights: that much of it is right, whoever has compiled it.
RIGHT_IN_PART = {"compile-by-name": "by_list"}


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_the_answer_to_another_task_has_no_points(assignment, session: GradingSession) -> None:
    """Each answer is handed in for each later task, all of them in one run of the solved notebook."""
    scheme = session.scheme(assignment.id)
    cells: list[RestoredCell] = []
    handed_in: list[tuple[str, str, int]] = []
    names = checked_names(scheme.solution.cells)
    earlier: list[str] = []
    for cell in scheme.solution.cells:
        cells.append(cell)
        if cell.task not in names:
            continue
        name = names[cell.task]
        for other in earlier:
            if other == name or RIGHT_IN_PART.get(cell.task) == other:
                continue
            # The answer itself is put back: later tasks stand on it.
            swapped = dataclasses.replace(cell, task=None, source=f"{name}, its_own = {other}, {name}")
            cells += [swapped, cell, dataclasses.replace(swapped, source=f"{name} = its_own")]
            handed_in.append((cell.task, other, len(cells) - 2))
        earlier.append(name)
    run = session.run_cells(cells, scheme.probes)

    assert {cell.state for cell in run.cells} == {"ok"}
    scored = {}
    for task_id, other, place in handed_in:
        only = assignment.model_copy(update={"tasks": (assignment.task(task_id),)})
        as_handed_in = [
            cell if number == place else dataclasses.replace(cell, task=None)
            for number, cell in enumerate(cells)
        ]
        subjects = subjects_of(only, as_handed_in, run, scheme.probes, scheme.references)
        (task,) = judge(only, scheme.grader, subjects).tasks
        if task.score > assignment.task(task_id).stub_scores:
            scored[f"{names[task_id]} = {other}"] = task.score

    assert scored == {}
