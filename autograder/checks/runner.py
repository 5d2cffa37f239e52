"""Runs a grader's checks on a submission's subjects, in grading and in a learner's kernel alike.

A check is a plain function of its task's subject (`marking.definitions` refuses any other), so it is simply
called, without a pytest session. `pytest graders` tries the same functions on the reference solution
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

    A check whose `needs` did not all pass is skipped. So is one that has nothing to look at, or that fails
    after the task's own cell has stopped with an error, except for the first of its task to fail, which says
    why. Anything else that a check raises makes it broken: the grader's fault, never the learner's. An
    interrupt or a lack of memory is left to the caller.

    Args:
        grader: the assignment's grader.
        subjects: the subjects of some or all of its tasks, by task id.

    >>> from pathlib import Path
    >>> from autograder.checks import GraderFile, grader_of, run_checks, subject_of
    >>> text = '''
    ... from autograder.checks import expect, task
    ...
    ... @task("answer", points=2)
    ... def test_it_is_large(answer):
    ...     "The answer is at least 40."
    ...     expect(answer).is_at_least(40)
    ... '''
    >>> grader = grader_of("demo", [GraderFile(Path("test_demo.py"), text, public=True)], {})
    >>> run_checks(grader, {"answer": subject_of(39)})["test_it_is_large"].verdict
    'failed'
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
    """Return whether the checks that this one needs have passed."""
    passed = {name for name, result in results.items() if result.verdict == "passed"}
    needs, needs_any = set(check.marking.needs), set(check.marking.needs_any)
    return needs <= passed and (not needs_any or bool(needs_any & passed))


def _called(check: CheckDefinition, subject: Subject, grader: Grader, known: bool) -> Result:
    """Return the result of one check; `known` says that an earlier check has told why its task fails."""
    began = time.perf_counter()
    try:
        if subject.absence is not None:
            raise NothingSeen(subject.absence)
        check.function(subject)
    except CheckFailure as error:
        # What a cell that stopped has left undone counts as one failure, with the cell's error as the reason.
        if known and (isinstance(error, NothingSeen) or subject.stopped is not None):
            return Result("skipped", seconds=time.perf_counter() - began)
        failure = in_every_language(subject.stopped or error.failure, grader.translations)
        return Result("failed", failure, seconds=time.perf_counter() - began)
    except (KeyboardInterrupt, MemoryError):
        # The caller's business: time or memory for this submission has run out.
        raise
    except BaseException as error:
        # `pytest.fail` and `sys.exit` raise what is no Exception.
        trouble = f"{_place(check, error)}: {in_a_line(error)}\n{''.join(traceback.format_exception(error))}"
        return Result("broken", trouble=trouble, seconds=time.perf_counter() - began)
    return Result("passed", seconds=time.perf_counter() - began)


def _place(check: CheckDefinition, error: BaseException) -> str:
    """Return where a check stops with an error: its name, its file and the line."""
    code = getattr(check.function, "__code__", None)
    if code is None:
        return check.id
    line = line_in(code.co_filename, error) or code.co_firstlineno
    return f"{check.id} ({shown(code.co_filename)}:{line})"
