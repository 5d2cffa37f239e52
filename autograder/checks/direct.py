"""Running a task's checks without pytest, whose session takes longer to begin than most of them to run."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from functools import partial

from autograder.checks.grader import Grader
from autograder.checks.result import Gate, Result, result_of
from autograder.checks.subject import Subject


def run_checks(grader: Grader, task: str, subject: Subject) -> Mapping[str, Result]:
    """The results of a task's own checks, by check id: what a session of pytest would make of them.

    A check of a task takes that task's subject and nothing else; one that takes more is broken here.
    """
    gate = Gate({task: subject})
    for check in grader.of_task(task):
        error: Exception | None = None
        began = time.perf_counter()
        try:
            gate.admit(check.marking)
            check.function(subject)
        except Exception as raised:
            error = raised
        seconds = time.perf_counter() - began
        gate.results[check.id] = result_of(error, partial(_written, error), seconds)
    return grader.said(gate.results)


def _written(error: Exception | None) -> str:
    return "".join(traceback.format_exception(error)) if error is not None else ""
