"""The orders to a grading process and its answers, each a header in JSON and a body of bytes.

`greet` (assignments): fingerprints, isolation, versions, the process (pid).
`prepare` (assignments): nothing.
`grade` (student, assignment, notebook, notes, unread, …; the file where it is sent): troubles, kept; the
report.

An order that cannot be carried out is answered by `refused` and `trouble`, a run that was given up by
`abandoned`. Every order says `unsafe`. Nothing else is sent: what a learner has made is never pickled in a
way that could be read as anything but bytes.
"""

from __future__ import annotations

import json
import signal
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Assignment
from autograder.feedback import Report
from autograder.grading.submission import Submission
from autograder.messages import AutograderError, Message

MOST_BYTES = 256 * 1024**2
"""The largest size of a frame: a notebook has at most 32 MiB, and a report holds its drawings' graphs."""

ABANDON = signal.SIGUSR1
"""The signal that gives up the current run; its order is answered all the same."""

_HEADER = struct.Struct(">I")
_FRAME = struct.Struct(">Q")


class FrameError(AutograderError):
    """An error about what arrived: it is no frame, or not a whole one."""


@dataclass(frozen=True)
class Answer:
    """An answer of a grading process."""

    header: Mapping[str, Any]
    body: bytes = b""

    @property
    def refused(self) -> tuple[Message, ...]:
        """The reasons why nothing was done, where nothing was."""
        return tuple(Message.model_validate(said) for said in self.header.get("refused", ()))

    @property
    def report(self) -> Report:
        """The report of the graded submission.

        Raises:
            ValueError: there is none.
        """
        return Report.model_validate_json(self.body)


def greeting(assignments: Iterable[Assignment], *, unsafe: bool = False) -> dict[str, Any]:
    """Return the order to report what would grade those assignments, and how safely."""
    return {"order": "greet", "assignments": [entry.id for entry in assignments], "unsafe": unsafe}


def preparing(assignments: Iterable[Assignment], *, unsafe: bool = False) -> dict[str, Any]:
    """Return the order to make those assignments' marking schemes."""
    return {"order": "prepare", "assignments": [entry.id for entry in assignments], "unsafe": unsafe}


def grading(submission: Submission, *, unsafe: bool = False, **more: Any) -> dict[str, Any]:
    """Return the order to grade a submission.

    Args:
        submission: the submission; to another machine, its notebook is sent with the order.
        unsafe: whether it may run where the process's machine offers no isolation.
        more: `sent`, whether the notebook comes with the order; `assignments`, those to prepare first;
            `fingerprint`, the version of the grader that must grade it.
    """
    return {
        "order": "grade",
        "student": submission.student,
        "assignment": submission.assignment,
        "notebook": str(submission.path),
        "notes": [note.model_dump(mode="json") for note in submission.notes],
        "unread": submission.refused.model_dump(mode="json") if submission.refused is not None else None,
        "unsafe": unsafe,
        **more,
    }


def submission_of(order: Mapping[str, Any]) -> Submission:
    """Return the submission that an order asks to grade (`grading`)."""
    unread = order.get("unread")
    return Submission(
        order["student"],
        order["assignment"],
        Path(order["notebook"]),
        tuple(Message.model_validate(note) for note in order["notes"]),
        Message.model_validate(unread) if unread is not None else None,
    )


def refusal(*said: Message, trouble: str = "") -> dict[str, Any]:
    """Return the answer that nothing was done, and why, with a traceback if the grader is at fault."""
    return {"refused": [entry.model_dump(mode="json") for entry in said], "trouble": trouble}


def pack(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return a frame with that header and body."""
    said = json.dumps(header).encode()
    return _HEADER.pack(len(said)) + said + body


def unpack(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """Return a frame's header and body.

    Raises:
        FrameError: it is not a frame.
    """
    try:
        (length,) = _HEADER.unpack_from(frame)
        end = _HEADER.size + length
        header = json.loads(frame[_HEADER.size : end])
    except (struct.error, ValueError, RecursionError) as error:
        raise FrameError(f"not a frame: {error}") from None
    if not isinstance(header, dict) or len(frame) < end:
        raise FrameError("not a frame: its header is cut short or no mapping")
    return header, frame[end:]


def send(connection: socket.socket, frame: bytes) -> None:
    """Send a frame over a stream socket."""
    connection.sendall(_FRAME.pack(len(frame)))
    connection.sendall(frame)


def receive(connection: socket.socket) -> bytes | None:
    """Return the next frame of a stream socket; None where the other side has closed it.

    Raises:
        FrameError: the frame breaks off or is too large.
    """
    start = _exactly(connection, _FRAME.size)
    if start is None:
        return None
    (length,) = _FRAME.unpack(start)
    if length > MOST_BYTES:
        raise FrameError(f"a frame of {length} bytes")
    frame = _exactly(connection, length)
    if frame is None:
        raise FrameError("a frame breaks off")
    return frame


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    found = bytearray()
    while len(found) < count:
        part = connection.recv(min(count - len(found), 1 << 20))
        if not part:
            if found:
                raise FrameError("a frame breaks off")
            return None
        found += part
    return bytes(found)
