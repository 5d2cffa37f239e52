"""Which installation this is: a student's, of the wheel alone, or all that grading needs."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from autograder.cli.common import fail, language_of
from autograder.messages import Message, message

EXTRA = 'pip install "beyond-sequential[instructor]"'
# Modules of the extra that every command of an instructor needs sooner or later, some only in a worker.
NEEDED = ("nbformat", "nh3", "tensorflow", *(("pyseccomp",) if sys.platform == "linux" else ()))
KERAS_RANGE = ((3, 4), (4,))
"""From which version of Keras on `check` tells the truth, and before which."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Installation:
    """What is here: modules that grading lacks, and whether the package holds the hidden checks."""

    lacking: tuple[str, ...]
    hidden_checks: bool

    @property
    def grades(self) -> bool:
        """Whether notebooks can be graded with it."""
        return self.hidden_checks and not self.lacking

    def said(self, solutions: bool) -> Message:
        """Which installation it is, in one sentence."""
        if not self.hidden_checks and not solutions:
            return message(
                "a student's: no hidden checks, no solutions; `check` in a notebook runs the public checks"
            )
        if self.lacking:
            return message(
                "the course's repository, without what grading needs: {command}", command=f"`{EXTRA}`"
            )
        if not self.hidden_checks:
            return message("the wheel, without the hidden checks; grading needs the course's repository")
        return message("an instructor's: hidden checks and everything that grading needs")


@functools.cache
def installation() -> Installation:
    """What is installed, without importing any of it."""
    return Installation(
        lacking=tuple(name for name in NEEDED if importlib.util.find_spec(name) is None),
        hidden_checks=importlib.util.find_spec("autograder.hidden") is not None,
    )


def for_instructors(command: Callable[P, R]) -> Callable[P, R]:
    """A command that needs the extra and the hidden checks: where they are missing, it says so at once."""

    @functools.wraps(command)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        lang: Any = kwargs.get("lang")
        here = installation()
        if not here.grades:
            fail(refusal(command.__name__, here), language_of(lang))
        try:
            return command(*args, **kwargs)
        except ModuleNotFoundError as error:
            said = missing_package(error)
            if said is None:
                raise
            fail(said, language_of(lang))

    return checked


def missing_package(error: ModuleNotFoundError) -> Message | None:
    """What to install for a module that is missing; None for a module of this package, which is a fault."""
    name = (error.name or "").partition(".")[0]
    if name in ("", "autograder"):
        return None
    return message(
        "The package `{package}` is not installed, and this command needs it: {command}.",
        package=name,
        command=f"`{EXTRA}`",
    )


def keras_range() -> str:
    """The versions of Keras that the course works with, as pip writes them."""
    oldest, beyond = (".".join(map(str, version)) for version in KERAS_RANGE)
    return f">={oldest},<{beyond}"


def keras_supported() -> tuple[str | None, bool]:
    """The version of Keras (None: not installed), and whether it is in the supported range."""
    try:
        found = importlib.metadata.version("keras")
    except importlib.metadata.PackageNotFoundError:
        return None, False
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    return found, KERAS_RANGE[0] <= numbers < KERAS_RANGE[1]


def refusal(name: str, here: Installation) -> Message:
    """Why this installation has no such command, and what has."""
    if here.hidden_checks:
        return message(
            "`autograder {name}` needs what instructors install: {command}.",
            name=name,
            command=f"`{EXTRA}`",
        )
    if here.lacking:
        return message(
            "`autograder {name}` is for instructors: it needs what {command} installs, and the hidden checks "
            "and solutions, which the course's repository holds and this installation does not.",
            name=name,
            command=f"`{EXTRA}`",
        )
    return message(
        "`autograder {name}` needs the hidden checks and the solutions, which the course's repository holds "
        "and this installation does not: run it in a clone of the repository, after `make install`.",
        name=name,
    )
