"""A frame arrives as it was sent, or not at all."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

import pytest

from autograder.grading.protocol import FrameError, grading, pack, receive, send, submission_of, unpack
from autograder.grading.submission import Submission
from autograder.messages import Message, message


def test_header_and_bytes_come_out_as_they_went_in() -> None:
    body = bytes(range(256)) * 1000

    assert unpack(pack({"order": "grade", "student": "김서연 \udcff"}, body)) == (
        {"order": "grade", "student": "김서연 \udcff"},
        body,
    )


@pytest.mark.parametrize(
    "refused", [None, message("{folder} is a link.", folder="kim")], ids=["read", "refused"]
)
def test_a_submission_travels_with_all_that_is_said_of_it(refused: Message | None) -> None:
    """Whatever its name is, and why nothing of it is read."""
    path = Path(os.fsdecode(b"submitted/\xff/inception/inception.ipynb"))
    submission = Submission("%FF", "inception", path, (message("A note."),), refused)

    order, _ = unpack(pack(grading(submission)))

    assert submission_of(order) == submission


@pytest.mark.parametrize(
    "frame", [b"", b"\0\0", struct.pack(">I", 9) + b"{}", pack({})[:-1], b"\0\0\0\x02[]"]
)
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        unpack(frame)


def test_frames_follow_each_other_until_the_other_side_closes() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            send(ours, b"first")
            send(ours, b"")
        assert [receive(theirs), receive(theirs), receive(theirs)] == [b"first", b"", None]


@pytest.mark.parametrize("sent", [b"\0" * 5, struct.pack(">Q", 10) + b"short", struct.pack(">Q", 1 << 40)])
def test_a_frame_that_breaks_off_or_is_too_large_is_refused(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(sent)
        with pytest.raises(FrameError):
            receive(theirs)
