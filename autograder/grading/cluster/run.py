"""Grades a class on a Dask cluster, with the same events and the same reports as on this machine."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autograder.course import Assignment, Course
from autograder.course.fingerprint import fingerprint, versions
from autograder.feedback import Isolation
from autograder.grading.budget import patience_of
from autograder.grading.cluster.dispatch import Dispatcher
from autograder.grading.cluster.events import (
    ClusterEvent,
    Failed,
    Greeted,
    Orders,
    Ready,
    Refused,
    no_scheduler,
    refusal,
)
from autograder.grading.grade import GradedSubmission, broken
from autograder.grading.pool import Begun, Done, Event, Lost, Tick
from autograder.grading.protocol import Answer as Reply
from autograder.grading.protocol import grading, greeting
from autograder.grading.submission import GradingError, Submission, UnreadableNotebook
from autograder.grading.workers import Answer, Crew, written
from autograder.messages import Message, message

PATIENCE = 60.0
"""How many seconds a run continues without a scheduler, or without a worker."""

_MOST_WAITING = 64
_TICK_SECONDS = 0.2
_WEAKEST_FIRST = ("none", "contained", "full")


@dataclass(frozen=True)
class ClusterWorkers:
    """The workers of a Dask scheduler.

    Args:
        address: the scheduler's, such as `tcp://scheduler:8786`; what `tls://` needs is Dask's configuration.
        unsafe: grade even where a worker's system offers no isolation at all.
        program: the module whose `main` serves there as `grading.server` does, and its words; what that makes
            of a submission besides its report is the answer's `kept`.
        patience: how many seconds a run continues without a scheduler, or without a worker.
    """

    address: str
    unsafe: bool = False
    patience: float = PATIENCE
    program: Sequence[str] = ("autograder.grading.server",)

    @contextmanager
    def open(self, course: Course, assignments: Sequence[Assignment]) -> Iterator[Crew]:
        """Provide the workers that are there, and those that come later."""
        try:
            address = urlsplit(self.address)
            complete = (
                address.scheme in ("tcp", "tls") and bool(address.hostname) and address.port is not None
            )
        except ValueError:
            complete = False
        if not complete:
            raise GradingError(
                message(
                    "`{address}` is not the address of a scheduler: write it as `tcp://host:8786`, "
                    "or `tls://host:8786`.",
                    address=self.address,
                )
            )
        _hush()
        crew = _ClusterCrew(self, course, assignments)
        try:
            crew.connect()
            yield crew
        finally:
            crew.close()


def _hush() -> None:
    """Silence Dask's own log: what goes wrong is reported here, in sentences."""
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _ClusterCrew:
    """The workers of a scheduler as they come and go, and the thread that talks to them."""

    def __init__(self, where: ClusterWorkers, course: Course, assignments: Sequence[Assignment]) -> None:
        self._course = course
        self._names = [assignment.id for assignment in assignments]
        self._fingerprints = {assignment.id: fingerprint(course, assignment) for assignment in assignments}
        self._versions = versions()
        self._unsafe = where.unsafe
        self._program = list(where.program)
        self._events: queue.SimpleQueue[ClusterEvent] = queue.SimpleQueue()
        self._isolations: dict[str, Isolation] = {}
        self._refused: dict[str, Message] = {}
        orders = Orders(
            greeting={**greeting(assignments, unsafe=where.unsafe), "program": self._program},
            difference=self._difference,
            grading=self._order,
            seconds=patience_of(course),
        )
        self._dispatcher = Dispatcher(
            where.address,
            orders,
            where.patience,
            self._events.put,
            crowded=lambda: self._events.qsize() > _MOST_WAITING,
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="dispatcher", daemon=True)
        self._running: asyncio.Task[None] | None = None

    @property
    def isolations(self) -> Sequence[Isolation]:
        """The ways in which the workers so far isolate learner code, the weakest first."""
        different: list[Isolation] = []
        for isolation in self._isolations.values():
            if isolation not in different:
                different.append(isolation)
        return sorted(different, key=lambda isolation: _WEAKEST_FIRST.index(isolation.level))

    @property
    def refused(self) -> Sequence[Message]:
        """The messages about which workers were given no submissions, and why."""
        return [refusal(worker, reason) for worker, reason in sorted(self._refused.items())]

    def connect(self) -> None:
        """Connect, and wait until the workers that are there have been greeted.

        Raises:
            GradingError: there is no scheduler, or none of its workers may grade.
        """
        self._thread.start()
        while not isinstance(self._heard(_TICK_SECONDS), Ready):
            pass

    def grade(self, submissions: Sequence[Submission], output: Path) -> Iterator[Event[Submission, Answer]]:
        """Grade them, and yield what happens; this process writes the reports."""
        self._loop.call_soon_threadsafe(self._dispatcher.add, submissions)
        left = len(submissions)
        while left:
            event = self._heard(_TICK_SECONDS)
            if event is None:
                yield Tick()
            elif isinstance(event, Begun):
                yield event
            elif isinstance(event, Lost):
                left -= 1
                yield event
            elif isinstance(event, Done):
                left -= 1
                yield Done(event.job, self._answer(event.job, event.answer, output))

    def close(self) -> None:
        """Leave the scheduler; its workers and their warm interpreters stay."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
            self._thread.join(timeout=10)

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._running = self._loop.create_task(self._dispatcher.run())
        try:
            self._loop.run_until_complete(self._running)
        except asyncio.CancelledError:
            return
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _end(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def _heard(self, seconds: float) -> ClusterEvent | None:
        """Return the next event; None where nothing has happened for that long.

        Raises:
            GradingError: grading cannot go on, or the dispatcher's thread has ended.
        """
        lives = self._thread.is_alive()
        try:
            event = self._events.get(timeout=seconds)
        except queue.Empty:
            if not lives:
                where = self._dispatcher
                raise GradingError(no_scheduler(where.address, where.patience, True)) from None
            return None
        if isinstance(event, Failed):
            raise event.error
        if isinstance(event, Greeted):
            self._isolations[event.worker] = Isolation.model_validate(event.header["isolation"])
            self._refused.pop(event.worker, None)
        elif isinstance(event, Refused):
            self._refused[event.worker] = event.reason
        return event

    def _difference(self, header: Mapping[str, Any]) -> Message | None:
        """Return why a worker would not grade as is done here; None where it would."""
        others = [
            name for name in self._names if header["fingerprints"].get(name) != self._fingerprints[name]
        ]
        if not others:
            return None
        for name, here in self._versions.items():
            if (there := header["versions"].get(name)) != here:
                return message(
                    "it has another version of the course's libraries: {package} {there} there, {here} here. "
                    "Install the same there.",
                    package=name,
                    there=str(there),
                    here=here,
                )
        return message(
            "it has another version of the course and would grade {assignments} "
            "differently. Install the same commit there.",
            assignments=", ".join(f"`{name}`" for name in others),
        )

    def _order(self, submission: Submission) -> tuple[Mapping[str, Any], bytes]:
        """Return the order for a submission, with its notebook or the reason why there is none to send."""
        sent = replace(submission, path=Path(submission.path.name))
        try:
            content = submission.content()
        except UnreadableNotebook as problem:
            sent, content = replace(sent, refused=problem.message), b""
        header = grading(
            sent,
            unsafe=self._unsafe,
            sent=sent.refused is None,
            assignments=self._names,
            fingerprint=self._fingerprints[submission.assignment],
            program=self._program,
        )
        return header, content

    def _answer(self, submission: Submission, reply: Reply, output: Path) -> Answer:
        assignment = self._course.assignment(submission.assignment)
        isolation = self.isolations[0]
        try:
            report = reply.report
            if (report.student, report.assignment) != (submission.student, submission.assignment):
                raise ValueError(f"the report is of {report.student}, {report.assignment}")
        except ValueError as error:
            report = broken(submission, assignment, isolation)
            return written(GradedSubmission(report, [str(error)]), submission, output)
        graded = GradedSubmission(report, reply.header["troubles"], kept=reply.header["kept"])
        return written(graded, submission, output)
