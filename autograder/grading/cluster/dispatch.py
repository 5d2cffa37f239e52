"""Hands out submissions to a Dask cluster's workers, one at a time each, whatever happens to the workers.

Each worker is greeted first, and then has one task at a time, pinned to it. So it is known which submission a
worker was grading when it died, a slow worker delays only one submission, and no more notebooks are in memory
than there are workers. Dask moves bytes and lists the workers; tries are counted here.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import dask
from distributed import Client, KilledWorker

from autograder.grading.cluster.events import (
    ClusterEvent,
    Failed,
    Greeted,
    Orders,
    Ready,
    Refused,
    no_scheduler,
    no_worker,
)
from autograder.grading.cluster.plugin import ask
from autograder.grading.pool import TRIES, Begun, Done, Lost
from autograder.grading.protocol import Answer, pack, unpack
from autograder.grading.submission import GradingError, Submission
from autograder.messages import AutograderError, Message, message, verbatim

LOOK_SECONDS = 0.5
"""How often the list of workers is read."""
FIRST_SECONDS = 10.0
"""How long to wait for a scheduler that has not answered yet."""
LEAVING_SECONDS = 2.0
"""How long closing the connection to a scheduler may take, which may have stopped."""
GREETING_SECONDS = 180.0
"""How long importing TensorFlow may take on a busy machine."""

T = TypeVar("T")


@dataclass(eq=False)
class _Job:
    submission: Submission
    deaths: int = 0


@dataclass(eq=False)
class _Worker:
    address: str
    task: asyncio.Task[None] | None = None
    state: str = "greeting"
    job: _Job | None = None
    gone: bool = False


class _Unable(AutograderError):  # noqa: N818 - named for what happened
    """A worker cannot grade, and says why."""


class _SchedulerGone(AutograderError):  # noqa: N818 - named for what happened
    """The connection to the scheduler is lost."""


async def _within(seconds: float, awaited: Awaitable[T]) -> T:
    """Return the result of `awaited` if it comes within `seconds`.

    Where the other side has stopped, Dask keeps waiting in spite of a cancellation, so that is not awaited.

    Raises:
        TimeoutError: it did not come.
    """
    task = asyncio.ensure_future(awaited)
    task.add_done_callback(_heed)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        raise TimeoutError
    return task.result()


def _heed(task: asyncio.Future[Any]) -> None:
    """Retrieve a task's exception, or asyncio would log that nobody has."""
    if not task.cancelled():
        task.exception()


@asynccontextmanager
async def _connection(address: str, seconds: float) -> AsyncIterator[Client]:
    """Provide a client of a scheduler that answers within `seconds`, and close it as fast as possible.

    Raises:
        OSError: it does not answer; Dask's own limit misses this where the scheduler accepts the connection.
    """
    client = Client(address, asynchronous=True, timeout=seconds, set_as_default=False)
    try:
        await _within(seconds + LOOK_SECONDS, client.__aenter__())
        yield client
    finally:
        with suppress(Exception):
            await _within(LEAVING_SECONDS, client.close())


