"""Handles the plain values that a learner hands in: dicts, numbers, texts, arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograder.evidence import Value
from autograder.messages import Message, message, verbatim


def plain_value(value: Value | None) -> Any:
    """Return a value's evidence as a value of Python's own: dict, list, number, text, `None`.

    It is `None` where there is no evidence of a value, because a model was handed in. An array becomes a
    nested list of its shape, a table a dict of its columns. What has no plain form (a model, an object of
    another class) is returned as the evidence that describes it.

    >>> import numpy as np
    >>> from autograder.checks import plain_value, subject_of
    >>> plain_value(subject_of({"shape": (28, 28), "loss": np.array([0.5, 0.25])}).value)
    {'shape': [28, 28], 'loss': [0.5, 0.25]}
    """
    if value is None or value["kind"] == "none":
        return None
    if value["kind"] in ("bool", "text"):
        return value["value"]
    if value["kind"] == "number":
        return float(value["value"]) if isinstance(value["value"], str) else value["value"]
    if value["kind"] == "list":
        return [plain_value(item) for item in value["items"]]
    if value["kind"] == "dict":
        return {_key(key): plain_value(item) for key, item in value["items"]}
    if value["kind"] == "array":
        return _nested(_numbers(value["values"]), value["shape"])
    if value["kind"] == "table":
        return {column["name"]: plain_column(column["values"]) for column in value["columns"]}
    return value


def plain_column(values: Value) -> list[Any]:
    """Return the entries of a table's column, as far as evidence tells them."""
    found = _numbers(values["values"]) if values["kind"] == "array" else plain_value(values)
    return list(found)


def _numbers(values: list[Any]) -> list[Any]:
    """Return an array's entries as numbers; evidence writes those that are not finite as words."""
    return [float(value) if isinstance(value, str) else value for value in values]


def _key(value: Value) -> Any:
    plain = plain_value(value)
    return plain if isinstance(plain, (str, int, float, bool)) or plain is None else repr(plain)


def _nested(values: list[Any], shape: list[int]) -> Any:
    if len(shape) <= 1:
        return list(values) if shape else values[0]
    step = math.prod(shape[1:])
    return [_nested(values[start : start + step], shape[1:]) for start in range(0, len(values), max(step, 1))]


def same(found: Any, wanted: Any) -> bool:
    """Return whether two plain values are the same.

    Numbers are compared to within rounding; lists and tuples are alike; in a text, capital letters and spaces
    around it do not count.
    """
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        return is_near(found, wanted)
    if isinstance(found, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, str) and isinstance(wanted, str):
        return found.strip().lower() == wanted.strip().lower()
    return bool(found == wanted)


def is_near(found: float, wanted: float, tolerance: float | None = None) -> bool:
    """Return whether two numbers agree, to within `tolerance` or to within rounding; NaN is NaN alone."""
    if math.isnan(found) or math.isnan(wanted):
        return math.isnan(found) and math.isnan(wanted)
    if tolerance is None:
        return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-9)
    # A tolerance of 0.1 is meant to take 0.3 for 0.2, whatever binary fractions make of it.
    return found == wanted or abs(found - wanted) <= tolerance * (1 + 1e-9)


def index_of(place: int, shape: Sequence[int]) -> list[int]:
    """Return the index of an entry counted row by row; numpy refuses the shape of too large an array."""
    index: list[int] = []
    for size in reversed(shape):
        place, here = divmod(place, size)
        index.insert(0, here)
    return index


def shown(value: Any) -> str:
    """Return a plain value as a learner would type it, on one line of at most 120 characters."""
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def kind_of(value: Value | None) -> Message:
    """Describe what a learner handed in where something else is asked for."""
    if value is None:
        return message("a model")
    match value["kind"]:
        case "model":
            return message("a model")
        case "none":
            return verbatim("None")
        case "opaque":
            return message("an object of the class {name}", name=str(value["type"]))
        case "tensor":
            return message("a tensor, which is not a model yet")
        case "layer":
            return message("a layer, which is not a model yet")
        case "function":
            return message("a function")
        case "table":
            columns = shown([column["name"] for column in value["columns"]])
            return message("a table with the columns {columns}", columns=columns)
        case "plot":
            return message("a plot")
        case _:
            return verbatim(shown(plain_value(value)))
