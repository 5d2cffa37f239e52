"""Keeps pictures that were drawn before, so that the same drawing is not made into pixels twice.

Making pixels takes a second of processor time, and their result depends only on the drawing's text, the
libraries that draw, with their fonts, and `raster`. Pictures are kept by the digest of all that, in the
user's cache folder (`XDG_CACHE_HOME` on Linux), which can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from autograder.course import raster
from autograder.course.fingerprint import DRAWING
from autograder.regular import read_bytes

KEPT = 200
"""How many pictures are kept: those of ten assignments in two languages for their last ten changes."""

_DIGEST = 32


def folder() -> Path:
    """Return the folder that pictures are kept in."""
    return Path(user_cache_path("beyond-sequential")) / "pictures"


def png(svg: str) -> tuple[bytes, int]:
    """Return a drawing as `raster.png` makes it; it is drawn, and kept, unless it was kept before.

    Raises:
        ValueError: it is not an SVG.
    """
    drawing = f"{_drawn_by()}\0{svg}".encode("utf-8", "surrogatepass")
    path = folder() / hashlib.sha256(drawing).hexdigest()
    kept = _read(path)
    if kept is not None:
        return kept
    pixels, width = raster.png(svg)
    _keep(path, pixels, width)
    return pixels, width


def _read(path: Path) -> tuple[bytes, int] | None:
    """Return a kept picture and its width; None where there is none, or it is not as it was written."""
    try:
        content = read_bytes(path)
        path.touch()
    except OSError:
        return None
    digest, rest = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(rest).digest() != digest:
        return None
    width, _, pixels = rest.partition(b"\n")
    return pixels, int(width)


def _keep(path: Path, pixels: bytes, width: int) -> None:
    """Keep a picture; a folder that cannot be written to must not prevent a release."""
    rest = b"%d\n%s" % (width, pixels)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(rest).digest() + rest)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        by_age = sorted(path.parent.iterdir(), key=lambda kept: kept.stat().st_mtime, reverse=True)
        for old in by_age[KEPT:]:
            old.unlink(missing_ok=True)


@cache
def _drawn_by() -> str:
    """Return what pixels depend on besides the drawing."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in DRAWING]
    code = Path(raster.__file__).read_bytes()
    return "\0".join([*versions, hashlib.sha256(code).hexdigest()])
