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
from autograder.checks.marking import CheckDefinition
from autograder.checks.subject import Subject
from autograder.checks.verdict import CheckFailure, Failure, Verdict


@dataclass(frozen=True)
class Result:
    """What one check did. `trouble` is a broken check's traceback, for the author's eyes."""

    verdict: Verdict
    failure: Failure | None = None
    trouble: str = ""
    seconds: float = 0.0


def run_checks(grader: Grader, subjects: Mapping[str, Subject]) -> dict[str, Result]:
    """Return the results of the checks of those tasks, by check id.

    A check whose `needs` did not all pass is skipped, and so is every check of a task for which there is
    nothing to look at, after the first, which says why. Whatever else a check raises makes it broken: the
    grader's fault, never the learner's.

    Args:
        grader: the assignment's grader.
        subjects: by task id, of some of its tasks or of all.
    """
    results: dict[str, Result] = {}
    told: set[str] = set()
    for check in grader.checks:
        task = check.marking.task
        if task not in subjects:
            continue
        absence = subjects[task].absence
        unmet = any(results[needed].verdict != "passed" for needed in check.marking.needs)
        if unmet or (absence is not None and task in told):
            results[check.id] = Result("skipped")
        elif absence is not None:
            told.add(task)
            results[check.id] = Result("failed", in_every_language(absence, grader.translations))
        else:
            results[check.id] = _called(check, subjects[task], grader)
    return results


def _called(check: CheckDefinition, subject: Subject, grader: Grader) -> Result:
    began = time.perf_counter()
    try:
        check.function(subject)
    except CheckFailure as error:
        failure = in_every_language(error.failure, grader.translations)
        return Result("failed", failure, seconds=time.perf_counter() - began)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # What `pytest.fail` and `sys.exit` raise is no Exception.
        trouble = "".join(traceback.format_exception(error))
        return Result("broken", trouble=trouble, seconds=time.perf_counter() - began)
    return Result("passed", seconds=time.perf_counter() - began)
