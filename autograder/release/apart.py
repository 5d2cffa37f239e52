"""Runs an author's notebook in a process of its own, under the limits that submissions have.

A solution may loop, print without end, use up the memory, or end its process: that costs one sentence, and
not the command. It runs in a fork of this process where that is safe, else in a fork of another process that
has imported Keras once, `python -m autograder.release.apart`. Where a system does not fork safely, it runs in
that process itself, which then does nothing else.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from autograder.course import Assignment, Course, CourseError
from autograder.course.cells import Cell, PlainCell
from autograder.importing import import_quietly, python_path
from autograder.lazy_weights import defer_weights
from autograder.messages import AutograderError, Message, message
from autograder.release.solving import Probes, execute, failure, limited_memory, stopped_at

_IMPORTS = ("keras", "autograder.evidence.recorder", "autograder.evidence.capture")
_FORKS = sys.platform == "linux"
# How long importing Keras may take on a busy machine.
_START_SECONDS = 300.0
_MOST_BYTES = 256 * 1024**2
_Lines = queue.SimpleQueue[bytes | None]


@dataclass(frozen=True)
class _Ended:
    """A run that did not reach its end, and the cell that was running.

    `seconds` is the limit that it exceeded, or else `code` is the exit code of its process.
    """

    cell: str
    seconds: float | None = None
    code: int = 0


@dataclass
class _Answer:
    """What a run has told so far."""

    cell: str = ""
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: bool = False
    stopped: tuple[str, int, str] | None = None
    """The cell, the line and the error that it stopped with."""


class _StoppedError(AutograderError):
    """A solution that cannot go on."""


def documents_of(
    course: Course,
    assignment: Assignment,
    cells: Iterable[tuple[Cell, str]],
    probes: Probes,
    *,
    starter: bool = False,
) -> Mapping[str, dict[str, Any]]:
    """Return the evidence of each task that a notebook's code leaves, run in a process of its own.

    `starter` code may stop with an error: it is there to be mended.

    Raises:
        CourseError: a solution stops with an error; or either exceeds a limit, or ends its process.
    """
    limits = course.limits
    request = {
        "assignment": assignment.id,
        "cells": [{"id": cell.id, "source": source} for cell, source in cells],
        "probes": {task: list(inputs) for task, inputs in probes.items()},
        "starter": starter,
        "cell_seconds": limits.cell_seconds,
        "notebook_seconds": limits.notebook_seconds,
        "memory": limits.memory,
    }
    found = _asked(request)
    # Reading the evidence that comes back needs Keras here, too, but not what its backend prints.
    import_quietly(_IMPORTS)
    place = course.source(assignment).relative_to(course.root).as_posix()
    if isinstance(found, _Ended):
        raise CourseError(
            _said(found, place, message("the starter code") if starter else message("the solution"))
        )
    if found.stopped is not None:
        raise failure(course, assignment, *found.stopped)
    return found.documents


class _Server:
    """The process that runs notebooks: it reads lines of JSON, and answers with lines of JSON."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.release.apart"],
            env={**os.environ, "PYTHONPATH": python_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._lines: _Lines = queue.SimpleQueue()
        assert self._process.stdout is not None
        threading.Thread(target=_forward, args=(self._process.stdout, self._lines), daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Mapping[str, Any]) -> _Answer | _Ended:
        """Run a notebook in the process, which is of no more use if the run does not reach its end."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        return _followed(self._lines, request, self.close)

    def close(self, patience: float = 0.0) -> int:
        """End the process and all it has started, unless it ends by itself first; return its exit code."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        with suppress(ProcessLookupError, PermissionError, AttributeError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        return self._process.wait()


def _by_a_fork(request: dict[str, Any]) -> _Answer | _Ended:
    """Run a notebook in a fork of this process, which has imported Keras and done nothing with it."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            _hear_nothing()
            _run(request, os.fdopen(write_end, "wb", buffering=0))
        finally:
            os._exit(1)
    os.close(write_end)
    lines: _Lines = queue.SimpleQueue()
    reading = threading.Thread(target=_forward, args=(os.fdopen(read_end, "rb"), lines), daemon=True)
    reading.start()
    ended: list[int] = []

    def close(patience: float = 0.0) -> int:
        until = time.monotonic() + patience
        while not ended:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                ended.append(os.waitstatus_to_exitcode(status))
            elif time.monotonic() >= until:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(child, signal.SIGKILL)
            if not ended:
                time.sleep(0.002)
        # End whatever it has started and left behind.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        return ended[0]

    try:
        return _followed(lines, request, close)
    finally:
        close()
        # No thread may be left when the next one is forked.
        reading.join(1.0)


def _followed(lines: _Lines, request: Mapping[str, Any], close: Callable[..., int]) -> _Answer | _Ended:
    """Return what a run tells until it ends, takes too long, or tells too much."""
    answer = _Answer()
    until_cell = until = time.monotonic() + _START_SECONDS
    received = 0
    while True:
        try:
            line = lines.get(timeout=max(0.0, min(until, until_cell) - time.monotonic()))
        except queue.Empty:
            close()
            seconds = request["cell_seconds" if until_cell <= until else "notebook_seconds"]
            return _Ended(answer.cell, seconds=seconds)
        received += len(line or b"")
        event = _event(line)
        if event is None or received > _MOST_BYTES:
            code = close(1.0 if line is None else 0.0)
            return answer if answer.done else _Ended(answer.cell, code=code)
        if "ended" in event:
            return answer if answer.done else _Ended(answer.cell, code=event["ended"])
        now = time.monotonic()
        if "began" in event:
            until = now + request["notebook_seconds"]
        answer.cell = event.get("cell", answer.cell)
        until_cell = now + request["cell_seconds"]
        answer.documents.update(event.get("documents", {}))
        answer.stopped = event.get("stopped", answer.stopped)
        answer.done = answer.done or bool(event.get("done"))


def _forward(stream: IO[bytes], lines: _Lines) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _event(line: bytes | None) -> dict[str, Any] | None:
    """Return what a line says; None at the end, or for what the notebook itself has written there."""
    try:
        event = json.loads(line or b"")
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _said(ended: _Ended, place: str, what: Message) -> Message:
    """Return why a run did not reach its end."""
    # What ends before its first cell has no cell to be named.
    where = message("cell `{cell}` of {what}", cell=ended.cell, what=what) if ended.cell else what
    if ended.seconds is not None:
        return message(
            "{file}: {where} does not end within {seconds} seconds; `limits` in course.yml says how long it "
            "may take.",
            file=place,
            where=where,
            seconds=f"{ended.seconds:g}",
        )
    if ended.code < 0:
        return message(
            "{file}: {where} was ended by the signal {name}, as happens where the memory is used up.",
            file=place,
            where=where,
            name=_signal(-ended.code),
        )
    return message(
        "{file}: {where} ends its process (exit code {code}); it should come to its end.",
        file=place,
        where=where,
        code=ended.code,
    )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


_kept: list[_Server] = []


def _server() -> _Server:
    if not _kept or not _kept[0].alive:
        _kept[:] = [_Server()]
    return _kept[0]


@atexit.register
def _close() -> None:
    while _kept:
        _kept.pop().close()


def _asked(request: dict[str, Any]) -> _Answer | _Ended:
    if _FORKS and threading.active_count() == 1 and not _has_started():
        import_quietly(_IMPORTS)
        return _by_a_fork(request)
    if _FORKS:
        return _server().ask(request)
    once = _Server()
    try:
        return once.ask(request)
    finally:
        once.close()


def _has_started() -> bool:
    """Return whether this process has started the backend's runtime, with threads that a fork lacks."""
    if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        return True
    context = sys.modules.get("tensorflow.python.eager.context")
    made = getattr(context, "_context", None)
    return made is not None and getattr(made, "_context_handle", None) is not None


def _hear_nothing() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def main() -> None:
    """Run the notebooks that are asked for, one per line."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    asked = os.fdopen(os.dup(0), "rb")
    _hear_nothing()
    import_quietly(_IMPORTS)
    for line in asked:
        request = json.loads(line)
        if not _FORKS:
            _run(request, out)
            return
        child = os.fork()
        if child == 0:
            asked.close()
            try:
                _run(request, out)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        _say(out, {"ended": os.waitstatus_to_exitcode(status)})


def _run(request: dict[str, Any], out: IO[bytes]) -> None:
    """Run one notebook in this process, and end it."""
    if hasattr(signal, "alarm"):
        # The process that asked may be gone, and then nobody else would end a loop.
        signal.alarm(int(request["notebook_seconds"]) + 5)
    # Most solutions build models and never read a weight; drawing them all would take half the time of a run.
    defer_weights()
    _say(out, {"began": True})
    stopped: list[tuple[str, int, str]] = []

    def told() -> Iterable[tuple[Cell, str]]:
        for cell in request["cells"]:
            _say(out, {"cell": cell["id"]})
            yield PlainCell(cell["id"], "code", cell["source"]), cell["source"]

    def stop(cell: str, error: BaseException) -> None:
        if not request["starter"]:
            place, line, said = stopped_at(request["assignment"], cell, error)
            stopped.append((place, line, said[:2000]))
            raise _StoppedError

    documents: Mapping[str, Any] = {}
    try:
        with limited_memory(request["memory"]):
            documents = execute(request["assignment"], told(), request["probes"], stop).documents
    except _StoppedError:
        pass
    _say(out, {"documents": dict(documents), "stopped": stopped[0] if stopped else None, "done": True})
    os._exit(0)


def _say(out: IO[bytes], event: Mapping[str, Any]) -> None:
    left = memoryview(json.dumps(event).encode() + b"\n")
    while left:
        left = left[out.write(left) :]


if __name__ == "__main__":
    main()
