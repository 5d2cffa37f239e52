"""Asking the grading service: starting it when it is needed, starting it again when it has died."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from autograder.course import Course
from autograder.importing import python_path
from autograder.messages import AutograderError, Message, message, verbatim

# A service that dies while it grades is tried once more: it may have been somebody else's fault.
TRIES = 2


class NotGraded(AutograderError):  # noqa: N818 - the submission's fate; the batch goes on
    """A submission that the grader itself failed on: why, in sentences."""


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    connection: socket.socket
    lines: Any


class GradingClient:
    """One course's grading service, shared by every step in this process that asks it."""

    _clients: ClassVar[dict[tuple[str, str], GradingClient]] = {}

    def __init__(self, course_file: Path) -> None:
        self._course_file = course_file
        self._running: _Running | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, course: Course) -> GradingClient:
        """The client for that course as its files are now: a service knows what it has read, and no more."""
        path = course.root / "course.yml"
        key = (str(path), _state(course))
        if key not in cls._clients:
            for old in [known for known in cls._clients if known[0] == str(path)]:
                cls._clients.pop(old).close()
            cls._clients[key] = cls(path)
        return cls._clients[key]

    def start(self) -> None:
        """Let the service begin to import, while nbgrader does something else."""
        with self._lock:
            self._started()

    def grade(self, assignment: str, student: str, folder: Path) -> str:
        """The autograded notebook of the submission in `folder`, as the text of its file.

        Raises:
            NotGraded: the grader itself failed; nothing is said about the submission.
        """
        request = {"assignment": assignment, "student": student, "folder": str(folder)}
        with self._lock:
            for _ in range(TRIES):
                answer = self._ask(request)
                if answer is not None:
                    return _text(answer)
        raise NotGraded(
            message("The process that graded this submission was ended from outside, twice. Grade it again.")
        )

    def close(self) -> None:
        """End the service."""
        if self._running is None:
            return
        running, self._running = self._running, None
        with suppress(OSError):
            running.connection.shutdown(socket.SHUT_RDWR)
        running.connection.close()
        try:
            running.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        running = self._started()
        try:
            running.connection.sendall(json.dumps(request).encode() + b"\n")
            line = running.lines.readline()
        except OSError:
            line = ""
        if not line:
            self.close()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> _Running:
        if self._running is not None and self._running.process.poll() is not None:
            # It had been idle too long.
            self.close()
        if self._running is None:
            mine, its = socket.socketpair()
            with its:
                process = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "autograder.gradebook.service",
                        self._course_file,
                        str(its.fileno()),
                    ],
                    pass_fds=[its.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": python_path()},
                )
            self._running = _Running(process, mine, mine.makefile("r", encoding="utf-8", newline="\n"))
            atexit.register(self.close)
        return self._running


def _text(answer: dict[str, Any]) -> str:
    if "error" in answer:
        raise NotGraded(*(Message.model_validate(said) for said in answer["error"]))
    if answer["outcome"] == "broken":
        raise NotGraded(
            message("The grader itself failed here. This is not the learner's mistake."),
            *(verbatim(trouble) for trouble in answer["troubles"]),
        )
    text: str = answer["notebook"]
    return text


def _state(course: Course) -> str:
    """What would make a running service's knowledge stale: the times of the files that it reads."""
    files = [
        course.root / "course.yml",
        *map(course.source, course.assignments),
        *map(course.public_grader, course.assignments),
        *map(course.hidden_grader, course.assignments),
        *map(course.catalogue, course.languages),
    ]
    return " ".join(str(path.stat().st_mtime_ns) if path.is_file() else "-" for path in files)
