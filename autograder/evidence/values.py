"""A learner's values as evidence: models, layers, numbers, lists, dicts, arrays, functions. Never raises."""

from __future__ import annotations

import types
from functools import partial
from typing import Any

import keras
import numpy as np

from autograder.evidence import models
from autograder.evidence.plainly import array, is_array, number, text, type_name
from autograder.evidence.schema import MAX_ITEMS, MAX_NAME, MAX_TEXT

_NESTING = 8


def value(thing: Any, nesting: int = 0) -> dict[str, Any]:
    """One value as evidence; anything that cannot be told is `opaque`, with its type."""
    try:
        return _value(thing, nesting)
    except Exception:
        return {"kind": "opaque", "type": type_name(thing)}


def _value(thing: Any, nesting: int) -> dict[str, Any]:
    kind = type(thing)
    if thing is None:
        return {"kind": "none"}
    if kind is bool or issubclass(kind, np.bool_):
        return {"kind": "bool", "value": bool(thing)}
    if issubclass(kind, np.generic) and not issubclass(kind, float):
        item = thing.item()
        return {"kind": "opaque", "type": type_name(thing)} if type(item) is kind else _value(item, nesting)
    if issubclass(kind, int | float):
        return {"kind": "number", "value": number(thing)}
    if issubclass(kind, str):
        return {"kind": "text", "value": text(thing, MAX_TEXT)}
    if issubclass(kind, keras.Model):
        return {"kind": "model", "model": models.capture_model(thing)}
    if issubclass(kind, keras.layers.Layer):
        return models.capture_layer(thing)
    if issubclass(kind, keras.KerasTensor):
        return {"kind": "tensor", "shape": list(thing.shape), "dtype": text(str(thing.dtype), MAX_NAME)}
    if nesting < _NESTING and issubclass(kind, list | tuple):
        base = list if issubclass(kind, list) else tuple
        items = base.__getitem__(thing, slice(0, MAX_ITEMS))
        return {"kind": "list", "type": base.__name__, "items": [value(item, nesting + 1) for item in items]}
    if nesting < _NESTING and issubclass(kind, dict):
        pairs = list(dict.items(thing))[:MAX_ITEMS]
        return {
            "kind": "dict",
            "items": [[value(key, nesting + 1), value(item, nesting + 1)] for key, item in pairs],
        }
    if is_array(thing):
        found = array(thing)
        if found is not None:
            return {"kind": "array", **found}
    if is_function(thing):
        name = getattr(thing, "__name__", "")
        return {"kind": "function", "name": text(name, MAX_NAME) if issubclass(type(name), str) else ""}
    return {"kind": "opaque", "type": type_name(thing)}


def is_function(thing: object) -> bool:
    """Whether a value is a function that probes can call: no class, no layer, no model."""
    return issubclass(
        type(thing), types.FunctionType | types.MethodType | types.BuiltinFunctionType | partial
    )
