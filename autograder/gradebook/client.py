"""Asks the grading service: starts it when it is needed, and again when it has died."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from autograder.course import Course
from autograder.feedback.words import BROKEN
from autograder.grading import submission_in
from autograder.grading.budget import ENDED_BY, budget_of, patience_of
from autograder.grading.process import GradingProcess, ProcessDied, program
from autograder.grading.protocol import grading
from autograder.messages import AutograderError, Message, message, verbatim

# A submission whose service dies is tried once more: another one may have been the cause.
TRIES = 2


class NotGraded(AutograderError):  # noqa: N818 - the submission's fate; the batch goes on
    """A submission that the grader itself failed on: why, in sentences."""


class GradingClient:
    """One course's grading service, shared by all steps of this process that ask it."""

    _clients: ClassVar[dict[tuple[Path, str], GradingClient]] = {}

    def __init__(self, course: Course) -> None:
        self._course = course
        self._process: GradingProcess | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, course: Course) -> GradingClient:
        """Return the client for that course as its files are now; a service knows what it has read."""
        key = (course.file, _state(course))
        if key not in cls._clients:
            for old in [known for known in cls._clients if known[0] == course.file]:
                cls._clients.pop(old).close()
            cls._clients[key] = cls(course)
        return cls._clients[key]

    def start(self) -> None:
        """Let the service begin its imports while nbgrader does something else."""
        with self._lock:
            self._started()

    def grade(self, assignment: str, student: str, folder: Path) -> str:
        """Return the autograded notebook of the submission in `folder`, as the text of its file.

        Raises:
            NotGraded: the grader itself failed; nothing is said about the submission.
        """
        try:
            submission = submission_in(
                student, self._course.assignment(assignment), Path(os.path.abspath(folder))
            )
        except AutograderError as error:
            raise NotGraded(*error.messages) from error
        with self._lock:
            return self._graded(grading(submission))

    def close(self) -> None:
        """End the service."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _graded(self, order: Mapping[str, Any]) -> str:
        for _ in range(TRIES):
            process = self._started()
            process.ask(order)
            try:
                answer = process.answer(patience_of(self._course))
            except ProcessDied as death:
                self._process = None
                if death.by == ENDED_BY:
                    raise NotGraded(budget_of(self._course).exceeded) from None
                continue
            if answer.refused:
                raise NotGraded(*answer.refused, *_verbatim(answer.header["trouble"]))
            notebook: str | None = answer.header["kept"]
            if notebook is None:
                raise NotGraded(BROKEN, *_verbatim(*answer.header["troubles"]))
            return notebook
        raise NotGraded(
            message("The process that graded this submission was ended from outside, twice. Grade it again.")
        )

    def _started(self) -> GradingProcess:
        if self._process is not None and not self._process.alive:
            # The service had been idle for too long.
            self.close()
        if self._process is None:
            self._process = GradingProcess(program("autograder.gradebook.service", self._course.file))
            atexit.register(self.close)
        return self._process


def _verbatim(*texts: str) -> list[Message]:
    """Return the last line of each traceback, the error: a sentence has no room for the rest."""
    return [verbatim(text.strip().splitlines()[-1]) for text in texts if text.strip()]


def _state(course: Course) -> str:
    """Return the times of the files that a running service has read: when they change, it is out of date."""
    files = [
        course.file,
        *map(course.source, course.assignments),
        *map(course.public_grader, course.assignments),
        *map(course.hidden_grader, course.assignments),
        *map(course.catalogue, course.languages),
    ]
    return " ".join(str(path.stat().st_mtime_ns) if path.is_file() else "-" for path in files)
