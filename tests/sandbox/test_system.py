"""System calls that Python does not offer, and what they leave as it was."""

from __future__ import annotations

import ctypes
import mmap
import re
from pathlib import Path

from autograder.sandbox import system


def resident(name: str) -> list[int]:
    """The kilobytes in memory of each mapping of a file."""
    found = re.findall(
        rf"{re.escape(name)}\n(?:[A-Z].*\n)*?Rss: +(\d+) kB", Path("/proc/self/smaps").read_text()
    )
    return [int(size) for size in found]


def test_released_are_pages_of_files_and_none_that_was_written_to(tmp_path: Path) -> None:
    read, relocated = tmp_path / "read", tmp_path / "relocated"
    for path in (read, relocated):
        path.write_bytes(b"on the disk" + bytes(100_000))
    with read.open("rb") as file:
        unwritten = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
    with relocated.open("rb") as file:
        written = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE)
    written[:11] = b"in memory !"
    address = ctypes.addressof(ctypes.c_char.from_buffer(written))
    # As the loader does with what it has relocated.
    assert system.libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), mmap.PROT_READ) == 0
    assert len(bytes(unwritten)) == 100_011
    assert resident(str(read)) != [0]

    system.release_files()

    assert resident(str(read)) == [0]
    assert unwritten[:11] == b"on the disk"
    assert written[:11] == b"in memory !"
