"""Verifying one solution, in a process of its own: `python -m autograder.verification.process`.

A backend is chosen before Keras is imported, and memory is counted for one solution at a time. A request
comes as JSON on standard input, the answer goes as JSON to standard output.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from autograder.verification.devices import Device
from autograder.verification.lessons import Scale
from autograder.verification.result import Trouble, Verified


class NoAcceleratorError(Exception):
    """The backend has no other device than the CPU."""


def verify(
    course_file: Path,
    assignment_id: str,
    *,
    scale: Scale,
    device: Device,
    seed: int,
    mixed: bool,
    jit: bool | None,
) -> Verified:
    """Run, grade and train the solution of an assignment on the backend that Keras takes here."""
    import keras

    from autograder.checks import Subject, load_grader, read_subject
    from autograder.checks.direct import run_checks
    from autograder.course import load_course
    from autograder.course.cells import read_cells
    from autograder.evidence import read
    from autograder.grading.scheme import probes_of
    from autograder.grading.solving import solve
    from autograder.verification.devices import device_of, version_of
    from autograder.verification.lessons import lessons_of
    from autograder.verification.training import train

    began = time.perf_counter()
    course = load_course(course_file)
    assignment = course.assignment(assignment_id)
    grader = load_grader(assignment_id, hidden=True)
    cells = read_cells(course.source(assignment))
    probes = probes_of(assignment, grader)
    name, accelerated = device_of(keras.Variable(1.0))
    if device == "gpu" and not accelerated:
        raise NoAcceleratorError(name)
    solved = solve(course, assignment, cells, probes)
    score = 0.0
    for task in assignment.tasks:
        subject, reference = (_subject(task.id, solved.documents, read_subject, read) for _ in range(2))
        subject.reference = reference
        assert isinstance(subject, Subject)
        results = run_checks(grader, task.id, subject)
        score += sum(
            check.marking.points for check in grader.of_task(task.id) if results[check.id].verdict == "passed"
        )
    if mixed:
        keras.config.set_dtype_policy("mixed_bfloat16")
    trainings = []
    for lesson in lessons_of(assignment_id):
        # Each training begins with what the solution makes, and not with what the last one has left.
        names = solve(course, assignment, cells, {}).names
        trainings.append(train(lesson, names, scale, seed=seed, jit_compile=jit))
    return Verified(
        assignment=assignment_id,
        backend=keras.config.backend(),
        backend_version=version_of(keras.config.backend()),
        keras_version=keras.__version__,
        device=name,
        accelerated=accelerated,
        score=score,
        max_score=sum(task.points for task in assignment.tasks),
        graphs=_digest(solved.documents),
        trainings=trainings,
        seconds=time.perf_counter() - began,
    )


def _subject(task: str, documents: Mapping[str, dict[str, Any]], read_subject: Any, read: Any) -> Any:
    return read_subject(task, [read(json.dumps(documents[task]))])


def _digest(documents: Mapping[str, dict[str, Any]]) -> str:
    """The digest of the graphs that the tasks' solutions build, as they are compared with a learner's."""
    from autograder.grading.solving import models_in
    from autograder.graph import canonical, chosen_names, plain, read_model, with_shapes

    graphs = [
        [plain(chosen_names(canonical(with_shapes(read_model(model))))) for model in models_in(document)]
        for _, document in sorted(documents.items())
    ]
    return hashlib.sha256(json.dumps(graphs, sort_keys=True).encode()).hexdigest()[:16]


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    answer: Verified | Trouble
    # What backends print while they train is not the answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with redirect_stdout(sys.stderr):
        try:
            answer = verify(
                Path(request["course"]),
                request["assignment"],
                scale=request["scale"],
                device=request["device"],
                seed=request["seed"],
                mixed=request["mixed"],
                jit=request["jit"],
            )
        except NoAcceleratorError as error:
            answer = Trouble(assignment=request["assignment"], error=str(error), no_accelerator=True)
        except Exception as error:
            said = f"{type(error).__name__}: {error}".strip().split("\n")[0]
            answer = Trouble(assignment=request["assignment"], error=said)
    out.write(json.dumps({"kind": type(answer).__name__, **answer.model_dump()}))
    out.flush()


if __name__ == "__main__":
    main()
