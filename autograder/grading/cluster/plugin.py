"""The part that runs in a Dask worker: the plug-in that keeps one grading process, and the task that asks it.

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
    """The plug-in that keeps a worker's grading process, with its warm interpreter, between submissions."""

    name = NAME

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._only = command
        self._command = program() if command is None else command
        # The grading process takes one submission at a time, however many threads the worker has.
        self._one = threading.Lock()
        self._process: GradingProcess | None = None
        self.incarnation = secrets.token_hex(8)
        """The id of this worker alone, which differs even for a later worker at the same address."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's interface
        """Start the grading process, which imports while the worker waits for work."""
        self._process = GradingProcess(self._command)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's interface
        """End the grading process with its worker."""
        if self._process is not None:
            self._process.close()

    def answer(self, order: bytes) -> bytes:
        """Return the grading process's answer to an order; it is `died` where the process ended instead."""
        header, content = unpack(order)
        # Dask may give a lost worker's task to the next worker at its address, any number of times.
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
        """End the grading process where another program is wanted, as it is for a gradebook."""
        if self._only is None and command != self._command:
            self._command = command
            if self._process is not None:
                self._process.close()
                self._process = None


def ask(order: bytes) -> bytes:
    """Have the worker's grading process answer an order; this is the task that Dask runs."""
    worker = get_worker()
    if NAME not in worker.plugins:
        loop = worker.loop.asyncio_loop
        asyncio.run_coroutine_threadsafe(_add(worker), loop).result(_START_SECONDS)
    plugin = worker.plugins[NAME]
    assert isinstance(plugin, GradingPlugin)
    return plugin.answer(order)


async def _add(worker: Worker) -> None:
    # Another thread may have added it meanwhile.
    if NAME not in worker.plugins:
        await worker.plugin_add(GradingPlugin(), name=NAME, catch_errors=False)


async def dask_setup(worker: Worker) -> None:
    """Add the plug-in; Dask calls this where the module is a worker's preload."""
    await _add(worker)
