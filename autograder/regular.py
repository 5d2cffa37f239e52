"""Reads files of unknown kind: a pipe never blocks, and the size is limited."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 64 * 1024**2
"""More than any file of a course, a learner or a release needs."""


def read_bytes(path: Path, most: int = MOST_BYTES, *, follow_links: bool = True) -> bytes:
    """Return what a file holds.

    Raises:
        OSError: there is none, it is not a regular file, it is a link that is not followed, it has more than
        `most` bytes, or it cannot be read.
    """
    # Without this flag, opening a pipe that nobody writes to would block.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow_links:
        # Windows has neither this flag nor what it guards against.
        flags |= getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags)
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        if stat.S_ISDIR(state.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    with os.fdopen(descriptor, "rb") as file:
        # Files of /proc, and files that are being written, may hold more than their size says.
        content = file.read(most + 1) if state.st_size <= most else b""
        if state.st_size > most or len(content) > most:
            raise OSError(errno.EFBIG, f"Larger than {most // 1024} KiB", str(path))
        return content


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """Return the text of a UTF-8 file, with line breaks as Python reads them.

    Raises:
        OSError: as for `read_bytes`.
        UnicodeDecodeError: it is not in UTF-8.
    """
    text = read_bytes(path, most).decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")
