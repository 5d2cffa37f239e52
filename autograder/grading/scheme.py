"""What grading an assignment needs, made ready once: cells, grader, the reference's graphs."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.checks import Grader, GraderError, Subject, load_grader
from autograder.course import Afterwards, Assignment, Course, afterwards_of, probe_inputs
from autograder.course.fingerprint import fingerprint
from autograder.grading.judge import error_text, subjects_of
from autograder.grading.recognise import GivenOut, given_out
from autograder.grading.restore import RestoredCell, restore
from autograder.grading.submission import GradingError
from autograder.messages import Message, message
from autograder.sandbox import CellSource, Level, Limits, Request, Run, WarmInterpreter


@dataclass(frozen=True)
class Solution:
    """An assignment's reference solution: its code cells, and what running them has left."""

    cells: Sequence[RestoredCell]
    run: Run


@dataclass(frozen=True)
class Scheme:
    """An assignment's marking scheme: everything that grading one of its submissions needs.

    `references` are the subjects that the solution's run has left; `fingerprint` is the digest of what the
    scheme was made from.
    """

    assignment: Assignment
    source: GivenOut
    grader: Grader
    solution: Solution
    references: Mapping[str, Subject]
    probes: Mapping[str, list[list[dict[str, Any]]]]
    afterwards: Afterwards | None = None
    fingerprint: str = ""


def load_graders(course: Course, assignments: Iterable[Assignment]) -> dict[str, Grader]:
    """The graders of those assignments of a course, checked against `course.yml`.

    Raises:
        CourseError: a catalogue of the course cannot be read.
        GradingError: a grader's file is wrong, or its points are not the tasks' points.
    """
    graders = {}
    for assignment in assignments:
        try:
            grader = load_grader(course, assignment, hidden=True)
        except GraderError as error:
            raise GradingError(*error.messages) from error
        known = {task.id for task in assignment.tasks}
        for check in grader.checks:
            if check.marking.task not in known:
                raise GradingError(
                    message(
                        "The check {check} belongs to the task `{task}`, which `{assignment}` does not have "
                        "in course.yml.",
                        check=check.id,
                        task=check.marking.task,
                        assignment=assignment.id,
                    )
                )
        for task in assignment.tasks:
            if abs(grader.points(task.id) - task.points) > 1e-9:
                raise GradingError(
                    message(
                        "The checks of `{task}` are worth {found} points together; course.yml says {wanted}.",
                        task=task.id,
                        found=grader.points(task.id),
                        wanted=task.points,
                    )
                )
        graders[assignment.id] = grader
    return graders


def probes_of(assignment: Assignment, grader: Grader) -> dict[str, list[list[dict[str, Any]]]]:
    """The inputs that each task's function is called on: public ones, then the grader's hidden ones."""
    probes = {}
    for task in assignment.tasks:
        hidden = [[item.request for item in probe_inputs(probe)] for probe in grader.probes.get(task.id, ())]
        if wanted := task.requests + hidden:
            probes[task.id] = wanted
    return probes


def limits_of(course: Course) -> Limits:
    """The limits of `course.yml` as the sandbox takes them."""
    limits = course.limits
    return Limits(
        cell_seconds=limits.cell_seconds,
        notebook_seconds=limits.notebook_seconds,
        memory_bytes=limits.memory,
        processes=limits.processes,
        output_bytes=limits.output,
        file_bytes=limits.file_size,
    )


def run_cells(
    warm: WarmInterpreter,
    cells: Sequence[RestoredCell],
    probes: Mapping[str, list[list[dict[str, Any]]]],
    limits: Limits,
    level: Level,
) -> Run:
    """Run a notebook's code cells in a jailed fork of the warm interpreter."""
    sources = [
        CellSource(index=number, id=cell.id, source=cell.source, task=cell.task)
        for number, cell in enumerate(cells)
    ]
    return warm.run(Request(cells=sources, probes=dict(probes), limits=limits, level=level))


def prepare(
    course: Course, graders: Mapping[str, Grader], warm: WarmInterpreter, level: Level
) -> dict[str, Scheme]:
    """The marking schemes of those graders' assignments; runs each reference solution once.

    Raises:
        CourseError: a source notebook is missing or not in order.
        GradingError: a reference solution does not run.
    """
    # The first comparison that finds a difference would import it, in every worker anew.
    importlib.import_module("scipy.optimize")
    return {
        assignment_id: _scheme(course, course.assignment(assignment_id), grader, warm, level)
        for assignment_id, grader in graders.items()
    }


def _scheme(
    course: Course, assignment: Assignment, grader: Grader, warm: WarmInterpreter, level: Level
) -> Scheme:
    # nbformat takes a second to import: only those pay who grade.
    from autograder.course.release import released
    from autograder.course.source import read_source

    notebook = read_source(course, assignment)
    restored = restore(notebook, given_out(notebook), [task.id for task in assignment.tasks])
    probes = probes_of(assignment, grader)
    run = run_cells(warm, restored.cells, probes, limits_of(course), level)
    references = subjects_of(assignment, restored.cells, run, {})
    for task_id, subject in references.items():
        reason = _trouble(subject, run)
        if reason is not None:
            raise GradingError(
                message(
                    "The reference solution of `{assignment}` does not solve `{task}`: {reason}",
                    assignment=assignment.id,
                    task=task_id,
                    reason=reason,
                )
            )
    source = given_out(released(course, assignment, course.languages[0]))
    graded_by = fingerprint(course, assignment)
    return Scheme(
        assignment,
        source,
        grader,
        Solution(restored.cells, run),
        references,
        probes,
        afterwards_of(notebook),
        graded_by,
    )


def _trouble(subject: Subject, run: Run) -> Message | None:
    if subject.absence is not None:
        return next(
            (said for cell in run.cells if (said := error_text(cell)) is not None), subject.absence.rationale
        )
    for model in subject.models:
        if model.failure is not None and model.value is None:
            return model.failure.found or model.failure.rationale
    return None
