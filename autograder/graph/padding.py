"""Padding that pads nothing: where windows end exactly at the edge, `"same"` and `"valid"` are the same."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.graph.model import Setting, Shape

_WINDOWS = {
    **{
        f"{kind}{rank}D": "kernel_size"
        for kind in ("Conv", "SeparableConv", "DepthwiseConv")
        for rank in (1, 2, 3)
    },
    **{f"{kind}{rank}D": "pool_size" for kind in ("MaxPooling", "AveragePooling") for rank in (1, 2, 3)},
}


def pads_nothing(kind: str, settings: Mapping[str, Setting], shape: Shape | None) -> bool:
    """Return whether `padding="same"` adds no pixel to an input of `shape` (batch axis first).

    Where a size is not known, only a window of one pixel is sure to need no padding.
    """
    name = _WINDOWS.get(kind)
    if name is None or settings.get("padding") != "same" or shape is None:
        return False
    rank = len(shape) - 2
    first = 2 if settings.get("data_format") == "channels_first" else 1
    windows = _each(settings.get(name), rank)
    strides = _each(settings.get("strides") or settings.get(name), rank)
    dilations = _each(settings.get("dilation_rate", 1), rank)
    sizes = shape[first : first + rank]
    return len(sizes) == rank and all(map(_needs_none, sizes, windows, strides, dilations))


def _needs_none(size: int | None, window: int, stride: int, dilation: int) -> bool:
    reach = (window - 1) * dilation + 1
    if size is None:
        return reach == 1
    steps = -(-size // stride)
    return (steps - 1) * stride + reach <= size


def _each(value: Setting, rank: int) -> tuple[int, ...]:
    """Return a setting's value along every axis: `2` is `(2, 2)`."""
    if isinstance(value, tuple):
        return tuple(size for size in value if isinstance(size, int))
    return (value,) * rank if isinstance(value, int) else ()
