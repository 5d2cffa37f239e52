"""`autograder grade` at a level of the test's choosing: python -m tests.attacks.grade LEVEL WORDS…"""

from __future__ import annotations

import sys

from autograder.cli import main
from autograder.feedback import Isolation
from autograder.grading import local


def grade(level: str, *words: str) -> None:
    """Grade as the command does, where the machine offers that level or a better one."""
    local.choose_isolation = lambda *_, **__: Isolation(level=level)
    sys.argv = ["autograder", "grade", *words]
    main()


if __name__ == "__main__":
    grade(*sys.argv[1:])
