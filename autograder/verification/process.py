"""Verifies one solution in a process of its own: `python -m autograder.verification.process`.

A backend is chosen before Keras is imported, and memory is measured for one solution at a time. A request
comes as JSON on standard input; lines of JSON go to standard output: the progress, now and then, and at last
the answer.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

from autograder.messages import AutograderError
from autograder.verification.result import Trouble, Underway, Verified

SAY_SECONDS = 0.5
Patience = Callable[[float], AbstractContextManager[object]]


def answered(
    request: dict[str, Any], listen: Callable[[Underway], None], patience: Patience = nullcontext
) -> Verified | Trouble:
    """Return what came of the requested solution; if anything goes wrong, its last line says what."""
    try:
        from autograder.verification.solution import NoAcceleratorError, verify_here
    except Exception as error:
        return Trouble(assignment=request["assignment"], error=_line(error))
    try:
        return verify_here(
            Path(request["course"]), request["assignment"], **request["how"], listen=listen, patience=patience
        )
    except NoAcceleratorError as error:
        return Trouble(assignment=request["assignment"], error=str(error), no_accelerator=True)
    except Exception as error:
        return Trouble(assignment=request["assignment"], error=_line(error))


def _line(error: Exception) -> str:
    # The course's own errors are sentences, and need no class.
    said = str(error) if isinstance(error, AutograderError) else f"{type(error).__name__}: {error}"
    return said.strip().split("\n")[0]


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    # What backends print while they train must not get into the answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    said = time.monotonic()

    def say(line: Verified | Trouble | Underway) -> None:
        print(json.dumps({"kind": type(line).__name__, **line.model_dump()}), file=out, flush=True)

    def listen(underway: Underway) -> None:
        nonlocal said
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            say(underway)

    def patience(seconds: float) -> _Deadline:
        error = f"the solution does not end within {seconds:g} seconds"
        return _Deadline(seconds, lambda: say(Trouble(assignment=request["assignment"], error=error)))

    with redirect_stdout(sys.stderr):
        answer = answered(request, listen, patience)
    say(answer)


class _Deadline:
    """A deadline: it ends the process where a block takes too long, after saying so."""

    def __init__(self, seconds: float, say: Callable[[], None]) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._say = say

    def _end(self) -> None:
        self._say()
        os._exit(1)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


if __name__ == "__main__":
    main()
