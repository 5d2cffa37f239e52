"""Grading workers: processes forked from the main one, each grading one submission at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from autograder.grading.budget import ENDED_BY

Job = TypeVar("Job")
Answer = TypeVar("Answer")

# A submission whose worker was killed is tried once more, because something else may have killed it. One that
# has spent its budget is not, because it would spend it again.
TRIES = 2

_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Begun(Generic[Job]):
    """A job that a worker has taken."""

    job: Job


@dataclass(frozen=True)
class Done(Generic[Job, Answer]):
    """A job and its answer."""

    job: Job
    answer: Answer


@dataclass(frozen=True)
class Lost(Generic[Job]):
    """A job whose worker died on every try; `by` is the signal that ended it, where it was one."""

    job: Job
    by: int | None = None


@dataclass(frozen=True)
class Tick:
    """A moment in which nothing happened, so that the progress can be drawn again."""


Event = Begun[Job] | Done[Job, Answer] | Lost[Job] | Tick


@dataclass
class _Worker(Generic[Job]):
    process: BaseProcess
    connection: Connection
    job: tuple[int, Job] | None = None


class Pool(Generic[Job, Answer]):
    """Workers that answer jobs, each one job at a time; a killed worker is replaced.

    Args:
        serve: what each worker runs in its own process; it is called with a function that waits for the next
            job (`None` when there is none left) and one that sends the answer.
        count: how many workers there are.
    """

    def __init__(
        self, serve: Callable[[Callable[[], Job | None], Callable[[Answer], None]], None], count: int
    ) -> None:
        self._serve = serve
        self._count = max(1, count)
        self._workers: list[_Worker[Job]] = []

    def run(self, jobs: Sequence[Job], *, tick: float = 0.2) -> Iterator[Event[Job, Answer]]:
        """Hand out the jobs in order, and yield what becomes of them as it happens."""
        queue = deque(enumerate(jobs))
        tries = dict.fromkeys(range(len(jobs)), 0)
        left = len(jobs)
        try:
            for _ in range(min(self._count, len(jobs))):
                self._workers.append(self._start())
            while left:
                for worker in self._workers:
                    if worker.job is None and queue:
                        worker.job = queue.popleft()
                        tries[worker.job[0]] += 1
                        yield Begun(worker.job[1])
                        self._send(worker)
                ready = wait([worker.connection for worker in self._workers if worker.job], timeout=tick)
                if not ready:
                    yield Tick()
                for worker in [worker for worker in self._workers if worker.connection in ready]:
                    assert worker.job is not None
                    number, job = worker.job
                    worker.job = None
                    try:
                        answer = worker.connection.recv()
                    except (EOFError, OSError):
                        by = self._replace(worker)
                        if tries[number] < TRIES and by != ENDED_BY:
                            queue.appendleft((number, job))
                        else:
                            left -= 1
                            yield Lost(job, by)
                        continue
                    left -= 1
                    yield Done(job, answer)
        finally:
            self._stop()

    def _start(self) -> _Worker[Job]:
        ours, theirs = _fork.Pipe()
        process = _fork.Process(target=self._life, args=(theirs, ours), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _life(self, connection: Connection, inherited: Connection) -> None:
        # Ctrl-C reaches the whole process group, but only the main process decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        inherited.close()
        for other in self._workers:
            other.connection.close()

        def next_job() -> Job | None:
            try:
                return connection.recv()  # type: ignore[no-any-return]
            except (EOFError, ConnectionError):
                return None

        def send(answer: Answer) -> None:
            # Where the main process was killed, nobody waits for the answer, and no further job will come.
            with suppress(ConnectionError):
                connection.send(answer)

        self._serve(next_job, send)

    def _send(self, worker: _Worker[Job]) -> None:
        assert worker.job is not None
        try:
            worker.connection.send(worker.job[1])
        except OSError:
            # The worker died while it was idle; waiting for its end of the pipe will show that.
            return

    def _replace(self, worker: _Worker[Job]) -> int | None:
        """Start another worker in its place, and return the signal that ended it, if one did."""
        worker.connection.close()
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        self._workers[self._workers.index(worker)] = self._start()
        return -code if code is not None and code < 0 else None

    def _stop(self) -> None:
        for worker in self._workers:
            worker.connection.close()
        deadline = time.monotonic() + 2
        for worker in self._workers:
            if worker.job is not None:
                worker.process.terminate()
            worker.process.join(timeout=max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers = []


def usable_cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))
