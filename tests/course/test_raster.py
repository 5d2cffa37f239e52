"""Pictures as pixels: the same bytes everywhere, Hangul included, in an image that any notebook shows."""

from __future__ import annotations

import importlib.util
import io

import pytest
from PIL import Image

from autograder.course import raster
from autograder.course.raster import SCALE, png


def saying(text: str, style: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30"><style>{style}</style>'
        f'<text class="said" x="4" y="20" fill="#000000">{text}</text></svg>'
    )


def pixels(svg: str) -> Image.Image:
    return Image.open(io.BytesIO(png(svg)[0])).convert("RGB")


def test_a_screens_pixels_are_two_for_one() -> None:
    data, width = png(saying("x"))
    image = Image.open(io.BytesIO(data))

    assert image.format == "PNG"
    assert width == 120
    assert image.size == (120 * SCALE, 30 * SCALE)


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert png(saying("출력")) == png(saying("출력"))


@pytest.mark.parametrize("style", ["", "text{font-family:monospace}", "text{font-weight:600}"])
def test_every_letter_has_a_shape_of_its_own(style: str) -> None:
    """A font that lacks a letter has the same box for each."""
    images = {text: pixels(saying(text, style)).tobytes() for text in ("출", "력", "A", "B", " ")}

    assert len(set(images.values())) == len(images)


def test_paper_is_white() -> None:
    """A dark page lets nothing through."""
    assert pixels(saying("x")).getpixel((0, 0)) == (255, 255, 255)


def test_rules_hold_for_what_they_select() -> None:
    red = pixels(saying("■", ".said{fill:#ff0000}")).getcolors() or []

    assert (255, 0, 0) in {colour for _, colour in red}


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown token"):
        png("no picture")


def test_a_missing_font_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command says what is to be installed."""
    raster._font_files.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ModuleNotFoundError) as raised:
        png(saying("x"))

    assert raised.value.name == "koreanize_matplotlib"
