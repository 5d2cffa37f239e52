"""What runs in a Dask worker: the plug-in that keeps one grading process, and the task that asks it.

As a preload it has the process ready before the first submission comes:

    dask worker tcp://scheduler:8786 --nthreads 1 --preload autograder.grading.cluster.plugin
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Sequence

from distributed import Worker, WorkerPlugin, get_worker

from autograder.grading.process import GradingProcess, ProcessDied, program
from autograder.grading.protocol import pack, unpack

NAME = "beyond-sequential"
_START_SECONDS = 30.0


class GradingPlugin(WorkerPlugin):
    """Keeps a worker's grading process, and with it one warm interpreter, from one submission to the next."""

    name = NAME

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._only = command
        self._command = program() if command is None else command
        # One submission at a time, however many threads the worker has.
        self._one = threading.Lock()
        self._process: GradingProcess | None = None
        self.incarnation = secrets.token_hex(8)
        """This worker's, and no other's, not even that of one that takes its address later."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's interface
        """Start the grading process: it imports while the worker waits for work."""
        self._process = GradingProcess(self._command)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's interface
        """End it with its worker."""
        if self._process is not None:
            self._process.close()

    def answer(self, order: bytes) -> bytes:
        """The grading process's answer to an order; `died` where it ended instead."""
        header, content = unpack(order)
        # Dask gives the task of a lost worker to the next one at its address, as often as it likes.
        if header.get("incarnation") not in (None, self.incarnation):
            return pack({"stale": True})
        module, *words = header.pop("program")
        with self._one:
            self._use(program(module, words=words))
            if self._process is None:
                self._process = GradingProcess(self._command)
            try:
                self._process.ask(header, content, header["seconds"])
                answer = self._process.answer(header["seconds"])
            except ProcessDied as death:
                self._process = None
                return pack({"died": str(death)})
        return pack({**answer.header, "incarnation": self.incarnation}, answer.body)

    def _use(self, command: Sequence[str]) -> None:
        """End the grading process where another program is wanted, as for a gradebook."""
        if self._only is None and command != self._command:
            self._command = command
            if self._process is not None:
                self._process.close()
                self._process = None


def ask(order: bytes) -> bytes:
    """The task: have the worker's grading process answer an order."""
    worker = get_worker()
    if NAME not in worker.plugins:
        loop = worker.loop.asyncio_loop
        asyncio.run_coroutine_threadsafe(_add(worker), loop).result(_START_SECONDS)
    plugin = worker.plugins[NAME]
    assert isinstance(plugin, GradingPlugin)
    return plugin.answer(order)


async def _add(worker: Worker) -> None:
    # Another thread may have asked for the same.
    if NAME not in worker.plugins:
        await worker.plugin_add(GradingPlugin(), name=NAME, catch_errors=False)


async def dask_setup(worker: Worker) -> None:
    """Called by Dask where this module is a worker's preload."""
    await _add(worker)
