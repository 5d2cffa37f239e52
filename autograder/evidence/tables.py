"""A learner's table as named columns: a data frame of pandas, or a structured array of NumPy.

This never imports pandas: where there is a data frame, it has been imported.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.evidence.plainly import text
from autograder.evidence.schema import MAX_ARRAY_VALUES, MAX_COLUMNS, MAX_NAME

Column = tuple[str, str, Any]
"""A column's name, its dtype, and its first values: an array, or a list with None for what is missing."""


def is_table(thing: object) -> bool:
    """Return whether a value is a data frame of pandas or a structured array."""
    kind = type(thing)
    frame = _frame()
    if frame is not None and issubclass(kind, frame):
        return True
    return issubclass(kind, np.ndarray) and np.ndarray.dtype.__get__(thing).names is not None


def columns_of(thing: Any) -> tuple[int, list[Column]] | None:
    """Return how many rows a table has, and its columns; None where it has too many, or more dimensions.

    The named levels of a data frame's index come first, because grouping by a column turns it into an index.
    """
    frame = _frame()
    if frame is not None and issubclass(type(thing), frame):
        return _columns_of_frame(frame, thing)
    plain = np.asarray(thing)
    names = plain.dtype.names or ()
    if plain.ndim != 1 or len(names) > MAX_COLUMNS:
        return None
    first = plain[:MAX_ARRAY_VALUES]
    return len(plain), [(_name(name), str(first[name].dtype), _values(first[name])) for name in names]


def _frame() -> type | None:
    pandas: Any = sys.modules.get("pandas")
    kind = getattr(pandas, "DataFrame", None)
    return kind if isinstance(kind, type) else None


def _columns_of_frame(frame: Any, thing: Any) -> tuple[int, list[Column]] | None:
    rows, width = frame.shape.fget(thing)
    if width > MAX_COLUMNS:
        return None
    first = frame.head(thing, MAX_ARRAY_VALUES)
    index = first.index
    series = [
        (name, index.get_level_values(level)) for level, name in enumerate(index.names) if name is not None
    ]
    series += [(name, first.iloc[:, place]) for place, name in enumerate(first.columns)]
    found = [(_name(name), text(str(one.dtype), MAX_NAME), _values(one.to_numpy())) for name, one in series]
    return (int(rows), found) if len(found) <= MAX_COLUMNS else None


def _name(name: Any) -> str:
    """Return a column's name as a text; where it has several levels, one after another."""
    if issubclass(type(name), tuple):
        return text(", ".join(map(_name, tuple.__iter__(name))), MAX_NAME)
    return text(name if issubclass(type(name), str) else str(name), MAX_NAME)


def _values(values: Any) -> Any:
    plain = np.asarray(values)
    if plain.dtype.kind in "biuf":
        return plain
    if plain.dtype.kind in "mM":
        return [None if one == "NaT" else one for one in plain.astype(str).tolist()]
    return list(_cells(plain))


def _cells(values: Any) -> Iterator[Any]:
    pandas: Any = sys.modules.get("pandas")
    missing = (getattr(pandas, "NA", None), getattr(pandas, "NaT", None))
    for item in values.tolist():
        if any(item is one for one in missing):
            yield None
        elif issubclass(type(item), datetime.date | datetime.timedelta):
            yield str(item)
        else:
            yield item
