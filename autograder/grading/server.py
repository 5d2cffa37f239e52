"""The grading process, which grades as a run on one machine does and is asked over a socket (`protocol`).

It is a program of its own for callers that may neither fork, nor know hidden checks, nor import TensorFlow:
`autograder watch`, nbgrader's steps, and the workers of a cluster. It forks the warm interpreter before it
loads a grader, keeps it, and makes an assignment's marking scheme only once.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from autograder.course import Course, find_course, load_course
from autograder.course.fingerprint import fingerprint, versions
from autograder.course.load import CHECKOUT, course_file
from autograder.feedback.words import BROKEN
from autograder.grading.isolation import choose_isolation
from autograder.grading.protocol import (
    ABANDON,
    FrameError,
    pack,
    receive,
    refusal,
    send,
    submission_of,
    unpack,
)
from autograder.grading.session import GradingSession, Keep
from autograder.messages import AutograderError, Message, message
from autograder.sandbox import WarmInterpreter, WarmInterpreterGone
from autograder.sandbox.system import release_files

Reply = tuple[dict[str, Any], bytes]

_CREDENTIALS = struct.Struct("3i")
"""The credentials of a client: process, user, group."""


class _GivenUp(BaseException):
    """An exception raised in the middle of a learner's run, which ends the rest of the run."""


