"""A handle on the process that grades: starting it, asking it, and starting it again when it has died."""

from __future__ import annotations

import os
import sys
import tempfile
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from autograder.grading.program import end_of, end_program, start_program
from autograder.messages import AutograderError
from autograder.watching.grader import ABANDON
from autograder.watching.protocol import Answer, Ask, Ready, Setup

_PROGRAM = (sys.executable, "-P", "-c", "from autograder.watching.grader import main; main()")
_SAID_AT_MOST = 4000


class GraderDied(AutograderError):  # noqa: N818 - named for what happened
    """The process has ended without being asked to; its text is the end of what it wrote."""


class GraderProcess:
    """The grader's process; it has no terminal and hears no ctrl-C."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._start()

    def _start(self) -> None:
        self._connection: Connection[Any, Any]
        self._connection, theirs = Pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lasts as long as the process
        self._ready = False
        self._process = start_program(_PROGRAM, theirs.fileno(), self._errors, os.environ)
        theirs.close()
        self._connection.send(self._setup)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def fileno(self) -> int:
        """What can be waited for: it is readable when there is an answer, or an end."""
        return self._connection.fileno()

    def ask(self, ask: Ask) -> None:
        """Ask for a verdict; one at a time. A grader that has died says so when it is listened to."""
        try:
            self._connection.send(ask)
        except OSError:
            return

    def abandon(self) -> None:
        """Give up the run that is going on, if one is; the ask is answered in any case."""
        if self._ready:
            self._process.send_signal(ABANDON)

    def answer(self) -> Answer:
        """The next answer.

        Raises:
            GraderDied: there will be none.
        """
        try:
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            raise GraderDied(self._said()) from None
        if isinstance(answer, Ready):
            self._ready = True
        return answer

    def restart(self) -> None:
        """A new process in the place of one that has died."""
        self.close()
        self._start()

    def close(self) -> None:
        """End it, and with it the warm interpreter and whatever runs."""
        self._connection.close()
        end_program(self._process)
        self._errors.close()

    def _said(self) -> str:
        return end_of(self._errors, _SAID_AT_MOST)
