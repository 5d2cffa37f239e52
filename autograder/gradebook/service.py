"""The grading service: a process of its own that grades one submission after the other for nbgrader's steps.

nbgrader runs in a command, or in a Jupyter server with threads and an event loop; neither may fork, hold the
hidden checks or import TensorFlow. This process does, and answers over a socket, one line of JSON a request:

    {"assignment": "adding", "student": "kim", "folder": "/…/submitted/kim/adding"}
    {"outcome": "graded", "notebook": "{…}", "troubles": []}  or  {"error": [message, …]}
"""

from __future__ import annotations

import json
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.checks import Checker, serve_checks
from autograder.course import Course, CourseError, load_course
from autograder.feedback import Isolation
from autograder.gradebook.autograded import autograded_text
from autograder.gradebook.configuration import release_language
from autograder.grading import (
    GradingError,
    Scheme,
    choose_isolation,
    grade_submission,
    limits_of,
    load_graders,
    prepare,
    submission_in,
)
from autograder.sandbox import SandboxError, WarmInterpreter, WarmInterpreterGone

IDLE_SECONDS = 120.0
"""A service that nobody asks ends: a Jupyter server lives for weeks, and TensorFlow takes its memory."""


class Service:
    """Grades what it is asked to, with one warm interpreter and one pytest session an assignment."""

    def __init__(self, course: Course, connection: socket.socket) -> None:
        self._course = course
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8", newline="\n")
        self._schemes: dict[str, Scheme] = {}

    def serve(self) -> None:
        """Answer until the other side closes, or says nothing for `IDLE_SECONDS`."""
        try:
            isolation = choose_isolation(self._course, unsafe=False)
            # Forked before any grader or solution is loaded, so that no fork of it can hold one.
            with WarmInterpreter.start(hide=[self._course.root]) as warm:
                self._serve(warm, isolation)
        except (GradingError, SandboxError) as error:
            for _ in self._requests():
                self._answer({"error": [error.message.model_dump(mode="json")]})

    def _serve(self, warm: WarmInterpreter, isolation: Isolation) -> None:
        requests = self._requests()
        request = next(requests, None)
        while request is not None:
            try:
                scheme = self._scheme(request["assignment"], warm, isolation)
            except CourseError as error:
                self._answer({"error": [said.model_dump(mode="json") for said in error.messages]})
                request = next(requests, None)
            except GradingError as error:
                self._answer({"error": [error.message.model_dump(mode="json")]})
                request = next(requests, None)
            else:
                request = self._session(request, requests, scheme, warm, isolation)

    def _session(
        self,
        request: dict[str, Any],
        requests: Iterator[dict[str, Any]],
        scheme: Scheme,
        warm: WarmInterpreter,
        isolation: Isolation,
    ) -> dict[str, Any] | None:
        """Answer requests for one assignment; the first for another one comes back."""

        def work(checker: Checker) -> dict[str, Any] | None:
            asked: dict[str, Any] | None = request
            while asked is not None and asked["assignment"] == scheme.assignment.id:
                self._answer(self._graded(asked, scheme, warm, checker, isolation))
                asked = next(requests, None)
            return asked

        return serve_checks([scheme.grader], work)

    def _scheme(self, assignment_id: str, warm: WarmInterpreter, isolation: Isolation) -> Scheme:
        if assignment_id not in self._schemes:
            graders = load_graders(self._course, [self._course.assignment(assignment_id)])
            self._schemes.update(prepare(self._course, graders, warm, isolation.level))
        return self._schemes[assignment_id]

    def _graded(
        self,
        asked: dict[str, Any],
        scheme: Scheme,
        warm: WarmInterpreter,
        checker: Checker,
        isolation: Isolation,
    ) -> dict[str, Any]:
        submission = submission_in(asked["student"], scheme.assignment, Path(asked["folder"]))
        try:
            graded = grade_submission(submission, scheme, warm, checker, limits_of(self._course), isolation)
            if graded.report.outcome == "broken":
                return {"outcome": "broken", "troubles": graded.troubles}
            text = autograded_text(graded, scheme.source, release_language(self._course))
        except WarmInterpreterGone:
            # A new one would be a fork of a process that knows the checks: let another service do it.
            raise
        except Exception:
            return {"outcome": "broken", "troubles": [traceback.format_exc()]}
        return {"outcome": graded.report.outcome, "notebook": text, "troubles": []}

    def _requests(self) -> Iterator[dict[str, Any]]:
        self._connection.settimeout(IDLE_SECONDS)
        while True:
            try:
                line = self._lines.readline()
            except OSError:
                return
            if not line:
                return
            yield json.loads(line)

    def _answer(self, document: dict[str, Any]) -> None:
        self._connection.settimeout(None)
        self._connection.sendall(json.dumps(document).encode() + b"\n")
        self._connection.settimeout(IDLE_SECONDS)


def main(course_file: str, descriptor: str) -> None:
    """Serve the course on an inherited socket."""
    connection = socket.socket(fileno=int(descriptor))
    connection.set_inheritable(False)
    # Whatever a library prints goes beside the protocol, to nbgrader's log.
    os.dup2(2, 1)
    Service(load_course(course_file), connection).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
