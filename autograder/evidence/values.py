"""A learner's values as evidence: models, numbers, lists, dicts, arrays, tables, plots. Never raises."""

from __future__ import annotations

import types
from functools import partial
from typing import Any

import keras
import numpy as np

from autograder.evidence import models, plots, tables
from autograder.evidence.plainly import array, is_array, number, text, type_name
from autograder.evidence.schema import (
    CELLS,
    MAX_ARRAY_VALUES,
    MAX_AXES,
    MAX_ITEMS,
    MAX_NAME,
    MAX_TEXT,
    MAX_TEXTS,
    MAX_VALUES,
)

_NESTING = 8
# How much room for values each pair of axes takes besides its data, so that lists of plots are limited.
_AXES = 20


class Values:
    """A converter of values into evidence, one after another, as long as the document has room for them.

    A list, dict, array, table, plot or text that does not fit is `opaque` as a whole, because a part of it
    would mislead.
    """

    def __init__(self) -> None:
        self._values_left = MAX_VALUES
        self._text_left = MAX_TEXTS

    def value(self, thing: Any, nesting: int = 0) -> dict[str, Any]:
        """Return one value as evidence; anything that cannot be recorded is `opaque`, with its type."""
        try:
            return self._value(thing, nesting) or {"kind": "opaque", "type": type_name(thing)}
        except Exception:
            return {"kind": "opaque", "type": type_name(thing)}

    def _value(self, thing: Any, nesting: int) -> dict[str, Any] | None:
        kind = type(thing)
        if thing is None:
            return {"kind": "none"}
        if kind is bool or issubclass(kind, np.bool_):
            return {"kind": "bool", "value": bool(thing)}
        if issubclass(kind, np.generic) and not issubclass(kind, float):
            item = thing.item()
            return None if type(item) is kind else self._value(item, nesting)
        if issubclass(kind, int | float):
            return {"kind": "number", "value": number(thing)}
        if issubclass(kind, str):
            return self._text(thing)
        if issubclass(kind, keras.Model):
            return {"kind": "model", "model": models.capture_model(thing)}
        if issubclass(kind, keras.layers.Layer):
            return models.capture_layer(thing)
        if issubclass(kind, keras.KerasTensor):
            return {"kind": "tensor", "shape": list(thing.shape), "dtype": text(str(thing.dtype), MAX_NAME)}
        if tables.is_table(thing):
            return self._table(thing, nesting)
        if (axes := plots.axes_of(thing)) is not None and (axes or not issubclass(kind, list | tuple)):
            return self._plot(axes)
        if issubclass(kind, list | tuple | dict):
            return self._items(thing, kind, nesting)
        if is_function(thing):
            name = getattr(thing, "__name__", "")
            return {"kind": "function", "name": text(name, MAX_NAME) if issubclass(type(name), str) else ""}
        return self._array(thing)

    def _text(self, thing: str) -> dict[str, Any] | None:
        told = text(thing, MAX_TEXT)
        self._text_left -= len(told)
        return {"kind": "text", "value": told} if self._text_left >= 0 else None

    def _items(self, thing: Any, kind: type, nesting: int) -> dict[str, Any] | None:
        base = next(base for base in (list, tuple, dict) if issubclass(kind, base))
        if nesting >= _NESTING or not self._room_for(base.__len__(thing)):
            return None
        if base is dict:
            pairs = list(dict.items(thing))
            told = [[self.value(key, nesting + 1), self.value(item, nesting + 1)] for key, item in pairs]
            return {"kind": "dict", "items": told}
        items = [self.value(item, nesting + 1) for item in base.__getitem__(thing, slice(None))]
        return {"kind": "list", "type": base.__name__, "items": items}

    def _array(self, thing: Any) -> dict[str, Any] | None:
        found = array(thing) if is_array(thing) else None
        if found is None or not self._room_for(len(found["values"])):
            return None
        return {"kind": "array", **found}

    def _table(self, thing: Any, nesting: int) -> dict[str, Any] | None:
        found = tables.columns_of(thing)
        if found is None or nesting >= _NESTING or not self._room_for(len(found[1])):
            return None
        rows, columns = found
        told: list[dict[str, Any]] = []
        for name, dtype, values in columns:
            self._text_left -= len(name)
            if self._text_left < 0:
                return None
            column = self._column(values, rows)
            if column is None:
                return None
            told.append({"name": name, "dtype": dtype, "values": column})
        return {"kind": "table", "rows": rows, "columns": told}

    def _column(self, values: Any, rows: int) -> dict[str, Any] | None:
        if issubclass(type(values), np.ndarray):
            found = self._array(values)
            if found is None or len(found["shape"]) != 1:
                return None
            # The array has only the first rows; its shape and `truncated` must be those of the whole column.
            return {**found, "shape": [rows], "truncated": rows > MAX_ARRAY_VALUES}
        if not self._room_for(len(values)):
            return None
        # The content of cells that are not plain is not captured.
        cells = [self.value(item, _NESTING) for item in values]
        return {
            "kind": "list",
            "type": "list",
            "items": [
                cell if cell["kind"] in CELLS else {"kind": "opaque", "type": type_name(item)}
                for cell, item in zip(cells, values, strict=True)
            ],
        }

    def _plot(self, axes: list[Any]) -> dict[str, Any] | None:
        if len(axes) > MAX_AXES or not self._room_for(_AXES * (len(axes) + 1)):
            return None
        return {"kind": "plot", **plots.describe(axes, self._numbers, self._words)}

    def _numbers(self, thing: Any) -> dict[str, Any]:
        """Return an array of a plot, without its `kind`.

        Raises:
            ValueError: there is no room for it, or it does not hold numbers.
        """
        found = self._array(thing)
        if found is None:
            raise ValueError("no array, or no room for it")
        del found["kind"]
        return found

    def _words(self, thing: str) -> str:
        """Return a text of a plot.

        Raises:
            ValueError: there is no room for it.
        """
        told = text(thing, MAX_NAME)
        self._text_left -= len(told)
        if self._text_left < 0:
            raise ValueError("no room for a text")
        return told

    def _room_for(self, count: int) -> bool:
        if count > min(MAX_ITEMS, self._values_left):
            return False
        self._values_left -= count
        return True


def is_function(thing: object) -> bool:
    """Return whether a value is a function that probes can call, and not a class, a layer or a model."""
    return issubclass(
        type(thing), types.FunctionType | types.MethodType | types.BuiltinFunctionType | partial
    )


def is_layer(thing: object) -> bool:
    """Return whether a value is a layer or a model."""
    return issubclass(type(thing), keras.layers.Layer)
