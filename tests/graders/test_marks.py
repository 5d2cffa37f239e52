"""Worked cases of marks: what the graders give for slips, and that it is what a fair teacher gives."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from itertools import takewhile
from types import MappingProxyType

import pytest

from autograder.course.source import read_source
from autograder.course.starter import starter
from autograder.course.tags import answer_of
from autograder.feedback import TaskReport
from autograder.grading import GradingSession, Scheme
from autograder.grading.carried import Replacements, checked_names
from autograder.grading.grade import run_and_judge
from autograder.grading.judge import Probes, judge, subjects_of
from autograder.grading.restore import RestoredCell
from autograder.messages import render
from autograder.sandbox import Run
from benchmarks.marks import Case, lost, read_cases
from tests.graders.test_public import COURSE

pytestmark = pytest.mark.slow

CASES = read_cases()
# Points of ten. What is measured is in `benchmarks/results.json`; more would not be fair.
FAR = 0.5


def _place(case: Case) -> str:
    return f"{case.assignment}: {case.slip}"


@pytest.fixture(scope="module")
def judged(session: GradingSession) -> dict[str, list[TaskReport]]:
    """What the grader says of every case's tasks."""
    return {_place(case): _judged(case, session) for case in CASES}


def _judged(case: Case, session: GradingSession) -> list[TaskReport]:
    """Return what the grader says of a case's tasks.

    Up to the slip all cells are the reference's, and what they hand in is what its run has handed in. To look
    at it anew for each of a hundred slips would take half as long again; `make bench-marks` does.
    """
    scheme = session.scheme(case.assignment)
    cells = case.cells(scheme)
    known = {result.index: result.evidence for result in scheme.solution.run.cells}
    before = list(takewhile(lambda number: cells[number] is scheme.solution.cells[number], range(len(cells))))
    handed_in = {number for number in before if cells[number].task is not None}

    def run_cells(
        cells: Sequence[RestoredCell], probes: Probes, replacements: Replacements = MappingProxyType({}), /
    ) -> Run:
        sources = [
            dataclasses.replace(cell, source="pass") if number in handed_in else cell
            for number, cell in enumerate(cells)
        ]
        run = session.run_cells(sources, probes, replacements)
        results = [
            dataclasses.replace(result, evidence=known[result.index]) if result.index in handed_in else result
            for result in run.cells
        ]
        return dataclasses.replace(run, cells=results)

    return run_and_judge(scheme, cells, run_cells).judged.tasks


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
    """Whoever has solved the tasks before gets for the starter code what `stub_scores` says, and no more.

    One run tries all tasks: each is solved when its starter code has been checked.
    """
    scheme = session.scheme(assignment.id)
    sources = {cell.id: cell.source for cell in read_source(COURSE, assignment).cells}
    answers = {answer_of(task.id): task.id for task in assignment.checked}
    cells: list[RestoredCell] = []
    places: dict[str, int] = {}
    solved: list[RestoredCell] = []
    for cell in scheme.solution.cells:
        if cell.id in answers:
            cells += solved
            cells.append(dataclasses.replace(cell, source=starter(sources[cell.id])))
            solved = [cell]
        elif cell.task is not None:
            # Nobody looks at what is handed in for the other tasks, nor at this one's again.
            places[cell.task] = len(cells)
            cells += [cell, *solved]
            solved = []
        else:
            cells.append(cell)
            if solved:
                solved.append(cell)
    run = session.run_cells(cells, scheme.probes)

    assert run.ended is None
    assert {*places} == {*answers.values()}
    scored = {
        task: score - assignment.task(task).stub_scores
        for task, place in places.items()
        for score in [_score(scheme, task, cells, place, run)]
    }

    assert {task: score for task, score in scored.items() if score > 0} == {}


def _score(scheme: Scheme, task: str, cells: Sequence[RestoredCell], place: int, run: Run) -> float:
    """The points of a task for what is handed in by the cell in a place."""
    only = scheme.assignment.model_copy(update={"tasks": (scheme.assignment.task(task),)})
    handed_in = [
        cell if number == place else dataclasses.replace(cell, task=None) for number, cell in enumerate(cells)
    ]
    subjects = subjects_of(only, handed_in, run, scheme.probes, scheme.references)
    (report,) = judge(only, scheme.grader, subjects).tasks
    return report.score


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
        score = _score(scheme, task_id, cells, place, run)
        if score > assignment.task(task_id).stub_scores:
            scored[f"{names[task_id]} = {other}"] = score

    assert scored == {}
