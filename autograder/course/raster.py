"""Makes a picture into pixels, for text cells of VS Code and Colab show no SVG, however it is embedded."""

from __future__ import annotations

import io
from functools import cache

from autograder.course.fonts import HANGUL, hangul_files, package_files

SCALE = 2
"""Pixels of the PNG for one pixel of the picture: screens have two."""

_COLOURS = 64
_CODE_FONT = ("mpl-data/fonts/ttf/DejaVuSansMono.ttf", "mpl-data/fonts/ttf/DejaVuSansMono-Bold.ttf")
_SANS, _MONO = HANGUL, "DejaVu Sans Mono"


def png(svg: str) -> tuple[bytes, int]:
    """Return the picture as PNG in few colours, with `SCALE` pixels to one of its own, and its own width.

    The same text gives the same bytes; CSS variables and media queries are not understood.

    Raises:
        ValueError: it is not an SVG.
    """
    import resvg_py
    from PIL import Image

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=SCALE,
        background="#ffffff",
        skip_system_fonts=True,
        font_files=list(_font_files()),
        font_family=_SANS,
        sans_serif_family=_SANS,
        monospace_family=_MONO,
    )
    image = Image.open(io.BytesIO(bytes(drawn))).convert("RGB").quantize(_COLOURS)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue(), round(image.width / SCALE)


@cache
def _font_files() -> tuple[str, ...]:
    """Return packages' fonts, so that a picture is the same everywhere: Hangul and Latin letters, code."""
    return tuple(map(str, (*hangul_files(), *package_files("matplotlib", *_CODE_FONT))))
