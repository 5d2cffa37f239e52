"""Finds out how an instructor's machine can isolate learner code, and how nbgrader is set up there."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.cli.common import course_at
from autograder.course import CourseError
from autograder.gradebook.diagnosis import Finding, examine
from autograder.messages import Message
from autograder.sandbox import best_level, delegated, quick_keras


@dataclass(frozen=True)
class Machine:
    """What a machine offers.

    `lacking` is what keeps the machine from a better level of isolation, `cgroups` are the controllers that
    count for the grader, and `findings` what was found about nbgrader, None outside of any course. `slow`
    says why Keras's bookkeeping cannot be shortened here, where that is so.
    """

    level: str
    lacking: Sequence[Message]
    cgroups: Sequence[str]
    findings: Sequence[Finding] | None
    slow: Message | None = None


def machine(course: Path | None) -> Machine:
    """Return what this machine offers.

    Args:
        course: the `course.yml` that was named; else the one above this folder is used.

    Raises:
        CourseError: the named course is not in order.
    """
    offered = best_level()
    controllers = delegated().controllers
    return Machine(offered.level, offered.lacking, controllers, _nbgrader(course), quick_keras.without())


def _nbgrader(course: Path | None) -> list[Finding] | None:
    try:
        importlib.metadata.version("nbgrader")
        return examine(course_at(course))
    except importlib.metadata.PackageNotFoundError:
        return None
    except CourseError:
        if course is not None:
            raise
        return None
