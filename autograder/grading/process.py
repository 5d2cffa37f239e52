"""A handle on a grading process (`server`), which starts it, asks it, and notices its end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.grading.protocol import ABANDON, Answer, FrameError, pack, receive, send, unpack
from autograder.importing import python_path
from autograder.messages import AutograderError

_PATIENCE_SECONDS = 2
_SAID_AT_MOST = 4000


class ProcessDied(AutograderError):  # noqa: N818 - named for what happened
    """The grading process has ended, or had to be ended; the text is the end of what it wrote.

    `by` is the signal that ended it, if one did.
    """

    def __init__(self, said: str, by: int | None = None) -> None:
        super().__init__(said)
        self.by = by


def program(
    module: str = "autograder.grading.server", course_file: Path | None = None, words: Sequence[str] = ()
) -> Sequence[str]:
    """Return the command that starts a grading process for a course: a module's `main` with those words."""
    given = ", ".join(map(repr, words))
    return (
        sys.executable,
        "-P",
        "-c",
        f"from {module} import main; main({given})",
        str(course_file or ""),
    )


def environment() -> dict[str, str]:
    """Return the environment of a grading process: this one's, without Dask's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
    return {**kept, "PYTHONPATH": python_path()}


class GradingProcess:
    """A process that grades.

    The caller may have threads, an event loop and connections, so it must not fork, and learners must not
    reach anything of it. Therefore the process is a program of its own that inherits one socket and nothing
    else: no connection, no thread, no terminal, no ctrl-C, none of Dask's settings.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._connection, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lasts as long as the process
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=environment(),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is still running."""
        return self._process.poll() is None

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is an answer or the process has ended."""
        return self._connection.fileno()

    def ask(self, order: Mapping[str, Any], content: bytes = b"", seconds: float | None = None) -> None:
        """Give an order; `answer` returns its outcome, or raises where nobody listened."""
        self._connection.settimeout(seconds)
        try:
            send(self._connection, pack(order, content))
        except OSError:
            return

    def answer(self, seconds: float | None = None) -> Answer:
        """Return the answer to the earliest order that has none yet.

        Raises:
            ProcessDied: there is none, or none within `seconds`; the process has then been ended.
        """
        self._connection.settimeout(seconds)
        try:
            frame = receive(self._connection)
            if frame is not None:
                return Answer(*unpack(frame))
            why = ""
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=_PATIENCE_SECONDS)
        except (OSError, FrameError) as error:
            why = str(error)
        ended = self._process.poll()
        self.close()
        raise ProcessDied(self.said or why, -ended if ended is not None and ended < 0 else None)

    def abandon(self) -> None:
        """Give up the current run, if there is one; its order is answered in any case."""
        self._process.send_signal(ABANDON)

    def close(self) -> None:
        """End the process with its warm interpreter and its run; one that does not listen is killed."""
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def said(self) -> str:
        """The end of what the process has written to standard error."""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _SAID_AT_MOST))
        return self._errors.read().decode("utf-8", "replace").strip()
