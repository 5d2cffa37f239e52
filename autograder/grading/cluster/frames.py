"""What travels between client, worker and grading process: a header in JSON, and bytes as they are.

Nothing else does: what a learner has made is never pickled in a way that could be read as anything but bytes.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from autograder.messages import AutograderError

MOST_BYTES = 256 * 1024**2
"""Of one frame: a notebook has at most 32 MiB, and a report its pictures' graphs."""

_HEADER = struct.Struct(">I")
_FRAME = struct.Struct(">Q")


class FrameError(AutograderError):
    """What arrived is no frame, or not all of one."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A frame of that header and that body."""
    said = json.dumps(header).encode()
    return _HEADER.pack(len(said)) + said + body


def unpack(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """A frame's header and body.

    Raises:
        FrameError: it is none.
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
    """The next frame of a stream socket; None where the other side has closed it.

    Raises:
        FrameError: it breaks off, or is too large.
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
