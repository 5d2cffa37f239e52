"""Runs, grades and trains one solution in this process, on the backend that Keras takes here."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import keras

from autograder.checks import Grader, Subject, read_subject, run_checks
from autograder.course import Assignment, Course, load_course
from autograder.course.cells import PlainCell, read_cells
from autograder.course.source import read_source
from autograder.course.starter import solution
from autograder.evidence import read
from autograder.grading import GradingError
from autograder.grading.scheme import load_graders, probes_of
from autograder.graph import canonical, chosen_names, plain, read_model, with_shapes
from autograder.messages import AutograderError, message
from autograder.release.apart import documents_of
from autograder.release.solving import Probes, Solved, code_cells, limited_memory, models_in, solve
from autograder.verification.devices import Device, device_of, version_of
from autograder.verification.result import Underway, Verified
from autograder.verification.training import train
from autograder.verification.trainings import Scale, failure_of, trainings_of

Documents = Mapping[str, dict[str, Any]]
Patience = Callable[[float], AbstractContextManager[object]]


class NoAcceleratorError(AutograderError):
    """The backend has no device other than the one it names."""


def verify_here(
    course_file: Path,
    assignment_id: str,
    *,
    scale: Scale = "small",
    device: Device = "auto",
    seed: int = 0,
    mixed_bfloat16: bool = False,
    jit_compile: bool | None = None,
    listen: Callable[[Underway], None] = lambda _underway: None,
    patience: Patience = nullcontext,
) -> Verified:
    """Return what came of an assignment's solution; `listen` is called for each step of its trainings.

    Each run of the solution is in a context of `patience`, which is given the seconds that the run may take.

    Raises:
        CourseError: the course is not in order, or the solution or a training stops with an error.
        GradingError: a grader's file is wrong, or a check breaks.
        NoAcceleratorError: a GPU is asked for, and the backend finds none.
    """
    began = time.perf_counter()
    course = load_course(course_file)
    assignment = course.assignment(assignment_id)
    found, accelerated = device_of(keras.Variable(1.0))
    if device == "gpu" and not accelerated:
        raise NoAcceleratorError(found)
    grader = load_graders(course, [assignment])[assignment.id]
    read_source(course, assignment)
    cells = read_cells(course.source(assignment))
    probes = probes_of(assignment, grader)
    documents = _solved(course, assignment, cells, probes, patience).documents
    if mixed_bfloat16:
        keras.config.set_dtype_policy("mixed_bfloat16")
    trained = []
    trainings = trainings_of(course, assignment)
    steps = sum(training.size(scale).steps for training in trainings)
    before = 0
    for training in trainings:

        def told(step: int, rate: float, before: int = before) -> None:
            listen(Underway(step=before + step, steps=steps, steps_per_second=rate))

        # Each training begins with what the solution makes, not with what the last training has left.
        names = _solved(course, assignment, cells, {}, patience).names
        try:
            trained.append(train(training, names, scale, seed=seed, jit_compile=jit_compile, listen=told))
        except Exception as error:
            raise failure_of(course, assignment, training, error) from error
        before += training.size(scale).steps
    backend = keras.config.backend()
    return Verified(
        assignment=assignment_id,
        backend=backend,
        backend_version=version_of(backend),
        keras_version=keras.__version__,
        device=found,
        accelerated=accelerated,
        score=_score(assignment, grader, documents, probes),
        max_score=sum(task.points for task in assignment.checked),
        graphs=_digest(documents),
        trainings=trained,
        seconds=time.perf_counter() - began,
    )


def _solved(
    course: Course, assignment: Assignment, cells: Sequence[PlainCell], probes: Probes, patience: Patience
) -> Solved:
    """Run the solution here, under the course's limits, since training needs what it makes."""
    with patience(course.limits.notebook_seconds), limited_memory(course.limits.memory):
        return solve(course, assignment, cells, probes)


def solved_subjects(course: Course, assignment: Assignment, grader: Grader) -> dict[str, Subject]:
    """Return what an assignment's checks look at when the solution is graded, by task id.

    Raises:
        CourseError: the source notebook is not in order, or the solution stops with an error.
    """
    cells = read_cells(course.source(assignment))
    probes = probes_of(assignment, grader)
    return _subjects(
        assignment, documents_of(course, assignment, code_cells(cells, solution), probes), probes
    )


def _score(assignment: Assignment, grader: Grader, documents: Documents, probes: Probes) -> float:
    """Return the points that public and hidden checks give.

    Raises:
        GradingError: a check breaks.
    """
    results = run_checks(grader, _subjects(assignment, documents, probes))
    for result in results.values():
        if result.verdict == "broken":
            place = result.trouble.split("\n")[0]
            raise GradingError(
                message("A check stops with an error of its own; mend it there: {place}", place=place)
            )
    return sum(check.marking.points for check in grader.checks if results[check.id].verdict == "passed")


def _subjects(assignment: Assignment, documents: Documents, probes: Probes) -> dict[str, Subject]:
    """Return what a solution's checks look at; the reference beside the solution is the solution itself."""
    subjects = {task.id: _subject(task.id, documents, probes) for task in assignment.checked}
    for subject in subjects.values():
        subject.reference = _subject(subject.task, documents, probes)
    return subjects


def _subject(task: str, documents: Documents, probes: Probes) -> Subject:
    evidence = [read(json.dumps(documents[task]))] if task in documents else []
    return read_subject(task, evidence, probes.get(task, ()))


def _digest(documents: Documents) -> str:
    """Return a digest of the graphs that the solutions build, in the form compared with a learner's."""
    graphs = [
        [plain(chosen_names(canonical(with_shapes(read_model(model))))) for model in models_in(document)]
        for _, document in sorted(documents.items())
    ]
    return hashlib.sha256(json.dumps(graphs, sort_keys=True).encode()).hexdigest()[:16]
