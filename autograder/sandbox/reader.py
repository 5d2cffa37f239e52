"""Reads a run's events in the grading process, which does not trust their sender and uses its own clock."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from autograder.messages import Message, message
from autograder.sandbox.outputs import (
    OutputError,
    clean_text,
    read_error,
    read_outputs,
    read_updates,
    without_display_ids,
)
from autograder.sandbox.request import MIB, CellResult, Request, Run, SandboxError

OnEvent = Callable[[str, CellResult], None]

_EVIDENCE = re.compile(rb'\{"event":"evidence","cell":(\d{1,9}),"document":(.*)\}', re.DOTALL)
GRACE_SECONDS = 2.0
_STATUS_SECONDS = 10.0
_START_SECONDS = 60.0
_CHUNK = 1 << 18


class Reader:
    """The reader of one run, from its beginning to its end."""

    def __init__(self, request: Request, on_event: OnEvent | None = None) -> None:
        self._request = request
        self._limits = request.limits
        self._tell = on_event or (lambda _kind, _cell: None)
        self._cells = [CellResult(cell.index, cell.id) for cell in request.cells]
        self._next = 0
        self._current: CellResult | None = None
        self._began = self._cell_began = time.monotonic()
        self._interrupted: float | None = None
        self._stopped: float | None = None
        self._ended: Message | None = None
        self._done = False
        self._buffer = bytearray()
        self._total = 0
        self._shown: dict[str, list[dict[str, Any]]] = {}
        """The outputs so far that can be updated, by display id."""

    def follow(self, events: int, control: socket.socket) -> Run:
        """Read until the run is over, and return it.

        Raises:
            SandboxError: the jail could not be built; no cell was started.
        """
        self._control = control
        poll = select.poll()
        poll.register(events, select.POLLIN)
        poll.register(control, select.POLLIN)
        status: dict[str, Any] | None = None
        reading = waiting = True
        while reading or waiting:
            ready = dict(poll.poll(max(0.0, self._next_deadline() - time.monotonic()) * 1000 + 1))
            if events in ready:
                chunk = os.read(events, _CHUNK)
                if chunk:
                    self._take(chunk)
                else:
                    poll.unregister(events)
                    reading = False
            if control.fileno() in ready:
                status = _read_status(control)
                poll.unregister(control)
                waiting = False
                if status is None and self._stopped is None:
                    self._stopped = time.monotonic()
            if not self._keep_time() and not ready:
                break
        return self._conclude(status)

    def _next_deadline(self) -> float:
        if self._stopped is not None:
            return self._stopped + _STATUS_SECONDS
        if self._next == 0 and self._current is None and self._cells:
            return self._began + max(_START_SECONDS, self._limits.notebook_seconds)
        deadline = self._began + self._limits.notebook_seconds
        if self._current is not None:
            if self._interrupted is not None:
                deadline = min(deadline, self._interrupted + GRACE_SECONDS)
            else:
                deadline = min(deadline, self._cell_began + self._limits.cell_seconds)
        return deadline

    def _keep_time(self) -> bool:
        """Act on passed deadlines; return False when there is nothing left to wait for."""
        now = time.monotonic()
        if now < self._next_deadline():
            return True
        if self._stopped is not None:
            return False
        if now >= self._began + self._limits.notebook_seconds:
            self._stop(
                message(
                    "The notebook ran longer than {seconds} seconds and was stopped.",
                    seconds=self._limits.notebook_seconds,
                )
            )
        elif self._interrupted is None:
            self._interrupted = now
            self._order(b"interrupt")
        else:
            self._stop(
                message(
                    "A cell ran for more than {seconds} seconds and did not stop when it was "
                    "interrupted. The notebook was ended with it; the cells after it did not run.",
                    seconds=self._limits.cell_seconds,
                )
            )
        return True

    @property
    def _over(self) -> bool:
        return self._stopped is not None

    def _order(self, order: bytes) -> None:
        try:
            self._control.send(order)
        except OSError:
            # The supervisor is gone, and the run with it; the end of the pipe will show that.
            return

    def _stop(self, reason: Message) -> None:
        if self._stopped is None:
            self._ended = self._ended or reason
            self._stopped = time.monotonic()
            self._order(b"stop")

    def _take(self, chunk: bytes) -> None:
        self._total += len(chunk)
        if self._stopped is not None:
            return
        if self._printed_too_much():
            return
        searched = len(self._buffer)
        self._buffer += chunk
        start = 0
        while (end := self._buffer.find(b"\n", max(start, searched))) >= 0:
            line = bytes(self._buffer[start:end])
            start = end + 1
            if len(line) > self._limits.line_bytes:
                break
            self._read_line(line)
            if self._over:
                return
        del self._buffer[:start]
        if len(self._buffer) > self._limits.line_bytes:
            self._stop(
                message(
                    "One cell printed more than {size} MiB at once, and the notebook was stopped.",
                    size=self._limits.line_bytes // MIB,
                )
            )

    def _printed_too_much(self) -> bool:
        if self._total <= self._limits.events_bytes:
            return False
        self._stop(
            message(
                "The notebook printed more than {size} MiB and was stopped.",
                size=self._limits.events_bytes // MIB,
            )
        )
        return True

    def _read_line(self, line: bytes) -> None:
        evidence = _EVIDENCE.fullmatch(line)
        if evidence is not None:
            # Evidence that names another cell than the running one does not count.
            if self._current is not None and int(evidence[1]) == self._current.index:
                self._current.evidence.append(evidence[2])
                self._tell("evidence", self._current)
            return
        try:
            event = json.loads(line, parse_constant=lambda _: None)
            self._act(event, b"\\ud" in line)
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OutputError):
            self._stop(message("The notebook's process broke the protocol it runs under and was stopped."))

    def _act(self, event: dict[str, Any], unclean: bool) -> None:
        kind = event["event"]
        if kind == "broken" and self._next == 0:
            raise_broken(clean_text(str(event["what"]))[:500])
        if kind == "start" and self._current is None and self._next < len(self._cells):
            cell = self._cells[self._next]
            if event["cell"] != cell.index:
                raise ValueError("not the next cell")
            self._next += 1
            self._current = cell
            self._cell_began = time.monotonic()
            self._interrupted = None
            self._tell("start", cell)
        elif kind == "end" and self._current is not None and event["cell"] == self._current.index:
            self._finish(self._current, event, unclean)
            self._current = None
        elif kind == "done" and self._current is None and self._next == len(self._cells):
            self._done = True
            self._stopped = time.monotonic()
        else:
            raise ValueError("an event out of turn")

    def _finish(self, cell: CellResult, event: dict[str, Any], unclean: bool) -> None:
        cell.outputs = read_outputs(event["outputs"], unclean)
        cell.error = read_error(event["error"])
        state = event["state"]
        if state not in ("ok", "error", "interrupted"):
            raise ValueError("no such state")
        cell.state = "interrupted" if self._interrupted is not None else state
        cell.seconds = time.monotonic() - self._cell_began
        self._update(cell, event.get("updates", []), unclean)
        self._tell("end", cell)

    def _update(self, cell: CellResult, updates: Any, unclean: bool) -> None:
        """Replace what was shown by its new contents, in this cell and earlier ones."""
        for output in cell.outputs:
            if "display_id" in output:
                self._shown.setdefault(output["display_id"], []).append(output)
        for display_id, contents in read_updates(updates, unclean).items():
            places = self._shown.get(display_id, ())
            # A copy of the outputs holds the contents once for each of these places.
            self._total += len(places) * len(json.dumps(contents))
            if self._printed_too_much():
                return
            for output in places:
                output.update(contents)

    def _conclude(self, status: dict[str, Any] | None) -> Run:
        known = status or {}
        if known.get("broken") is not None and self._next == 0:
            raise_broken(str(known["broken"]))
        for cell in self._cells:
            without_display_ids(cell.outputs)
        run = Run(
            self._cells,
            self._request.level,
            exit_code=known.get("exit"),
            signal=known.get("signal"),
            max_rss=known.get("max_rss", 0),
            cpu_seconds=known.get("cpu", 0.0),
            leftovers=known.get("leftovers", 0),
            seconds=time.monotonic() - self._began,
        )
        if not self._done:
            run.ended = self._ended or _reason(known)
            run.lost = self._ended is None and known.get("ended") is None and self._may_be_lost(status)
        if self._current is not None:
            self._current.state = "ended"
            self._current.seconds = time.monotonic() - self._cell_began
        return run

    def _may_be_lost(self, status: dict[str, Any] | None) -> bool:
        return status is None or status.get("signal") == signal.SIGKILL or self._next == 0


def raise_broken(what: str) -> None:
    """Raise the SandboxError of a jail that could not be built."""
    raise SandboxError(message("The sandbox could not be built: {what}.", what=what))


def _read_status(control: socket.socket) -> dict[str, Any] | None:
    try:
        text = control.recv(1 << 16)
    except OSError:
        return None
    return json.loads(text) if text else None


def _reason(status: dict[str, Any]) -> Message:
    """Return why a run ended before its time, by what the supervisor saw."""
    match status.get("ended"):
        case "memory":
            return message("The notebook used too much memory and was stopped.")
        case "disk":
            return message("The notebook wrote too much to the disk and was stopped.")
        case "processes":
            return message("The notebook started too many processes and was stopped.")
    if status.get("signal") is not None:
        number = int(status["signal"])
        name = signal.Signals(number).name if number in {*signal.Signals} else str(number)
        return message("The notebook's process was ended by the signal {name}.", name=name)
    if status.get("exit") is not None:
        return message(
            "The notebook's process ended itself with exit code {code} before the last cell was done.",
            code=int(status["exit"]),
        )
    return message("The process that supervised the notebook was lost, and the run ended with it.")
