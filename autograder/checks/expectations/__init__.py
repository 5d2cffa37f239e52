"""The vocabulary of graders: `expect(subject)` and what can be expected of it.

Each expectation passes silently or raises `CheckFailure` with what a learner needs to read. An expected value
that is not given comes from the reference solution.
"""

from __future__ import annotations

from autograder.checks.expectations.compiling import CompileExpectations
from autograder.checks.expectations.graphs import GraphExpectations
from autograder.checks.expectations.values import ValueExpectations
from autograder.checks.subject import Subject
from autograder.messages import Message


class Expectation(GraphExpectations, CompileExpectations, ValueExpectations):
    """What can be expected of a task's models, or of the value it hands in."""


def expect(subject: Subject, *, hint: Message | None = None) -> Expectation:
    """Begin an expectation about a subject; `hint` is shown where it is not met."""
    return Expectation(subject, hint)
