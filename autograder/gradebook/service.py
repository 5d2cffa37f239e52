"""Runs the grading service: the grading process that nbgrader's steps ask, which makes autograded notebooks.

nbgrader runs in a command, or in a Jupyter server with threads and an event loop; neither may fork, hold the
hidden checks or import TensorFlow.
"""

from __future__ import annotations

from typing import NoReturn

from autograder.course import Course
from autograder.gradebook.autograded import autograded_text
from autograder.gradebook.configuration import release_language
from autograder.grading import GradedSubmission, Keep, Scheme, Submission, serve_program

IDLE_SECONDS = 120.0
"""When an idle service ends: a Jupyter server lives for weeks, and TensorFlow takes its memory."""


def main() -> NoReturn:
    """Serve as `grading.server` does."""
    serve_program(_keeping, IDLE_SECONDS)


def _keeping(course: Course) -> Keep:
    language = release_language(course)

    def keep(_submission: Submission, scheme: Scheme, graded: GradedSubmission) -> str:
        return autograded_text(graded, scheme.source, language)

    return keep
