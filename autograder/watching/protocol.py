"""What the watching process and its grader say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Course
from autograder.feedback import Report
from autograder.grading import Submission
from autograder.messages import Message


@dataclass(frozen=True)
class Setup:
    """The grader's first message: the course, and whether it may run notebooks without isolation."""

    course: Course
    unsafe: bool


@dataclass(frozen=True)
class Ask:
    """A notebook to be graded; `number` is what the answer will name."""

    number: int
    submission: Submission


@dataclass(frozen=True)
class Ready:
    """Keras is imported; asks are answered from now on."""


@dataclass(frozen=True)
class Preparing:
    """An assignment is met for the first time: its reference solution is run."""

    number: int


@dataclass(frozen=True)
class Verdict:
    """A report, the tracebacks of broken checks, and with full marks the reference solution's cells."""

    number: int
    report: Report
    troubles: Sequence[str] = ()
    solution: Sequence[str] = ()


@dataclass(frozen=True)
class Refused:
    """The ask has no report: why, and a traceback where it is the grader's own fault."""

    number: int
    said: Sequence[Message]
    trouble: str = ""


@dataclass(frozen=True)
class Abandoned:
    """The ask was given up, as was wished."""

    number: int


@dataclass(frozen=True)
class Unable:
    """Nothing can be graded here at all, and the grader has ended."""

    said: Sequence[Message]


Answer = Ready | Preparing | Verdict | Refused | Abandoned | Unable
