"""The grading process that stays after `autograder check`, so that the next check need not import Keras.

It is the kind of process that `watch` asks, too (`server`), and listens on a socket in a folder that only
this user can open. It forks every run and forgets it. It ends, and removes its socket, when nobody has asked
it for some minutes, or when somebody asks for a version of the course that it does not have.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from autograder.course import Course
from autograder.course.fingerprint import fingerprint
from autograder.grading.budget import patience_of
from autograder.grading.grade import GradedSubmission
from autograder.grading.isolation import choose_isolation
from autograder.grading.process import environment, program
from autograder.grading.protocol import (
    ABANDON,
    Answer,
    FrameError,
    grading,
    greeting,
    pack,
    receive,
    send,
    unpack,
)
from autograder.grading.server import main as serve
from autograder.grading.single import readable
from autograder.grading.submission import GradingError, Submission

IDLE_SECONDS = 300.0
"""How long it waits for the next check, while TensorFlow occupies memory."""

# A process that knows an older version of the course refuses, and another takes its place.
_TRIES = 2
_WAITING = 8
_CONNECTING_SECONDS = 2.0


def grade_by_staying(
    course: Course, submission: Submission, *, unsafe: bool = False
) -> GradedSubmission | None:
    """Grade one notebook by the process that stays, which is started where there is none.

    Return None where no process can stay: nothing here isolates learner code from it, the system has no
    folder for its socket, or it has ended.

    Raises:
        CourseError, GradingError: as for `grade_notebook`.
    """
    readable(submission)
    if choose_isolation(course, unsafe=unsafe).level == "none":
        return None
    absolute = replace(submission, path=Path(os.path.abspath(submission.path)))
    for _ in range(_TRIES):
        try:
            with _connected(course) as (connection, new):
                # The course is read here while a new process imports Keras.
                wanted = fingerprint(course, course.assignment(submission.assignment))
                order = grading(absolute, unsafe=unsafe, fingerprint=wanted)
                answer = _asked(connection, order, patience_of(course))
        except (OSError, FrameError):
            continue
        if answer.refused and not new:
            # It has read an earlier version of the course, and ends.
            continue
        if answer.refused:
            raise GradingError(*answer.refused)
        return GradedSubmission(answer.report, answer.header["troubles"])
    return None


def _asked(connection: socket.socket, order: dict[str, Any], seconds: float) -> Answer:
    """Return the answer to an order; an interrupt meanwhile gives the run up."""
    connection.settimeout(seconds)
    greeted = _answered(connection, greeting((), unsafe=order["unsafe"]))
    if greeted.refused:
        return greeted
    try:
        return _answered(connection, order)
    except KeyboardInterrupt:
        with suppress(OSError):
            os.kill(greeted.header["pid"], ABANDON)
        raise


def _answered(connection: socket.socket, order: dict[str, Any]) -> Answer:
    send(connection, pack(order))
    frame = receive(connection)
    if frame is None:
        raise FrameError("the grading process has ended")
    return Answer(*unpack(frame))


@contextmanager
def _connected(course: Course) -> Iterator[tuple[socket.socket, bool]]:
    """Provide a connection to the process that stays for a course, and whether that had to be started.

    Raises:
        OSError: there is no folder for its socket, or it cannot be started.
    """
    new = False
    with socket.socket(socket.AF_UNIX) as connection:
        with locked(_folder()) as folder:
            path = str(folder / _name(course))
            connection.settimeout(_CONNECTING_SECONDS)
            try:
                connection.connect(path)
            except (FileNotFoundError, ConnectionRefusedError):
                # A process that was killed has left its socket.
                with suppress(FileNotFoundError):
                    os.unlink(path)
                _start(course, path)
                connection.connect(path)
                new = True
        yield connection, new


def _start(course: Course, path: str) -> None:
    """Start a process that listens at `path`; a client that connects waits until it has imported Keras."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(_WAITING)
        subprocess.Popen(
            [*program(__name__, course.file), str(listening.fileno())],
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # The current folder may be deleted before the process ends.
            cwd=course.root,
            env=environment(),
            start_new_session=True,
        )


def _folder() -> Path:
    """Return a folder that only this user can open, making it where needed.

    Raises:
        OSError: there is none, and none can be made.
    """
    given = os.environ.get("XDG_RUNTIME_DIR")
    above = Path(given) if given and os.path.isdir(given) else Path(tempfile.gettempdir())
    folder = above / f"beyond-sequential-{os.geteuid()}"
    with suppress(FileExistsError):
        folder.mkdir(0o700)
    found = os.lstat(folder)
    # In a folder that everybody can write to, somebody else may have made it first.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a folder of this user's alone")
    return folder


def _name(course: Course) -> str:
    """Return the socket's name, which is different for each course, interpreter and search path."""
    said = [os.path.realpath(course.file), sys.executable, sys.prefix, os.environ.get("PATH", "")]
    return f"{hashlib.sha256(os.fsencode(chr(0).join(said))).hexdigest()[:24]}.socket"


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Keep others from looking for, starting or ending a process in `folder` while the block runs."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def main() -> NoReturn:
    """Serve as `grading.server` does, one client after the other."""
    path = socket.socket(fileno=os.dup(int(sys.argv[2]))).getsockname()
    made = os.stat(path).st_ino
    serve(idle_seconds=IDLE_SECONDS, leave=lambda: _leave(Path(path), made))


def _leave(path: Path, made: int) -> None:
    """Remove the socket, unless another process has put its own there."""
    with suppress(OSError), locked(path.parent):
        if os.stat(path).st_ino == made:
            path.unlink()
            path.parent.rmdir()
