"""What one worker does, wherever it is: one submission after the other, whatever happens to one of them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Self

from autograder.checks import Checker
from autograder.feedback import Isolation
from autograder.grading.grade import GradedSubmission, grade_submission
from autograder.grading.scheme import Scheme
from autograder.grading.submission import Submission
from autograder.grading.workers import broken
from autograder.sandbox import Limits, WarmInterpreter, WarmInterpreterGone

Keep = Callable[[Submission, Scheme, GradedSubmission], Any]
"""What else is to be done with a graded submission by whoever graded it."""


class Worker:
    """Grades with a warm interpreter that it was given, and with one of its own where that is gone."""

    def __init__(self, warm: WarmInterpreter, limits: Limits) -> None:
        self._warm = warm
        self._limits = limits
        self._replacements = ExitStack()

    def grade(
        self,
        submission: Submission,
        scheme: Scheme,
        checker: Checker,
        isolation: Isolation,
        *,
        content: bytes | None = None,
        keep: Keep | None = None,
    ) -> tuple[GradedSubmission, Any]:
        """A submission graded, and what `keep` made of it; the grader's own fault is a report, too.

        `content` is the submission's file, where it lies on another machine.

        Raises:
            WarmInterpreterGone: the new warm interpreter is gone as well.
        """
        attempt = partial(self._try, submission, scheme, checker, isolation, content, keep)
        try:
            return attempt()
        except WarmInterpreterGone:
            # This process knows the hidden checks: the new one must not be a fork of it.
            self._warm = self._replacements.enter_context(WarmInterpreter.spawn(hide=self._warm.hide))
            return attempt()

    def _try(
        self,
        submission: Submission,
        scheme: Scheme,
        checker: Checker,
        isolation: Isolation,
        content: bytes | None,
        keep: Keep | None,
    ) -> tuple[GradedSubmission, Any]:
        try:
            graded = grade_submission(
                submission, scheme, self._warm, checker, self._limits, isolation, content
            )
            kept = keep(submission, scheme, graded) if keep and graded.report.outcome != "broken" else None
            return graded, kept
        except WarmInterpreterGone:
            raise
        except Exception:
            report = broken(submission, scheme.assignment, isolation)
            return GradedSubmission(report, [traceback.format_exc()]), None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._replacements.close()
