"""`autograder grade` at levels of the test's choosing: python -m tests.attacks.grade CLASSES

CLASSES is JSON, for each class: the level; a folder to be made; limits by learner, in the place of the course's,
for those whose notebook runs into them; the file that all it says goes into; and the command's words. What all of
them import is imported once, and each class is graded in a fork, with one warm interpreter for all. Standard output is JSON: each level's exit code.

Into the folder goes what the gradebook and the feedback pages would be made of: each submission's autograded
notebook, with all that it has printed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder import cli
from autograder.course import Course
from autograder.feedback import Isolation
from autograder.gradebook.autograded import autograded_text
from autograder.grading import GradedSubmission, Scheme, Submission, local
from autograder.grading.session import GradingSession
from autograder.sandbox import WarmInterpreter


def main() -> None:
    """Grade one class after the other."""
    codes = {}
    classes = json.loads(sys.argv[1])
    (course,) = {words[words.index("--course") + 1] for *_, words in classes}
    with WarmInterpreter.start(hide=[Path(course).parent]) as warm:
        for level, notebooks, limits, log, words in classes:
            child = os.fork()
            if child == 0:
                said = os.open(log, os.O_WRONLY | os.O_CREAT)
                os.dup2(said, 1)
                os.dup2(said, 2)
                grade(warm, level, Path(notebooks), limits, words)
            codes[level] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps(codes))


def grade(
    warm: WarmInterpreter,
    level: str,
    folder: Path,
    limits: Mapping[str, Mapping[str, Any]],
    words: Sequence[str],
) -> None:
    """Grade as the command does, where the machine offers that level or a better one; end this process."""
    folder.mkdir()
    opened = GradingSession.open

    def with_warm(course: Course, isolation: Isolation, **_: Any) -> GradingSession:
        def start(*, hide: Iterable[str | os.PathLike[str]]) -> WarmInterpreter:
            assert tuple(str(path) for path in hide) == warm.hide
            return warm

        return opened(course, isolation, start=start)

    def keep(submission: Submission, scheme: Scheme, graded: GradedSubmission) -> None:
        # Of the honest ones, who are all alike, a few tell that a planted string would be seen.
        number, _, role = submission.student.partition("-")
        if role != "b-honest" or int(number) <= 20 or int(number) % 10 == 0:
            write(submission, scheme, graded)

    def write(submission: Submission, scheme: Scheme, graded: GradedSubmission) -> None:
        name = submission.student.encode(errors="replace").hex()
        (folder / f"{name}.ipynb").write_text(autograded_text(graded, scheme.source, "en"), encoding="utf-8")

    def kept(self: GradingSession, submission: Submission, **more: Any) -> GradedSubmission:
        of_course = self._limits
        self._limits = replace(of_course, **limits.get(submission.student, {}))
        try:
            return honest(self, submission, **{**more, "keep": keep})
        finally:
            self._limits = of_course

    honest, GradingSession.grade = GradingSession.grade, kept  # type: ignore[method-assign]
    GradingSession.open = with_warm  # type: ignore[method-assign, assignment]
    local.choose_isolation = lambda *_, **__: Isolation(level=level)
    sys.argv = ["autograder", "grade", *words]
    cli.main()


if __name__ == "__main__":
    main()
