"""A worker's grading process: it does what a run on one machine does, and is asked over a socket.

{"order": "greet", "assignments": [...], "unsafe": false}    ->  {"fingerprints": {...}, "isolation": {...},
                                                                  "versions": {...}}
{"order": "grade", "assignment": "adding", ...} notebook  ->  {"troubles": [...]} report
what it cannot do                                            ->  {"refused": message}
"""

from __future__ import annotations

import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from autograder.checks import Checker, serve_checks
from autograder.course import Course, CourseError, find_course, load_course
from autograder.course.fingerprint import fingerprint, versions
from autograder.course.load import CHECKOUT, course_file
from autograder.grading.cluster import frames
from autograder.grading.isolation import choose_isolation
from autograder.grading.scheme import Scheme, limits_of, load_graders, prepare
from autograder.grading.submission import GradingError, Submission
from autograder.grading.worker import Worker
from autograder.messages import Message, message
from autograder.sandbox import SandboxError, WarmInterpreter, best_level

Order = tuple[dict[str, Any], bytes]


class Grading:
    """Grades what it is asked to, with one warm interpreter and one pytest session."""

    def __init__(self, course: Course, warm: WarmInterpreter, connection: socket.socket) -> None:
        self._course = course
        self._warm = warm
        self._connection = connection
        self._schemes: dict[str, Scheme] = {}
        self._worker = Worker(warm, limits_of(course))

    def serve(self) -> None:
        """Answer until the other side closes."""
        with self._worker:
            order = self._next()
            while order is not None:
                header, _ = order
                if header["order"] == "greet":
                    self._answer(self._greeted(header))
                    order = self._next()
                elif (refusal := self._unprepared(header)) is not None:
                    self._answer({"refused": refusal.model_dump(mode="json")})
                    order = self._next()
                else:
                    graders = [scheme.grader for scheme in self._schemes.values()]
                    order = serve_checks(graders, partial(self._session, order))

    def _session(self, order: Order | None, checker: Checker) -> Order | None:
        """Answer orders for what is prepared; the first for anything else comes back."""
        while order is not None:
            header, body = order
            if header["order"] == "greet":
                self._answer(self._greeted(header))
            elif header["assignment"] in self._schemes:
                self._answer(*self._graded(header, body, checker))
            else:
                break
            order = self._next()
        return order

    def _greeted(self, header: dict[str, Any]) -> dict[str, Any]:
        """What grades here, and how safely."""
        known = {assignment.id for assignment in self._course.assignments}
        try:
            isolation = choose_isolation(self._course, unsafe=header["unsafe"])
        except GradingError as error:
            return {"refused": error.message.model_dump(mode="json")}
        return {
            "fingerprints": {
                name: fingerprint(self._course, self._course.assignment(name))
                for name in header["assignments"]
                if name in known
            },
            "isolation": isolation.model_dump(mode="json"),
            "versions": versions(),
        }

    def _unprepared(self, header: dict[str, Any]) -> Message | None:
        """Make the marking schemes that a run needs ready; why it cannot be done, if it cannot."""
        try:
            level = choose_isolation(self._course, unsafe=header["unsafe"]).level
            wanted = {header["assignment"], *header["assignments"]} - self._schemes.keys()
            graders = load_graders(self._course, (self._course.assignment(name) for name in sorted(wanted)))
            self._schemes.update(prepare(self._course, graders, self._warm, level))
        except GradingError as error:
            return error.message
        except CourseError as error:
            return error.messages[0]
        return None

    def _graded(
        self, header: dict[str, Any], content: bytes, checker: Checker
    ) -> tuple[dict[str, Any], bytes]:
        scheme = self._schemes[header["assignment"]]
        if scheme.fingerprint != header["fingerprint"]:
            said = message("it has another version of the course than it said before.")
            return {"refused": said.model_dump(mode="json")}, b""
        notes = tuple(Message.model_validate(note) for note in header["notes"])
        submission = Submission(header["student"], scheme.assignment.id, Path(header["notebook"]), notes)
        isolation = choose_isolation(self._course, unsafe=header["unsafe"])
        graded, _ = self._worker.grade(submission, scheme, checker, isolation, content=content)
        return {"troubles": graded.troubles}, graded.report.model_dump_json().encode()

    def _next(self) -> Order | None:
        frame = frames.receive(self._connection)
        return None if frame is None else frames.unpack(frame)

    def _answer(self, header: dict[str, Any], body: bytes = b"") -> None:
        frames.send(self._connection, frames.pack(header, body))


def main() -> None:
    """Serve the course that the worker was started in, or the package lies in, on an inherited socket."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.set_inheritable(False)
    # Whatever a library prints goes where a worker looks when this process has died.
    os.dup2(2, 1)
    try:
        best_level()
        course = load_course(workers_course_file())
        # Forked before any grader or solution is loaded, so that no fork of it can hold one.
        warm = WarmInterpreter.start(hide=[course.root])
    except CourseError as error:
        _refuse(connection, error.messages[0])
    except SandboxError as error:
        _refuse(connection, error.message)
    except ModuleNotFoundError as error:
        _refuse(
            connection,
            message(
                "the package `{package}` is not installed there; install the extra `instructor`.",
                package=str(error.name).split(".")[0],
            ),
        )
    else:
        with warm:
            Grading(course, warm, connection).serve()


def workers_course_file() -> Path:
    """Return the `course.yml` that the worker was started in, else that of the checkout of this package.

    Raises:
        CourseError: there is neither.
    """
    if course_file(Path.cwd()) is None and CHECKOUT.is_file():
        return CHECKOUT
    return find_course()


def _refuse(connection: socket.socket, reason: Message) -> None:
    """Answer every order with the reason why none can be carried out."""
    while frames.receive(connection) is not None:
        frames.send(connection, frames.pack({"refused": reason.model_dump(mode="json")}))