class Server:
    """A server that carries out orders, one after the other, until nobody asks any more.

    Args:
        session: what it grades with.
        connection: where orders come from.
        keep: what is made of a graded submission besides its report, which JSON must be able to express.
        idle_seconds: how long it waits for an order; None means for ever.
        refusing: is called before a refusal is sent.
    """

    def __init__(
        self,
        session: GradingSession,
        connection: socket.socket,
        keep: Keep | None = None,
        idle_seconds: float | None = None,
        refusing: Callable[[], None] = lambda: None,
    ) -> None:
        self.has_refused = False
        """Whether some order could not be carried out."""
        self._session = session
        self._connection = connection
        self._keep = keep
        self._idle_seconds = idle_seconds
        self._refusing = refusing
        self._grading = False
        signal.signal(ABANDON, self._give_up)

    def serve(self) -> None:
        """Answer orders until the other side closes, or sends nothing for too long.

        Raises:
            WarmInterpreterGone: a submission has ended two warm interpreters.
        """
        for order, body in orders(self._connection, self._idle_seconds):
            header, content = self._reply(order, body)
            if "refused" in header:
                self.has_refused = True
                self._refusing()
            send(self._connection, pack(header, content))

    def _reply(self, order: dict[str, Any], body: bytes) -> Reply:
        try:
            # One client of a process may allow what another does not, so each order is checked.
            choose_isolation(self._session.course, unsafe=order["unsafe"])
            if order["order"] == "greet":
                return self._greeted(order), b""
            self._prepare(order)
            return self._graded(order, body) if order["order"] == "grade" else ({}, b"")
        except _GivenUp:
            return {"abandoned": True}, b""
        except WarmInterpreterGone:
            raise
        except AutograderError as error:
            return refusal(*error.messages), b""
        except Exception:
            return refusal(BROKEN, trouble=traceback.format_exc()), b""

    def _greeted(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return what grades here, and how safely."""
        course = self._session.course
        return {
            "fingerprints": {
                assignment.id: fingerprint(course, assignment)
                for assignment in course.assignments
                if assignment.id in order["assignments"]
            },
            "isolation": self._session.isolation.model_dump(mode="json"),
            "pid": os.getpid(),
            "versions": versions(),
        }

    def _prepare(self, order: dict[str, Any]) -> None:
        own = [order["assignment"]] if "assignment" in order else []
        wanted = dict.fromkeys([*own, *order.get("assignments", ())])
        self._session.prepare(self._session.course.assignment(name) for name in wanted)

    def _graded(self, order: dict[str, Any], content: bytes) -> Reply:
        wanted = order.get("fingerprint")
        if wanted is not None and wanted != self._session.scheme(order["assignment"]).fingerprint:
            return refusal(message("its version of the course has changed since it was connected.")), b""
        submission = submission_of(order)
        self._grading = True
        try:
            graded = self._session.grade(
                submission, content=content if order.get("sent") else None, keep=self._keep
            )
        finally:
            self._grading = False
        header = {"troubles": graded.troubles, "kept": graded.kept}
        return header, graded.report.model_dump_json().encode()

    def _give_up(self, _signal: int, _frame: FrameType | None) -> None:
        """Handle the signal: give up a learner's own run, and nothing else."""
        if self._grading and self._session.running:
            self._grading = False
            raise _GivenUp


def orders(
    connection: socket.socket, idle_seconds: float | None = None
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield orders until the other side closes, or sends nothing for `idle_seconds`."""
    while True:
        connection.settimeout(idle_seconds)
        try:
            frame = receive(connection)
        except OSError:
            return
        if frame is None:
            return
        connection.settimeout(None)
        yield unpack(frame)


def clients(listening: socket.socket, idle_seconds: float | None = None) -> Iterator[socket.socket]:
    """Yield this user's connections one by one, until nobody has connected for `idle_seconds`."""
    listening.settimeout(idle_seconds)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            _, uid, _ = _CREDENTIALS.unpack(
                connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
            if uid == os.geteuid():
                yield connection


def main(
    keeping: Callable[[Course], Keep] | None = None,
    idle_seconds: float | None = None,
    leave: Callable[[], None] | None = None,
) -> NoReturn:
    """Serve the course of a `course.yml` on an inherited socket; the arguments are that file and the socket.

    Without a file it is the course in which the process was started, or in which the package lies.

    Args:
        keeping: makes the server's `keep` for a course.
        idle_seconds: as for the server.
        leave: is given where clients connect to the socket, and called when no further client may come. They
            are served one after the other, until none comes for `idle_seconds` or one has been refused: the
            course's files are read only once, and may have been corrected.
    """
    file, descriptor = sys.argv[1:]
    inherited = socket.socket(fileno=int(descriptor))
    inherited.set_inheritable(False)
    asking = iter([inherited]) if leave is None else clients(inherited, idle_seconds)
    leaving = leave or (lambda: None)
    # What a library prints goes to standard error, where the caller looks when this process has died.
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        path = Path(file) if file else workers_course_file()
        # It starts before the course is read, whose file may hold a gradebook's password.
        warm = WarmInterpreter.start(hide=[path.resolve().parent])
        course = load_course(path)
        session = GradingSession.open(course, choose_isolation(course, unsafe=True), start=lambda **_: warm)
    except AutograderError as error:
        _refuse(asking, error.messages, leaving)
    except ModuleNotFoundError as error:
        said = message(
            "the package `{package}` is not installed there; install the extra `instructor`.",
            package=str(error.name).split(".")[0],
        )
        _refuse(asking, [said], leaving)
    else:
        # This process lives long, next to others like it, so it drops memory that it does not need.
        release_files()
        with session:
            keep = keeping(course) if keeping is not None else None
            for connection in asking:
                server = Server(session, connection, keep, idle_seconds, leaving)
                # A client that has gone must not keep the next one from being served.
                with suppress(ConnectionError, FrameError):
                    server.serve()
                if server.has_refused and leave is not None:
                    break
            leaving()
    # A normal exit would take TensorFlow apart module by module, which takes over a second.
    sys.stderr.flush()
    os._exit(0)


def workers_course_file() -> Path:
    """Return the `course.yml` of the folder that a worker was started in, else that of this checkout.

    Raises:
        CourseError: there is neither.
    """
    if course_file(Path.cwd()) is None and CHECKOUT.is_file():
        return CHECKOUT
    return find_course()


def _refuse(asking: Iterator[socket.socket], said: Iterable[Message], leaving: Callable[[], None]) -> None:
    """Answer every order of one client with the reasons why none can be carried out."""
    for connection in asking:
        leaving()
        with suppress(ConnectionError):
            for _ in orders(connection):
                send(connection, pack(refusal(*said)))
        break
