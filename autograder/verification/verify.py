"""Verifies a solution in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from autograder.course import Assignment, Course
from autograder.importing import python_path
from autograder.verification.devices import Device, environment
from autograder.verification.result import Trouble, Underway, Verified
from autograder.verification.trainings import Scale

ANSWERS: dict[str, type[Verified | Trouble]] = {"Verified": Verified, "Trouble": Trouble}


@dataclass(frozen=True)
class Wish:
    """How solutions are to be verified. If `jit_compile` is None, the backend does as usual."""

    backend: str
    device: Device = "auto"
    scale: Scale = "small"
    mixed_bfloat16: bool = False
    jit_compile: bool | None = None
    seed: int = 0


def verify(
    course: Course,
    assignment: Assignment,
    wish: Wish,
    listen: Callable[[Underway], None] = lambda _underway: None,
) -> Verified | Trouble:
    """Return what came of running, grading and training a solution; `listen` is called with the progress."""
    how = asdict(wish)
    backend = how.pop("backend")
    request = {"course": str(course.file), "assignment": assignment.id, "how": how}
    # The backend's output goes into a file, since nobody would read a pipe meanwhile.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.verification.process"],
            env={**os.environ, **environment(backend, wish.device), "PYTHONPATH": python_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        with process:
            try:
                answer = _answer(process, request, listen)
            except BaseException:
                process.kill()
                raise
        if answer is not None:
            return answer
        said.seek(0)
        return Trouble(assignment=assignment.id, error=_ended(process.returncode, said.read()))


def _answer(
    process: subprocess.Popen[str], request: dict[str, Any], listen: Callable[[Underway], None]
) -> Verified | Trouble | None:
    """Return what a process answers to a request; None if it ends without an answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(json.dumps(request))
    for line in process.stdout:
        try:
            document = json.loads(line)
        except ValueError:
            # The process ended in the middle of the line.
            return None
        kind = document.pop("kind")
        if kind in ANSWERS:
            return ANSWERS[kind].model_validate(document)
        listen(Underway.model_validate(document))
    return None


def _ended(code: int, said: str) -> str:
    """Return why a process ended without an answer: the signal (SIGKILL without memory), or what it said."""
    if code < 0:
        return signal.Signals(-code).name
    if code == 0:
        return "the solution ends its process (exit code 0) before it has come to its end"
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"exit code {code}"
