"""Looks at a saved notebook: whether it is whole, what its digest is, and when to look again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from dataclasses import dataclass
from errno import EFBIG, EINVAL, EISDIR
from pathlib import Path
from typing import Literal

from watchfiles import watch

from autograder.regular import read_bytes

STEP_MILLISECONDS = 15
"""How long the folder must be quiet before a change is reported."""
DEBOUNCE_MILLISECONDS = 60
"""How long a change may wait before it is reported even if more changes follow."""


@dataclass(frozen=True)
class Look:
    """What was found at a path: the digest (SHA-256) of a whole notebook, or a fault."""

    digest: str | None = None
    fault: Literal["missing", "partial", "irregular"] | None = None


def look(path: Path) -> Look:
    """Return what is at `path` now, which may be a notebook that is only half written."""
    try:
        data = read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return Look(fault="missing")
    except OSError as error:
        return Look(fault="irregular" if error.errno in (EINVAL, EFBIG, EISDIR) else "partial")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return Look(fault="partial")
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        return Look(fault="partial")
    return Look(hashlib.sha256(data).hexdigest())


def stamp(path: Path) -> tuple[int, int, int, int] | None:
    """Return a value that changes when a file is written or replaced, which is cheaper than reading it."""
    try:
        state = path.stat()
    except OSError:
        return None
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


class Changes:
    """A watch on a folder, which reports when something may have changed there.

    Editors save in many ways: in place, by a new file that takes the old one's name, or by deleting and
    writing anew. So the folder is watched, and the caller looks at the notebook itself. A network file system
    may report nothing, and a folder may be replaced: also look now and then without a report, and call
    `follow` again.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._folder: tuple[Path, int] | None = None

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is a reason to look."""
        return self._read

    def follow(self, folder: Path) -> None:
        """Watch that folder and no other; do nothing if it is watched already."""
        try:
            identity = (folder, folder.stat().st_ino)
        except OSError:
            return
        if identity == self._folder and self._thread is not None and self._thread.is_alive():
            return
        self._end()
        self._folder = identity
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(folder, self._stop), daemon=True)
        self._thread.start()

    def taken(self) -> None:
        """Forget the changes that were reported so far."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass

    def close(self) -> None:
        """Stop watching."""
        self._end()
        os.close(self._read)
        os.close(self._write)

    def _watch(self, folder: Path, stop: threading.Event) -> None:
        # Where the system has no watch left to give, looking now and then must suffice.
        with contextlib.suppress(Exception):
            for _ in watch(
                folder,
                watch_filter=None,
                debounce=DEBOUNCE_MILLISECONDS,
                step=STEP_MILLISECONDS,
                stop_event=stop,
                rust_timeout=0,
                raise_interrupt=False,
                recursive=False,
            ):
                with contextlib.suppress(BlockingIOError):
                    os.write(self._write, b".")

    def _end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._thread = None
