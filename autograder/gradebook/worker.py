"""Grades on a cluster's workers for `grade --gradebook`, and makes autograded notebooks there.

It hands over all that the gradebook is given. The notebooks are made where a submission's budget of time and
memory holds, not by the process that writes the gradebook.
"""

from __future__ import annotations

from typing import NoReturn

from autograder.course import Course
from autograder.gradebook.direct import kept_for
from autograder.grading import Keep, serve_program
from autograder.messages import Language


def main(language: Language) -> NoReturn:
    """Serve as `grading.server` does; `language` is the language of notebooks that name none."""

    def keeping(_course: Course) -> Keep:
        return kept_for(language)

    serve_program(keeping)
