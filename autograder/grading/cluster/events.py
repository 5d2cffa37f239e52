"""The orders to a cluster's workers, the events that the dispatcher reports, and its messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.grading.pool import Begun, Done, Lost
from autograder.grading.protocol import Answer
from autograder.grading.submission import GradingError, Submission
from autograder.messages import Message, message


@dataclass(frozen=True)
class Greeted:
    """A worker that is ready, with what its grading process says about itself."""

    worker: str
    header: Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    """A worker that is not taken, and why."""

    worker: str
    reason: Message


@dataclass(frozen=True)
class Ready:
    """The event that every worker present has been greeted, and at least one is taken."""


@dataclass(frozen=True)
class Failed:
    """The event that the dispatcher cannot go on, and why."""

    error: GradingError


ClusterEvent = (
    Greeted | Refused | Ready | Failed | Begun[Submission] | Done[Submission, Answer] | Lost[Submission]
)


@dataclass(frozen=True)
class Orders:
    """The orders to workers, without the incarnation that each is meant for.

    `difference` says why the worker of a greeting would not grade as is done here, if so; `grading` reads a
    submission and makes its order: a header, and the notebook's bytes; `seconds` is how long an answer may
    take.
    """

    greeting: Mapping[str, Any]
    difference: Callable[[Mapping[str, Any]], Message | None]
    grading: Callable[[Submission], tuple[Mapping[str, Any], bytes]]
    seconds: float


def no_scheduler(address: str, seconds: float, connected: bool) -> Message:
    """Return why nothing can be graded without a scheduler, and the cure; `connected` says it was there."""
    if connected:
        return message(
            "The scheduler at {address} is gone, and has not come back for {seconds} seconds. The reports "
            "written so far are kept; start it and its workers, and run the command again for the rest.",
            address=address,
            seconds=round(seconds),
        )
    return message(
        "No scheduler answers at {address}. Start one (`dask scheduler`), or name another; "
        "docs/cluster.md says how.",
        address=address,
    )


def no_worker(address: str, seconds: float, refused: Mapping[str, Message]) -> Message:
    """Return why nothing can be graded without workers, and the cure; `refused` names those not taken."""
    if refused:
        worker, reason = next(iter(refused.items()))
        return message(
            "The scheduler at {address} has no worker that can grade: {first}",
            address=address,
            first=refusal(worker, reason),
        )
    return message(
        "The scheduler at {address} has had no worker for {seconds} seconds. Start some "
        "(`dask worker {address}`); docs/cluster.md says how. The reports written so far are kept.",
        address=address,
        seconds=round(seconds),
    )


def refusal(worker: str, reason: Message) -> Message:
    """Return the message that a worker was given no submissions, and why."""
    return message("The worker {worker} was given no submissions: {reason}", worker=worker, reason=reason)
