"""Runs a grader's checks on a submission's subjects: in grading and in a learner's kernel alike.

A check is a plain function of its task's subject (`marking.definitions` refuses any other), so it is called,
and no session of pytest stands around it. `pytest graders` tries the same functions on the reference solution
(`verification.pytest_plugin`).
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.checks.grader import Grader, in_every_language
from autograder.checks.marking import CheckDefinition, in_a_line, line_in, shown
from autograder.checks.subject import Subject
from autograder.checks.verdict import CheckFailure, Failure, NothingSeen, Verdict


@dataclass(frozen=True)
class Result:
    """What one check did. `trouble` is for the author: where a broken check stops, then the traceback."""

    verdict: Verdict
    failure: Failure | None = None
    trouble: str = ""
    seconds: float = 0.0


def run_checks(grader: Grader, subjects: Mapping[str, Subject]) -> dict[str, Result]:
    """Return the results of the checks of those tasks, by check id.

    A check whose `needs` did not all pass is skipped, and so is one that has nothing to look at, or that
    fails where the task's own cell has stopped; but the first of its task to fail says why. Whatever else a
    check raises makes it broken: the grader's fault, never the learner's. An interrupt, and a lack of memory,
    is the caller's.

    Args:
        grader: the assignment's grader.
        subjects: by task id, of some of its tasks or of all.
    """
    results: dict[str, Result] = {}
    failed: set[str] = set()
    for check in grader.checks:
        task = check.marking.task
        if task not in subjects:
            continue
        result = (
            _called(check, subjects[task], grader, task in failed)
            if _is_due(check, results)
            else Result("skipped")
        )
        results[check.id] = result
        if result.verdict == "failed":
            failed.add(task)
    return results


def _is_due(check: CheckDefinition, results: Mapping[str, Result]) -> bool:
    """Whether the checks that this one needs have passed."""
    passed = {name for name, result in results.items() if result.verdict == "passed"}
    needs, needs_any = set(check.marking.needs), set(check.marking.needs_any)
    return needs <= passed and (not needs_any or bool(needs_any & passed))


def _called(check: CheckDefinition, subject: Subject, grader: Grader, known: bool) -> Result:
    """The result of one check; `known` says that its task has failed already, and why."""
    began = time.perf_counter()
    try:
        if subject.absence is not None:
            raise NothingSeen(subject.absence)
        check.function(subject)
    except CheckFailure as error:
        # What a cell that stopped has left undone is one failure, and its error the reason.
        if known and (isinstance(error, NothingSeen) or subject.stopped is not None):
            return Result("skipped", seconds=time.perf_counter() - began)
        failure = in_every_language(subject.stopped or error.failure, grader.translations)
        return Result("failed", failure, seconds=time.perf_counter() - began)
    except (KeyboardInterrupt, MemoryError):
        # The caller's business: time or memory for this submission has run out.
        raise
    except BaseException as error:
        # What `pytest.fail` and `sys.exit` raise is no Exception.
        trouble = f"{_place(check, error)}: {in_a_line(error)}\n{''.join(traceback.format_exception(error))}"
        return Result("broken", trouble=trouble, seconds=time.perf_counter() - began)
    return Result("passed", seconds=time.perf_counter() - began)


def _place(check: CheckDefinition, error: BaseException) -> str:
    """Where a check stops with an error: its name, its file and the line."""
    code = getattr(check.function, "__code__", None)
    if code is None:
        return check.id
    line = line_in(code.co_filename, error) or code.co_firstlineno
    return f"{check.id} ({shown(code.co_filename)}:{line})"
