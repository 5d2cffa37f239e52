"""Holds the vocabulary of graders: `expect(subject)` and what can be expected of it.

Each expectation passes silently or raises `CheckFailure` with what a learner needs to read. An expected value
that is not given comes from the reference solution.
"""

from __future__ import annotations

from autograder.checks.expectations.compiling import CompileExpectations
from autograder.checks.expectations.graphs import GraphExpectations
from autograder.checks.expectations.plots import PlotExpectations
from autograder.checks.expectations.tables import TableExpectations
from autograder.checks.subject import Subject
from autograder.messages import Message


class Expectation(GraphExpectations, CompileExpectations, TableExpectations, PlotExpectations):
    """What can be expected of a task's models, or of the value, table or plot it hands in."""


def expect(subject: Subject, *, hint: Message | None = None) -> Expectation:
    """Begin an expectation about a subject; `hint` is shown where it is not met.

    >>> from autograder.checks import expect, subject_of
    >>> expect(subject_of({"units": 64})).equals({"units": 64})
    >>> expect(subject_of({"units": 32})).equals({"units": 64})
    Traceback (most recent call last):
        ...
    autograder.checks.verdict.CheckFailure: The value of the entry 'units' is wrong.
    """
    return Expectation(subject, hint)
