"""Whether a report explains a mistake: where it is, what was found there, and what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from autograder.checks.verdict import Failure
from autograder.course import Task
from autograder.feedback import TaskReport
from autograder.messages import Message

Lack = Literal["failure", "place", "found", "wanted"]
"""What a report does not say."""

# An exception in one line, as judge and subject tell it.
_EXCEPTION = "{name}: {text}"
# They say which call of a function was looked at, or in which cell the run stopped, and no place in it.
_NO_PLACE = (
    "when called on an input of shape {shape}",
    "when called with {arguments}",
    "code cell {number}",
)
# What the sentence itself may point at.
_NAMED = re.compile(r"\b(inputs?|outputs?|loss|optimizer|metrics?|branches|function|keys?|compiled)\b|`")
# Sentences that say by themselves what is there and should not be, or is not there and should be.
_SAYS_BOTH = re.compile(
    r"\b(is|are) missing\b|\bshould not\b|\b(is|are) wanted\b|\bwrong order\b|There is no|\{wanted\}"
)


def explained(report: TaskReport, task: Task) -> bool:
    """Whether a task's first failing check says where the mistake is, what was found and what is wanted."""
    return lack(report, task) is None


def lack(report: TaskReport, task: Task) -> Lack | None:
    """The first thing that a task's first failing check does not say; None where it says everything.

    An exception speaks for itself. What is wanted of a plain value is the answer, and stays unsaid.
    """
    failure = first_failure(report)
    if failure is None:
        return "failure"
    if not _names_a_place(failure):
        return "place"
    if any(_SAYS_BOTH.search(text) for text in _sentences(failure.rationale)):
        return None
    if failure.found is None:
        return "found"
    if failure.wanted is None and task.expects != "value" and failure.found.text != _EXCEPTION:
        return "wanted"
    return None


def first_failure(report: TaskReport) -> Failure | None:
    """What a task's first failing check says."""
    return next((check.failure for check in report.checks if check.failure is not None), None)


def _names_a_place(failure: Failure) -> bool:
    if failure.where is not None and failure.where.text not in _NO_PLACE:
        return True
    return _names_something(failure.rationale)


def _sentences(said: Message) -> Iterator[str]:
    """The text of a message and of the messages in its gaps."""
    yield said.text
    for value in said.values.values():
        if isinstance(value, Message):
            yield from _sentences(value)


def _names_something(said: Message) -> bool:
    """Whether a sentence names a layer, an output, a key or a setting: in a gap of it, or in its words."""
    return bool(said.values) or _NAMED.search(said.text) is not None
