"""Running Python programs as a user would, without waiting for their imports.

`run(["-m", "autograder", "grade", …])` is `subprocess.run([sys.executable, "-m", …])`, but for where the
process comes from: it is a fork of one that has imported Keras, nbgrader and the like (`server`), which is
started when it is first needed. What the program starts itself comes from there, too. Where a program's
environment differs in what is read before anything is imported, the program is a new interpreter, as ever.
"""

from __future__ import annotations

import _socket
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.warm.starting import (
    HOOK,
    OWNER,
    PLACE,
    STAND_IN,
    can_be_forked,
    connect,
    heard,
    offer,
    order,
    warm_popen,
    warm_posix_spawn,
)

ROOT = Path(__file__).parents[2]

# What is first on PATH where commands are called by name: the warm ones, then those of this interpreter.
PROGRAMS = f"{Path(__file__).parent / 'bin'}{os.pathsep}{Path(sys.executable).parent}"
# What a program's environment has for the server to be found.
VARIABLES = (PLACE, OWNER)
# What takes a program's environment away from the server: the program is a new interpreter.
NEW_INTERPRETER = {PLACE: ""}
# How pytest-xdist starts what runs tests.
INTERPRETER = f"popen//python={sys.executable} -I -S {STAND_IN}"
# What is first on PYTHONPATH where a program is a new interpreter, and those that it starts need not be.
SEARCH_PATH = f"{HOOK}{os.pathsep}{ROOT}"

__all__ = [
    "INTERPRETER", "NEW_INTERPRETER", "PROGRAMS", "ROOT", "SEARCH_PATH", "VARIABLES", "Program", "offer",
    "programs", "run", "start",
]  # fmt: skip


class Program:
    """A program that runs, in a session of its own; `pid` is its process."""

    def __init__(
        self, words: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path | None
    ) -> None:
        self._words = words
        self._out, self._errors = (
            log.open("a+b") if log else tempfile.TemporaryFile()  # noqa: SIM115 - closed when read
            for _ in range(2)
        )
        self._connection: _socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        if can_be_forked(words, environment):
            self._connection = connect(environment)
            with open(os.devnull, "rb") as nothing:
                descriptors = {0: nothing.fileno(), 1: self._out.fileno(), 2: self._errors.fileno()}
                self.pid = order(
                    self._connection,
                    words,
                    cwd=str(cwd),
                    environment=environment,
                    descriptors=descriptors,
                    session=True,
                )
        else:
            self._process = subprocess.Popen(
                [sys.executable, *words], cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
                stdout=self._out, stderr=self._errors, start_new_session=True,
            )  # fmt: skip
            self.pid = self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended; `end` tells how."""
        if self._process is not None:
            return self._process.poll() is not None
        return bool(select.select([self._connection], [], [], 0)[0])

    def kill(self) -> None:
        """Kill it, unless it has ended, and wait for its end."""
        if not self.has_ended:
            os.kill(self.pid, signal.SIGKILL)
        self.end()

    def end(self, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Wait for its end, and return how it ended and what it said.

        Raises:
            TimeoutError: it took longer than that, and was killed.
        """
        try:
            if self._connection is not None:
                self._connection.settimeout(timeout)
                code = heard(self._connection)["ended"]
                self._connection.close()
            else:
                assert self._process is not None
                code = self._process.wait(timeout)
        except (TimeoutError, subprocess.TimeoutExpired):
            os.kill(self.pid, signal.SIGKILL)
            raise TimeoutError(f"{self._words} took more than {timeout} seconds.") from None
        return subprocess.CompletedProcess(
            [sys.executable, *self._words], code, _all_of(self._out), _all_of(self._errors)
        )


def start(
    words: Sequence[object],
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Program:
    """Start `-m module words…` or `-c program words…`.

    Args:
        cwd: the folder that it runs in.
        environment: all of its environment; this process's own where nothing is said.
        log: the file that all it says is added to, for whoever reads it before the end.
    """
    return Program(
        [str(word) for word in words], cwd, dict(os.environ if environment is None else environment), log
    )


def run(
    words: Sequence[object],
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """Run `-m module words…` or `-c program words…` to its end; see `start`.

    Raises:
        TimeoutError: it took longer than that, and was killed.
    """
    return start(words, cwd=cwd, environment=environment).end(timeout)


@contextmanager
def programs() -> Iterator[None]:
    """What this process starts meanwhile, by code of the package that is under test, is warm as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", warm_popen())
        patch.setattr(os, "posix_spawn", warm_posix_spawn)
        yield


@pytest.fixture(scope="module", autouse=True)
def programs_are_warm() -> Iterator[None]:
    """In the modules of a folder whose conftest imports it, `programs` holds for all tests."""
    with programs():
        yield


def _all_of(file: IO[bytes]) -> str:
    """What was written into a file, as text with lines that end with a line feed."""
    file.seek(0)
    text = file.read().decode("utf-8", "replace")
    file.close()
    return text.replace("\r\n", "\n")
