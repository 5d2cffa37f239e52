"""A worker's handle on its grading process: starting it, asking it, and seeing it die."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Sequence

from autograder.grading.cluster import frames
from autograder.grading.program import end_of, end_program, start_program
from autograder.messages import AutograderError

PROGRAM = (sys.executable, "-P", "-c", "from autograder.grading.cluster.serving import main; main()")
_SAID_AT_MOST = 2000


class ProcessDied(AutograderError):  # noqa: N818 - named for what happened
    """The grading process has ended, or had to be ended; its text is the end of what it wrote."""


class GradingProcess:
    """The process that grades for one worker.

    A worker has threads and an event loop, and holds connections to the scheduler: it may not fork, and
    nothing of it may be within a learner's reach. So the process is a program of its own that inherits one
    socket and nothing else: no connection, no thread, none of Dask's settings.
    """

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self._connection, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lasts as long as the process
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
        with theirs:
            self._process = start_program(program, theirs.fileno(), self._errors, kept)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def ask(self, order: bytes, seconds: float) -> bytes:
        """The answer to an order.

        Raises:
            ProcessDied: there is none, or none within that many seconds; the process is gone then.
        """
        self._connection.settimeout(seconds)
        try:
            frames.send(self._connection, order)
            answer = frames.receive(self._connection)
        except (OSError, frames.FrameError) as error:
            self.close()
            raise ProcessDied(self.said or str(error)) from None
        if answer is None:
            self.close()
            raise ProcessDied(self.said)
        return answer

    def close(self) -> None:
        """End it, and with it the warm interpreter and whatever runs."""
        self._connection.close()
        end_program(self._process)

    @property
    def said(self) -> str:
        """The end of what it has written to standard error."""
        return end_of(self._errors, _SAID_AT_MOST)
