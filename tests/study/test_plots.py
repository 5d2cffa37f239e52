"""Plots of a notebook in a language that Matplotlib's own font has no letters for."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from autograder.study.plots import write_plots_in


@pytest.fixture(autouse=True)
def _settings_as_before() -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.rcParams["font.family"] = ["sans-serif"]
        yield


def complaints(title: str) -> list[str]:
    """What Matplotlib says of letters that its fonts do not have."""
    figure = Figure()
    canvas = FigureCanvasAgg(figure)
    figure.suptitle(title)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        canvas.draw()
    return [str(warning.message) for warning in said if "missing from" in str(warning.message)]


def test_hangul_is_written_and_not_shown_as_boxes() -> None:
    assert complaints("손실 −0.5")
    write_plots_in("ko")
    write_plots_in("ko")

    assert complaints("손실 −0.5") == []
    assert matplotlib.rcParams["font.family"] == ["sans-serif", "NanumGothic"]


def test_other_languages_need_no_other_font() -> None:
    write_plots_in("en")

    assert matplotlib.rcParams["font.family"] == ["sans-serif"]


def test_where_the_font_is_missing_nothing_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who installs without dependencies has boxes in a plot, and can do the exercises."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    write_plots_in("ko")

    assert matplotlib.rcParams["font.family"] == ["sans-serif"]
