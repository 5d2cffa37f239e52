"""`autograder grade` at a level of the test's choosing: python -m tests.attacks.grade LEVEL NOTEBOOKS LIMITS WORDS…

LIMITS is JSON: limits by learner, in the place of the course's, for those whose notebook runs into them.
Into the folder NOTEBOOKS goes what the gradebook and the feedback pages would be made of: each submission's
autograded notebook, with all that it has printed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.cli import main
from autograder.feedback import Isolation
from autograder.gradebook.autograded import autograded_text
from autograder.grading import GradedSubmission, Scheme, Submission, local
from autograder.grading.session import GradingSession


def grade(level: str, notebooks: str, limits: str, *words: str) -> None:
    """Grade as the command does, where the machine offers that level or a better one."""
    folder = Path(notebooks)
    folder.mkdir()
    own = json.loads(limits)

    def keep(submission: Submission, scheme: Scheme, graded: GradedSubmission) -> None:
        # Of the honest ones, who are all alike, a few tell that a planted string would be seen.
        if submission.student.endswith("0-b-honest") or not submission.student.endswith("-b-honest"):
            write(submission, scheme, graded)

    def write(submission: Submission, scheme: Scheme, graded: GradedSubmission) -> None:
        name = submission.student.encode(errors="replace").hex()
        (folder / f"{name}.ipynb").write_text(autograded_text(graded, scheme.source, "en"), encoding="utf-8")

    def kept(self: GradingSession, submission: Submission, **more: Any) -> GradedSubmission:
        of_course = self._limits
        self._limits = replace(of_course, **own.get(submission.student, {}))
        try:
            return honest(self, submission, **{**more, "keep": keep})
        finally:
            self._limits = of_course

    honest, GradingSession.grade = GradingSession.grade, kept  # type: ignore[method-assign]
    local.choose_isolation = lambda *_, **__: Isolation(level=level)
    sys.argv = ["autograder", "grade", *words]
    main()


if __name__ == "__main__":
    grade(*sys.argv[1:])
