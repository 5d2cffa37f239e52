"""Verifying a solution in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass

from autograder.course import Assignment, Course
from autograder.sandbox.spawning import python_path
from autograder.verification.devices import Device, environment
from autograder.verification.lessons import Scale
from autograder.verification.result import Trouble, Verified


@dataclass(frozen=True)
class Wish:
    """How solutions are to be verified. `jit_compile`: None leaves it to the backend's usual way."""

    backend: str
    device: Device = "auto"
    scale: Scale = "small"
    mixed_bfloat16: bool = False
    jit_compile: bool | None = None
    seed: int = 0


def verify(course: Course, assignment: Assignment, wish: Wish) -> Verified | Trouble:
    """What came of running, grading and training an assignment's solution."""
    how = asdict(wish)
    backend = how.pop("backend")
    request = {"course": str(course.root / "course.yml"), "assignment": assignment.id, "how": how}
    done = subprocess.run(
        [sys.executable, "-m", "autograder.verification.process"],
        input=json.dumps(request),
        env={**os.environ, **environment(backend, wish.device), "PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return Trouble(assignment=assignment.id, error=_ended(done.returncode, done.stderr))
    return (Verified if answer.pop("kind") == "Verified" else Trouble).model_validate(answer)


def _ended(code: int, said: str) -> str:
    """Why a process has ended without an answer: the signal (without memory, SIGKILL), or what it said."""
    if code < 0:
        return signal.Signals(-code).name
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"exit code {code}"
