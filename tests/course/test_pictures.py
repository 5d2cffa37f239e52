"""A drawing is made into pixels once, and whatever has happened to what was kept, the pixels are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import pictures, raster
from autograder.course.pictures import folder, png

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="20"><rect width="9" height="9"/></svg>'
ONE, OTHER = SVG.format(30), SVG.format(40)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What has been drawn, with nothing kept at the beginning."""
    made: list[str] = []
    draw = raster.png

    def told(svg: str) -> tuple[bytes, int]:
        made.append(svg)
        return draw(svg)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(raster, "png", told)
    return made


def test_a_drawing_is_made_into_pixels_once(drawn: list[str]) -> None:
    found = [png(ONE), png(OTHER), png(ONE), png(OTHER)]

    assert drawn == [ONE, OTHER]
    assert found == [raster.png(svg) for svg in (ONE, OTHER, ONE, OTHER)]


def test_what_draws_otherwise_draws_anew(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of a library, or of the code that calls it."""
    png(ONE)
    monkeypatch.setattr(pictures, "_drawn_by", lambda: "resvg-py 99")
    png(ONE)

    assert drawn == [ONE, ONE]


def test_libraries_and_code_are_what_pixels_hang_on() -> None:
    said = pictures._drawn_by()

    assert all(f"{name} " in said for name in ("resvg-py", "pillow", "koreanize-matplotlib", "matplotlib"))
    assert len(said.rpartition("\0")[2]) == 64


@pytest.mark.parametrize(
    "spoil", [lambda kept: kept[:-1], lambda kept: b"", lambda kept: kept[:40] + b"x" + kept[41:]]
)
def test_what_is_not_as_it_was_kept_is_drawn_anew(drawn: list[str], spoil) -> None:
    wanted = png(ONE)
    (kept,) = folder().iterdir()
    kept.write_bytes(spoil(kept.read_bytes()))

    assert png(ONE) == wanted == png(ONE)
    assert drawn == [ONE, ONE]


def test_a_folder_that_cannot_be_made_keeps_nobody_from_drawing(drawn: list[str]) -> None:
    folder().parent.parent.mkdir(parents=True, exist_ok=True)
    folder().parent.write_text("in the way")

    assert png(ONE) == raster.png(ONE)


def test_only_so_many_are_kept(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "KEPT", 3)
    for width in range(30, 36):
        png(SVG.format(width))

    assert len(list(folder().iterdir())) == 3