@dataclass
class Dispatcher:
    """The side of a cluster that knows what has to be done; it runs in one event loop.

    Args:
        address: the scheduler's address.
        patience: how many seconds without a scheduler, or without a usable worker, until it gives up.
        tell: is called with each event, from the event loop.
        crowded: whether too many events wait to be handled, so that nothing new should be begun.
    """

    address: str
    orders: Orders
    patience: float
    tell: Callable[[ClusterEvent], None]
    crowded: Callable[[], bool] = lambda: False
    _queue: deque[_Job] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _workers: dict[str, _Worker] = field(default_factory=dict)
    _refused: dict[str, Message] = field(default_factory=dict)
    _lost_scheduler: bool = False
    _ready: bool = False

    def add(self, submissions: Sequence[Submission]) -> None:
        """Queue those submissions, to be graded in that order."""
        self._queue.extend(_Job(submission) for submission in submissions)
        self._more.set()

    async def run(self) -> None:
        """Work until this is cancelled, or cannot go on."""
        try:
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "64 MiB"}):
                await self._stay_connected()
        except GradingError as error:
            self.tell(Failed(error))
        except Exception as error:
            # For example, a certificate is missing or does not match.
            said = message(
                "Dask cannot work with the scheduler at {address}: {words}",
                address=self.address,
                words=f"{type(error).__name__}: {error}"[:500],
            )
            self.tell(Failed(GradingError(said)))

    async def _stay_connected(self) -> None:
        """Work with one connection after the other: a restarted scheduler knows nothing of an earlier one."""
        seen = time.monotonic()
        connected = False
        while True:
            self._lost_scheduler = False
            # A scheduler that was there may come back; one that never was may have another address.
            patience = self.patience if connected else min(self.patience, FIRST_SECONDS)
            try:
                timeout = max(1.0, patience - (time.monotonic() - seen))
                async with _connection(self.address, timeout) as client:
                    connected = True
                    try:
                        await self._watch(client)
                    finally:
                        seen = time.monotonic()
                        await self._leave()
            except (_SchedulerGone, OSError):
                if time.monotonic() - seen > patience:
                    raise GradingError(no_scheduler(self.address, self.patience, connected)) from None
                await asyncio.sleep(min(1.0, self.patience / 10))

    async def _watch(self, client: Client) -> None:
        """Watch which workers come and go."""
        idle_since = began = time.monotonic()
        while True:
            try:
                found = await _within(max(self.patience, LOOK_SECONDS), client.nthreads())
            except OSError:
                raise _SchedulerGone from None
            if client.status != "running" or self._lost_scheduler:
                raise _SchedulerGone
            now = time.monotonic()
            for address in self._workers.keys() - found.keys():
                self._dismiss(self._workers.pop(address))
            for address in found.keys() - self._workers.keys():
                worker = self._workers[address] = _Worker(address)
                worker.task = asyncio.create_task(self._life(client, worker))
            states = {worker.state for worker in self._workers.values()}
            if states & {"greeting", "ready"}:
                idle_since = now
            elif now - idle_since > (self.patience / 6 if "refused" in states else self.patience):
                raise GradingError(no_worker(self.address, self.patience, self._refused))
            waited = "greeting" not in states or now - began > self.patience
            if not self._ready and "ready" in states and waited:
                self._ready = True
                self.tell(Ready())
            await asyncio.sleep(LOOK_SECONDS)

    def _dismiss(self, worker: _Worker) -> None:
        """Dismiss a worker that has gone, and cancel its task."""
        worker.gone = True
        if worker.task is not None:
            worker.task.cancel()

    async def _leave(self) -> None:
        """Leave a connection that is over: what was begun starts again, and counts as nobody's fault."""
        tasks = [worker.task for worker in self._workers.values() if worker.task is not None]
        self._workers = {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _life(self, client: Client, worker: _Worker) -> None:
        """Greet one worker and hand it submissions, as long as it is there."""
        try:
            incarnation = await self._greet(client, worker)
            while incarnation is not None and self._workers.get(worker.address) is worker:
                worker.state = "ready"
                worker.job = await self._next()
                if not await self._grade(client, worker, worker.job, incarnation):
                    self._put_back(worker, died=True)
                    worker.state = "greeting"
                    incarnation = await self._greet(client, worker)
                worker.job = None
        except asyncio.CancelledError:
            self._put_back(worker, died=worker.gone)
            if worker.gone:
                self._see_off(worker)
            raise
        except _SchedulerGone:
            self._put_back(worker, died=False)
            self._lost_scheduler = True
        except KilledWorker:
            # A scheduler whose settings allow no other try raises this; another may have the address by now.
            self._put_back(worker, died=True)
            self._workers.pop(worker.address, None)
            self._see_off(worker)
        except _Unable as unable:
            self._put_back(worker, died=False)
            self._refuse(worker, unable.message)
        except TimeoutError:
            self._put_back(worker, died=True)
            self._refuse(worker, message("it does not answer."))
        except Exception as error:
            # The worker raised instead of answering: it has no such task, or cannot start a process.
            self._put_back(worker, died=True)
            self._refuse(worker, verbatim(f"{type(error).__name__}: {error}"[:500]))

    async def _greet(self, client: Client, worker: _Worker) -> str | None:
        """Greet a worker, and return its incarnation; None where it does not grade as here and is refused."""
        order = pack({**self.orders.greeting, "seconds": GREETING_SECONDS})
        answer = await self._ask(client, worker, order, GREETING_SECONDS + self.patience)
        reason: Message | None
        if answer.refused:
            reason = answer.refused[0]
        elif "died" in answer.header:
            last = str(answer.header["died"]).strip().rpartition("\n")[2][:500]
            reason = message("its grading process ends by itself: {words}", words=last)
        else:
            reason = self.orders.difference(answer.header)
        if reason is not None:
            self._refuse(worker, reason)
            return None
        self._refused.pop(worker.address, None)
        self.tell(Greeted(worker.address, answer.header))
        return str(answer.header["incarnation"])

    async def _next(self) -> _Job:
        while True:
            if not self._queue:
                self._more.clear()
                await self._more.wait()
            elif self.crowded():
                await asyncio.sleep(0.02)
            else:
                return self._queue.popleft()

    async def _grade(self, client: Client, worker: _Worker, job: _Job, incarnation: str) -> bool:
        """Have a submission graded; return False where the grading process died of it, or with it."""
        self.tell(Begun(job.submission))
        asked, notebook = self.orders.grading(job.submission)
        order = pack({**asked, "incarnation": incarnation, "seconds": self.orders.seconds}, notebook)
        answer = await self._ask(client, worker, order, self.orders.seconds + self.patience)
        if "died" in answer.header or "stale" in answer.header:
            return False
        if answer.refused:
            raise _Unable(*answer.refused)
        self.tell(Done(job.submission, answer))
        return True

    async def _ask(self, client: Client, worker: _Worker, order: bytes, seconds: float) -> Answer:
        future = client.submit(
            ask,
            order,
            # Learners' names must not appear on Dask's dashboard.
            key=f"beyond-sequential-{secrets.token_hex(12)}",
            workers=[worker.address],
            allow_other_workers=False,
            retries=0,
            pure=False,
        )
        try:
            try:
                return Answer(*unpack(await _within(seconds, future.result())))
            except TimeoutError:
                raise
            except Exception:
                # An error that is not the task's own means a lost connection, which cancels the task.
                if future.status == "error":
                    raise
                raise _SchedulerGone from None
        finally:
            # The scheduler can then forget the task, and the worker the report.
            future.release()

    def _put_back(self, worker: _Worker, *, died: bool) -> None:
        """Put a worker's submission back for another one, unless workers have died of it too often."""
        job, worker.job = worker.job, None
        if job is None:
            return
        job.deaths += died
        if job.deaths < TRIES:
            self._queue.appendleft(job)
            self._more.set()
        else:
            self.tell(Lost(job.submission))

    def _see_off(self, worker: _Worker) -> None:
        """Refuse a worker that ended while it was greeted, as one does that cannot read its order."""
        if worker.state == "greeting":
            reason = message(
                "it ended as soon as it was connected; this happens where the course, or its "
                "current version, is not installed."
            )
            self._refuse(worker, reason)

    def _refuse(self, worker: _Worker, reason: Message) -> None:
        worker.state = "refused"
        self._refused[worker.address] = reason
        self.tell(Refused(worker.address, reason))
