"""What becomes of a check: whether its turn comes at all, and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.checks.marking import Marking
from autograder.checks.subject import Subject
from autograder.checks.verdict import CheckFailure, Failure, Verdict
from autograder.messages import AutograderError


@dataclass(frozen=True)
class Result:
    """What one check did. `trouble` is a broken check's traceback, for the author's eyes."""

    verdict: Verdict
    failure: Failure | None = None
    trouble: str = ""
    seconds: float = 0.0


class Unmet(AutograderError):  # noqa: N818 - not an error: the check is skipped
    """A check that this one needs did not pass."""


class Gate:
    """The results of one submission's checks so far, by check id, and who may come next.

    A check whose `needs` did not all pass is skipped, and so is every check of a task for which there is
    nothing to look at, after the first, which says why. Whatever else a check raises makes it broken: the
    grader's fault, never the learner's.
    """

    def __init__(self, subjects: Mapping[str, Subject]) -> None:
        self.results: dict[str, Result] = {}
        self._subjects = subjects
        self._absent: set[str] = set()

    def admit(self, marking: Marking) -> None:
        """Let a check have its turn.

        Raises:
            Unmet: it is skipped.
            CheckFailure: there is nothing to look at.
        """
        for needed in marking.needs:
            if needed not in self.results or self.results[needed].verdict != "passed":
                raise Unmet
        absence = self._subjects[marking.task].absence
        if absence is not None:
            if marking.task in self._absent:
                raise Unmet
            self._absent.add(marking.task)
            raise CheckFailure(absence)


def result_of(error: BaseException | None, trouble: Callable[[], str], seconds: float) -> Result:
    """The result of a check that has raised `error`, or nothing.

    `trouble` writes the traceback; it is asked for a broken check's alone, for writing one takes longer than
    most checks do.
    """
    if error is None:
        return Result("passed", seconds=seconds)
    if isinstance(error, CheckFailure):
        return Result("failed", error.failure, seconds=seconds)
    if isinstance(error, Unmet):
        return Result("skipped", seconds=seconds)
    return Result("broken", trouble=trouble(), seconds=seconds)
