"""A grader that is a program of its own, not a fork: the process that asks it may have threads."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO

from autograder.importing import python_path

_PATIENCE_SECONDS = 2


def start_program(
    words: Sequence[str], descriptor: int, errors: IO[bytes], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program of this package; the number of the one descriptor that it inherits comes last.

    It has no terminal and hears no ctrl-C; what it writes to standard error goes into `errors`.
    """
    return subprocess.Popen(
        [*words, str(descriptor)],
        pass_fds=[descriptor],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env={**environment, "PYTHONPATH": python_path()},
        start_new_session=True,
    )


def end_program(process: subprocess.Popen[bytes]) -> None:
    """End it, and with it the warm interpreter and whatever runs; one that does not listen is killed."""
    process.terminate()
    try:
        process.wait(timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_of(errors: IO[bytes], at_most: int) -> str:
    """The last bytes that a program has written, as text."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - at_most))
    return errors.read().decode("utf-8", "replace").strip()
