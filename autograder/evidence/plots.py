"""A learner's plot as matplotlib holds it: titles, labels, legends, lines, points, bars, images. No pixels.

This never imports matplotlib: where there is a figure, it has been imported. Figures are read by methods of
matplotlib's own classes, so that a learner's class cannot answer in their place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from autograder.evidence.schema import MAX_AXES, MAX_SERIES

TellArray = Callable[[Any], dict[str, Any]]
TellText = Callable[[str], str]

_COLORBAR = "<colorbar>"


def axes_of(thing: object) -> list[Any] | None:
    """Return the axes of a figure, of axes, or of a list or array of them; None for what is not a plot."""
    if "matplotlib.axes" not in sys.modules:
        return None
    found: dict[int, Any] = {}
    for one in _parts(thing):
        axes = _axes_of_one(one)
        if axes is None:
            return None
        found.update((id(each), each) for each in axes)
    return [axes for axes in found.values() if _get(axes, "get_label") != _COLORBAR]


def describe(axes: Sequence[Any], array: TellArray, text: TellText) -> dict[str, Any]:
    """Return a plot's evidence, but for its `kind`.

    Args:
        axes: the plot's axes.
        array: turns an array into evidence, or raises `ValueError` where there is no room for it.
        text: turns a text into evidence, or raises `ValueError` in the same way.
    """
    figures = list({id(one.figure): one.figure for one in axes}.values())
    titles = [_label(figure, "_suptitle") for figure in figures]
    return {"title": text(" ".join(filter(None, titles))), "axes": [_axes(one, array, text) for one in axes]}


def _parts(thing: Any, nesting: int = 0) -> Iterator[object]:
    """Yield what a list, tuple or array holds, and what such a list in it holds; anything else as it is."""
    kind = type(thing)
    if issubclass(kind, np.ndarray) and np.ndarray.dtype.__get__(thing).kind == "O":
        yield from islice(np.asarray(thing).flat, MAX_AXES + 1)
    elif issubclass(kind, list | tuple):
        base = list if issubclass(kind, list) else tuple
        for item in base.__getitem__(thing, slice(0, MAX_AXES + 1)):
            # A list may hold itself.
            yield from islice(_parts(item, nesting + 1), MAX_AXES + 1) if nesting < 2 else [item]
    else:
        yield thing


def _axes_of_one(thing: Any) -> list[Any] | None:
    kind, modules = type(thing), sys.modules
    axes: Any = modules["matplotlib.axes"].Axes
    if issubclass(kind, axes):
        return [thing]
    figure: Any = modules["matplotlib.figure"].FigureBase
    if issubclass(kind, figure):
        held = list(islice(thing.axes, MAX_AXES + 1))
        return held if all(issubclass(type(one), axes) for one in held) else None
    artist: Any = modules["matplotlib.artist"].Artist
    if issubclass(kind, artist) and issubclass(type(thing.axes), axes):
        return [thing.axes]
    return None


def _get(axes: Any, name: str) -> Any:
    return getattr(sys.modules["matplotlib.axes"].Axes, name)(axes)


def _label(figure: Any, name: str) -> str:
    """Return a text that a figure has once for all its axes; empty where it has none."""
    said = getattr(figure, name, None)
    return _written(said) if said is not None else ""


def _written(artist: Any) -> str:
    said = sys.modules["matplotlib.text"].Text.get_text(artist)
    return said if type(said) is str else ""


def _axes(axes: Any, array: TellArray, text: TellText) -> dict[str, Any]:
    x_siblings = axes.get_shared_x_axes().get_siblings(axes)
    y_siblings = axes.get_shared_y_axes().get_siblings(axes)
    twins = [one for one in {*x_siblings, *y_siblings} if _place(one) == _place(axes)]
    figure = axes.figure
    lines = sys.modules["matplotlib.lines"].Line2D
    points, others = [], 0
    containers = [one for one in axes.containers if _is(one, "matplotlib.container", "BarContainer")]
    in_bars = {id(patch) for container in containers for patch in container.patches}
    for collection in axes.collections:
        if _is(collection, "matplotlib.collections", "PathCollection"):
            points.append(collection)
        else:
            others += 1
    others += sum(id(patch) not in in_bars for patch in axes.patches)
    return {
        "title": text(_first(twins, "get_title", axes)),
        "x_label": text(_first(x_siblings, "get_xlabel", axes) or _label(figure, "_supxlabel")),
        "y_label": text(_first(y_siblings, "get_ylabel", axes) or _label(figure, "_supylabel")),
        "x_scale": text(_get(axes, "get_xscale")),
        "y_scale": text(_get(axes, "get_yscale")),
        "x_limits": array(np.asarray(_get(axes, "get_xlim"), "float64"))["values"],
        "y_limits": array(np.asarray(_get(axes, "get_ylim"), "float64"))["values"],
        "legend": _legend(axes, text),
        "lines": [
            _series(line, lines.get_xdata(line, False), lines.get_ydata(line, False), array, text)
            for line in _few(_get(axes, "get_lines"))
        ],
        "points": [_series(one, *_offsets(one), array, text) for one in _few(points)],
        "bars": [_series(one, *_bars(one), array, text) for one in _few(containers)],
        "images": [[int(size) for size in one.get_array().shape] for one in _few(axes.images)],
        "others": others,
    }


def _few(artists: Any) -> list[Any]:
    """Return the artists of a list, if they are few enough to be recorded.

    Raises:
        ValueError: there are too many.
    """
    found = list(islice(artists, MAX_SERIES + 1))
    if len(found) > MAX_SERIES:
        raise ValueError("too much in one plot")
    return found


def _is(artist: object, module: str, name: str) -> bool:
    return issubclass(type(artist), getattr(sys.modules[module], name))


def _first(siblings: Any, getter: str, axes: Any) -> str:
    """Return a text of the axes themselves, or else of axes that share an axis or a place with them."""
    said = (_get(one, getter) for one in (axes, *siblings))
    return next((one for one in said if type(one) is str and one.strip()), "")


def _place(axes: Any) -> Any:
    return _get(axes, "get_position").bounds


def _legend(axes: Any, text: TellText) -> list[str] | None:
    legends = [_get(axes, "get_legend"), *islice(axes.figure.legends, MAX_AXES)]
    there = [legend for legend in legends if _is(legend, "matplotlib.legend", "Legend")]
    if not there:
        return None
    return [text(_written(entry)) for legend in there for entry in _few(legend.get_texts())][:MAX_SERIES]


def _series(artist: Any, x: Any, y: Any, array: TellArray, text: TellText) -> dict[str, Any]:
    label = artist.get_label()
    # matplotlib itself gives artists without a label one that begins with an underscore.
    shown = label if type(label) is str and not label.startswith("_") else ""
    return {"label": text(shown), "x": array(_plain(x)), "y": array(_plain(y))}


def _plain(numbers: Any) -> Any:
    """Return numbers in one dimension; masked ones become NaN."""
    if isinstance(numbers, np.ma.MaskedArray):
        numbers = np.ma.filled(numbers.astype("float64"), np.nan)
    return np.asarray(numbers).reshape(-1)


def _offsets(points: Any) -> tuple[Any, Any]:
    offsets = np.ma.asarray(points.get_offsets())
    return offsets[:, 0], offsets[:, 1]


def _bars(container: Any) -> tuple[Any, Any]:
    """Return the positions and the lengths of bars, vertical or horizontal."""
    bars = [(one.get_x(), one.get_y(), one.get_width(), one.get_height()) for one in container.patches]
    x, y, width, height = np.asarray(bars, "float64").reshape(-1, 4).T
    if getattr(container, "orientation", "vertical") == "horizontal":
        return y + height / 2, width
    return x + width / 2, height
