"""What is saved: whether a notebook on the disk is whole and what its digest is, and when to look again."""

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
"""How long nothing more must have happened in the folder before a change is told."""
DEBOUNCE_MILLISECONDS = 60
"""A change is told after that time even if more and more happens."""


@dataclass(frozen=True)
class Look:
    """What stood at a path: the digest (SHA-256) of a whole notebook, or what was the matter."""

    digest: str | None = None
    fault: Literal["missing", "partial", "irregular"] | None = None


def look(path: Path) -> Look:
    """What stands at `path` now: whoever is writing it may be half way."""
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
    """What changes when a file is written or replaced; cheaper than reading it."""
    try:
        state = path.stat()
    except OSError:
        return None
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


class Changes:
    """Tells when something may have changed in a folder.

    Editors save in many ways: in place, by a new file that takes the old one's name, by deleting and writing
    anew. So it is the folder that is watched, and whoever is told looks for himself. A network's file system
    may tell nothing, and a folder may be replaced: look now and then without being told, too, and call
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
        """What can be waited for: it is readable when there is reason to look."""
        return self._read

    def follow(self, folder: Path) -> None:
        """Watch that folder and no other; where it is watched already, nothing is done."""
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
        """Forget what was told so far."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass

    def close(self) -> None:
        """Watch nothing any more."""
        self._end()
        os.close(self._read)
        os.close(self._write)

    def _watch(self, folder: Path, stop: threading.Event) -> None:
        # Where the system has no more watches to give, looking now and then must do.
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
