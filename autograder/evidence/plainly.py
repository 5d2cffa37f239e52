"""Turns any Python values into plain JSON, without calling an object's own methods."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.evidence.schema import MAX_ARRAY_VALUES, MAX_INTEGER, MAX_ITEMS, MAX_NAME, MAX_RANK, MAX_TEXT

MAX_NESTING = 24


def type_name(value: object) -> str:
    """Return the `module.qualname` of a value's type, as its class was written."""
    kind = type(value)
    try:
        module = type.__getattribute__(kind, "__module__")
        name = type.__getattribute__(kind, "__qualname__")
    except Exception:
        return "unknown"
    if not isinstance(module, str) or not isinstance(name, str):
        return "unknown"
    return text(f"{module}.{name}", MAX_NAME)


def text(value: str, limit: int = MAX_TEXT) -> str:
    """Return the exact, encodable text of a string (or of a subclass of `str`), cut to `limit` characters."""
    plain = str.__getitem__(str.__str__(value), slice(0, limit))
    return plain if plain.isascii() else plain.encode("utf-8", "replace").decode("utf-8")


def number(value: Any) -> float | int | str:
    """Return a number as JSON can hold it: as a word where it is not finite, or an integer out of range."""
    if issubclass(type(value), int):
        whole: int = int.__add__(value, 0)
        return whole if -MAX_INTEGER < whole < MAX_INTEGER else ("inf" if whole > 0 else "-inf")
    fraction: float = float.__add__(value, 0.0)
    if math.isfinite(fraction):
        return fraction
    return "nan" if math.isnan(fraction) else ("inf" if fraction > 0 else "-inf")


def array(value: Any) -> dict[str, Any] | None:
    """Return an array as `{"shape", "dtype", "values", "truncated"}`; None where it has no plain numbers."""
    plain = np.asarray(value)
    if plain.dtype.kind not in "biuf" or plain.ndim > MAX_RANK:
        return None
    first = plain.reshape(-1)[:MAX_ARRAY_VALUES]
    return {
        "shape": [int(size) for size in plain.shape],
        "dtype": str(plain.dtype),
        "values": [number(item) if type(item) is not bool else item for item in first.tolist()],
        "truncated": plain.size > MAX_ARRAY_VALUES,
    }


def is_array(value: object) -> bool:
    """Return whether a value is an array or a tensor with values of its own."""
    kind = type(value)
    if issubclass(kind, np.ndarray):
        return True
    module = type_name(value).partition(".")[0]
    return module in ("tensorflow", "keras", "jax", "jaxlib", "torch", "pandas") and hasattr(
        kind, "__array__"
    )


def plain(value: Any, nesting: int = 0) -> Any:
    """Return a configuration value as plain JSON; what has no plain form becomes `{"opaque": its type}`."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, np.generic):
        value = value.item()
        kind = type(value)
        if kind is bool:
            return value
    if issubclass(kind, int | float):
        return number(value)
    if issubclass(kind, str):
        return text(value)
    if nesting > MAX_NESTING:
        return {"opaque": type_name(value)}
    if issubclass(kind, list):
        return [plain(item, nesting + 1) for item in list.__getitem__(value, slice(0, MAX_ITEMS))]
    if issubclass(kind, tuple):
        return [plain(item, nesting + 1) for item in tuple.__getitem__(value, slice(0, MAX_ITEMS))]
    if issubclass(kind, dict):
        return {
            text(key, MAX_NAME): plain(item, nesting + 1)
            for key, item in list(dict.items(value))[:MAX_ITEMS]
            if issubclass(type(key), str)
        }
    return {"opaque": type_name(value)}
