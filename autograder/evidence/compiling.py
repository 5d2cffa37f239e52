"""The arguments of `compile` as evidence: strings, lists and dicts as given, Keras's objects by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras.src.saving.serialization_lib import SerializableDict

from autograder.evidence.classes import is_genuine, type_name_parts
from autograder.evidence.plainly import number, plain, text, type_name
from autograder.evidence.schema import MAX_ITEMS, MAX_NAME

ARGUMENTS = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
_OBJECTS = (keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer)
_NESTING = 6


def capture_compile(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the compile arguments in a model's instance dictionary; None where it was never compiled."""
    kept: Any = fields.get("_compile_config")
    if type(kept) is not SerializableDict:
        return None
    return {name: _given(kept.config.get(name)) for name in ARGUMENTS}


def _given(value: Any, nesting: int = 0) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, np.generic) and not issubclass(kind, float | str):
        # Keras treats a number of NumPy's like a plain number.
        item = np.generic.item(value)
        return {"opaque": type_name(value)} if type(item) is kind else _given(item, nesting)
    if issubclass(kind, int | float):
        return number(value)
    if issubclass(kind, str):
        return text(value, MAX_NAME)
    if nesting < _NESTING and issubclass(kind, list | tuple):
        return [_given(item, nesting + 1) for item in list(value)[:MAX_ITEMS]]
    if nesting < _NESTING and issubclass(kind, dict):
        # A key that is not a string names no output; it is kept as a text, so that it is seen to match none.
        return {_key(key): _given(item, nesting + 1) for key, item in list(dict.items(value))[:MAX_ITEMS]}
    if issubclass(kind, _OBJECTS):
        return _keras_object(value, kind)
    if callable(value):
        name = getattr(value, "__name__", None)
        module = getattr(value, "__module__", None)
        if type(name) is str and type(module) is str:
            return {"function": text(f"{module}.{name}", MAX_NAME)}
    return {"opaque": type_name(value)}


def _key(key: Any) -> str:
    return text(key, MAX_NAME) if issubclass(type(key), str) else f"({type_name(key)})"


def _keras_object(value: Any, kind: type) -> dict[str, Any]:
    module, name = type_name_parts(kind)
    config: Any = {}
    # An optimizer's settings are variables, and graders ask only for its name.
    if is_genuine(kind) and not issubclass(kind, keras.optimizers.Optimizer):
        try:
            config = plain(kind.get_config(value))  # type: ignore[attr-defined]
        except Exception:
            config = {}
    return {"class_name": name, "module": module, "config": config}
