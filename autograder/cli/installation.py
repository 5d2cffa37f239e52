"""Finds out which installation this is: a student's, from the wheel alone, or all that grading needs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from autograder.cli.capabilities import INSTRUCTORS_PART, lacking
from autograder.cli.common import fail, language_of
from autograder.course import CourseError, load_course
from autograder.course.load import course_file
from autograder.messages import Message, message

EXTRA = 'pip install "beyond-sequential[instructor]"'
PART = "pip install beyond-sequential-instructor"
NEEDS_LINUX = message("needs Linux: no other system can isolate learner code")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Installation:
    """An installation: the modules that grading lacks, and whether this folder's course has hidden checks."""

    lacking: tuple[str, ...]
    hidden_checks: bool

    @property
    def grades(self) -> bool:
        """Whether it can grade notebooks."""
        return self.hidden_checks and not self.lacking

    @property
    def cure(self) -> str:
        """The command that installs what is lacking: libraries, or the part that students do not have."""
        return PART if INSTRUCTORS_PART in self.lacking else EXTRA

    def said(self, solutions: bool) -> Message:
        """Return which installation it is, in one sentence."""
        if self.lacking and not self.hidden_checks and not solutions:
            return message(
                "a student's: no hidden checks, no solutions; `check` in a notebook runs the public checks"
            )
        if self.lacking:
            return message(
                "the course's repository, without what grading needs: {command}", command=f"`{self.cure}`"
            )
        if not self.hidden_checks:
            return message("an instructor's, in a folder without hidden checks; grading needs a course")
        return message("an instructor's: hidden checks and everything that grading needs")


def installation(course: Path | None = None) -> Installation:
    """Return this installation, without importing any of it.

    Args:
        course: the `course.yml` that was named; else the one in this folder or above it is used.
    """
    file = course if course is not None else course_file(Path.cwd())
    return Installation(
        lacking=lacking(),
        hidden_checks=file is not None and _has_hidden_checks(file),
    )


def _has_hidden_checks(course: Path) -> bool:
    if (course.parent / "graders" / "hidden").is_dir():
        # This answer saves reading course.yml, which takes longer.
        return True
    try:
        found = load_course(course)
    except CourseError:
        # A command that needs the course will report its fault; to call checks missing would be wrong.
        return True
    return any(found.hidden_grader(assignment).is_file() for assignment in found.assignments)


def for_instructors(command: Callable[P, R], name: str = "") -> Callable[P, R]:
    """Return a command that reports at once where what instructors install is missing.

    Args:
        command: the command's function.
        name: the name that is typed for it, if that is not the function's name.
    """

    @functools.wraps(command)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        lang: Any = kwargs.get("lang")
        course: Any = kwargs.get("course")
        here = installation(course)
        if here.lacking:
            fail(refusal(name or command.__name__, here), language_of(lang))
        try:
            return command(*args, **kwargs)
        except ModuleNotFoundError as error:
            said = missing_package(error)
            if said is None:
                raise
            fail(said, language_of(lang))

    return checked


def missing_package(error: ModuleNotFoundError) -> Message | None:
    """Return what to install for a missing module; None for one of this package, which is a fault."""
    name = (error.name or "").partition(".")[0]
    if name in ("", "autograder"):
        return None
    return message(
        "The package `{package}` is not installed, and this command needs it: {command}.",
        package=name,
        command=f"`{EXTRA}`",
    )


def refusal_of_system(name: str) -> Message:
    """Return why this system has no such command, and what a learner has instead."""
    return message(
        "`autograder {name}` needs Linux, where learner code can be isolated (in Windows, WSL or Docker). "
        "`check(...)` in a notebook, `autograder hint` and `autograder list` work everywhere.",
        name=name,
    )


def refusal(name: str, here: Installation) -> Message:
    """Return why this installation has no such command, and which one has."""
    if here.hidden_checks:
        return message(
            "`autograder {name}` needs what instructors install: {command}.",
            name=name,
            command=f"`{here.cure}`",
        )
    return message(
        "`autograder {name}` is for instructors: it needs what {command} installs, and "
        "the hidden checks and solutions, which are in the course's repository and not "
        "in this installation.",
        name=name,
        command=f"`{here.cure}`",
    )
