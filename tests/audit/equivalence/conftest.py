"""Examiners of some of the course's own assignments, all in one warm interpreter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from autograder.audit.examiner import Examiner
from autograder.checks import Checker, serve_checks
from autograder.course import load_course
from autograder.grading import limits_of, load_graders, prepare
from autograder.sandbox import WarmInterpreter, best_level

Answer = TypeVar("Answer")
Examine = Callable[[Callable[[dict[str, Examiner]], Any], list[str]], Any]


def examine(work: Callable[[dict[str, Examiner]], Answer], names: list[str]) -> Answer:
    """What `work` makes of the examiners of those assignments, or of all where none is named."""
    course = load_course(Path(__file__).parents[3] / "course.yml")
    assignments = [one for one in course.assignments if not names or one.id in names]
    level = best_level().level
    with WarmInterpreter.spawn() as warm:
        schemes = prepare(course, load_graders(assignments), warm, level)

        def within(checker: Checker) -> Answer:
            return work(
                {
                    name: Examiner(scheme, checker, warm, limits_of(course), level)
                    for name, scheme in schemes.items()
                }
            )

        return serve_checks([scheme.grader for scheme in schemes.values()], within)


@pytest.fixture(scope="session")
def examined() -> Examine:
    """`examined(work, names)`: what `work` makes of examiners."""
    return examine
