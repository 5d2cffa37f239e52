"""Runs the notebook's cells one after the other inside the jail, and reports them as events."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.sandbox import quick_keras
from autograder.sandbox.request import CellSource, Limits, Request
from autograder.sandbox.shell import Shell, attach, describe

if TYPE_CHECKING:
    from autograder.evidence.seal import Seal


class _Describing(NamedTuple):
    """The modules that describe models. Imported only after learner code, they could be somebody else's."""

    recorder: ModuleType
    stand_in: ModuleType
    seal: Seal


_describing: _Describing | None = None


class Events:
    """The pipe out of the jail, one JSON object a line; also the recorder that `check(...)` writes to."""

    def __init__(self, descriptor: int, most: int) -> None:
        self._descriptor = descriptor
        self._most = most
        self._lock = threading.Lock()
        self.cell = -1

    def send(self, event: dict[str, Any]) -> None:
        """Write one event."""
        self._write(json.dumps(event, default=str).encode() + b"\n")

    def record(self, document: dict[str, Any]) -> None:
        """Write one document of evidence for the cell that is running (an `evidence.recorder.Recorder`)."""
        text = json.dumps(document).encode()
        if len(text) + 100 > self._most:
            raise ValueError(f"what check() was given takes {len(text):,} bytes to describe: too much")
        self._write(b'{"event":"evidence","cell":%d,"document":%b}\n' % (self.cell, text))

    def _write(self, line: bytes) -> None:
        with self._lock:
            left = memoryview(line)
            while left:
                left = left[os.write(self._descriptor, left) :]


def run_notebook(shell: Shell, request: Request, events: Events) -> None:
    """Run every cell, whatever happened in the one before."""
    shell.collector.allow(request.limits.output_bytes, request.limits.events_bytes // 4)
    attach(shell)
    if _describing is not None:
        _describing.recorder.install(events, request.probes, _describing.seal)
    for cell in request.cells:
        _run_cell(shell, cell, request.limits, events)
        if _describing is not None and cell.task is not None and cell.task in request.replacements:
            made_of = request.replacements[cell.task]
            _describing.stand_in.put(shell.user_ns, cell.task, made_of, events.record)
    events.send({"event": "done"})


def _run_cell(shell: Shell, cell: CellSource, limits: Limits, events: Events) -> None:
    shell.collector.begin()
    events.cell = cell.index
    events.send({"event": "start", "cell": cell.index})
    began = time.monotonic()
    home = os.getpid()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        # An interrupt that comes this early was meant for the cell before.
        if time.monotonic() - began > limits.cell_seconds * 0.9:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    error: BaseException | None
    try:
        if cell.setup:
            shell.run_leniently(cell.setup, silent=True)
            shell.collector.begin()
        run = shell.run_leniently if cell.lenient else shell.run_cell
        result = run(cell.source, store_history=True, silent=False, cell_id=cell.id)
        error = result.error_before_exec or result.error_in_exec
    except BaseException as raised:
        error = raised
    if os.getpid() != home:
        # This is a child that the cell forked; it must not run the rest of the notebook a second time.
        os._exit(0)
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt as late:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        error = error or late
    _collect_printed(shell)
    shell.collector.end()
    described = None if error is None else asdict(describe(shell, error, cell.source))
    state = "ok" if error is None else "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
    ended = {"event": "end", "cell": cell.index, "state": state, "error": described}
    outputs = {"outputs": shell.collector.finished(), "updates": shell.collector.updates}
    try:
        events.send(ended | outputs)
    except (TypeError, ValueError, RecursionError):
        # Rich output can be no JSON: keys that are no text, or a dict that contains itself.
        plain = [output for output in outputs["outputs"] if output["output_type"] == "stream"]
        events.send(ended | {"outputs": plain, "updates": []})


def _collect_printed(shell: Shell) -> None:
    """Collect what libraries and child processes wrote to descriptor 1, past `sys.stdout`."""
    try:
        size = os.fstat(1).st_size
        if not size:
            return
        text = os.pread(1, min(size, 1 << 22), 0).decode("utf-8", "replace")
        os.ftruncate(1, 0)
    except OSError:
        return
    shell.collector.stream("stdout", text)


def prepare() -> None:
    """Do once, before any fork, what describing models needs; without Keras nothing describes them."""
    global _describing
    if "keras" not in sys.modules:
        return
    from tensorflow.python.ops import logging_ops

    from autograder import evidence
    from autograder.evidence import recorder, stand_in
    from autograder.evidence.seal import Seal

    # The checkout is out of sight in the jail, so what `check(...)` needs of it must be imported already.
    for module in pkgutil.iter_modules(evidence.__path__, evidence.__name__ + "."):
        importlib.import_module(module.name)
    # As in a notebook, `tf.print` then prints like `print`.
    logging_ops.enable_interactive_logging()
    _describing = _Describing(recorder, stand_in, Seal([quick_keras]))


def settle() -> None:
    """Make the interpreter look like a notebook's: no arguments, the working folder first on the path."""
    sys.argv = ["notebook"]
    # It is then found again from TMPDIR when somebody asks for it.
    tempfile.tempdir = None
    sys.path[:] = ["", *(path for path in sys.path if path)]
