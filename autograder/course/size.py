"""Sizes as people write them: `6 GiB`, `512 MiB`, `64 kB`."""

from __future__ import annotations

import re

_UNITS = {
    "B": 1,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
# A petabyte: a larger size has a digit too many, and no system takes it for a limit.
_MOST = 2**50
_WRITTEN = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?) ?([kKMG]i?B|B)")


def bytes_of(written: object) -> int:
    """Return the number of bytes that `6 GiB` stands for. A bare number is refused: it may mean any unit.

    Raises:
        ValueError: it is not a size, is less than a byte, or is more than any machine has.
    """
    match = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    size = int(float(match[1]) * _UNITS[match[2]]) if match and match[2] in _UNITS else 0
    if not 1 <= size <= _MOST:
        raise ValueError("not a size")
    return size


def size_of(count: int) -> str:
    """Return a number of bytes as people write it, in the largest binary unit that keeps it at least 1."""
    for unit in ("GiB", "MiB", "KiB"):
        if count >= _UNITS[unit]:
            return f"{count / _UNITS[unit]:.4g} {unit}"
    return f"{count} B"
