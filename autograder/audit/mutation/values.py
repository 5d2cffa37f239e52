"""Makes answers that are numbers, texts, lists, dicts, arrays, tables or plots a little wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.checks.values import index_of

Value = dict[str, Any]
"""A value as evidence has it (`evidence.schema.Value`), to be changed."""


@dataclass(frozen=True)
class Change:
    """A value in which one thing is another."""

    operator: str
    what: str
    value: Value
    touched: tuple[str, ...] = ()


def value_changes(value: Value) -> Iterator[Change]:
    """Yield numbers off by a little, truth values turned, texts misspelt, entries dropped or swapped.

    Of an array the first, middle or last entry is off, or it has one entry fewer; a table has a column fewer,
    one under another name, or a cell that is off; of a plot the lines are off or a text is gone. Another
    dtype is no mistake where the values are the same.
    """
    for path, found in _places(value):
        name = _name(value, path) or "the value"
        entry = _entry(value, path)
        for operator, other in _others(found):
            changed = copy.deepcopy(value)
            _at(changed, path)["value"] = other
            yield Change(operator, f"{name}: {other!r} instead of {found['value']!r}", changed, entry)
        if found["kind"] in ("list", "dict"):
            yield from _entries(value, path, found)
        elif found["kind"] == "array":
            yield from _array(value, path, found)
        elif found["kind"] == "table":
            yield from _table(value, path, found)
        elif found["kind"] == "plot":
            yield from _plot(value, path, found)


def _others(found: Value) -> Iterator[tuple[str, Any]]:
    kind, value = found["kind"], found.get("value")
    if kind == "number" and isinstance(value, int | float):
        for other in dict.fromkeys((value + 1, value - 1, value * 2, value // 2, -value)):
            if other != value:
                yield "number changed", other
    elif kind == "bool":
        yield "truth turned", not value
    elif kind == "text":
        yield "text changed", f"{value}x"


def _entries(value: Value, path: tuple[Any, ...], found: Value) -> Iterator[Change]:
    """Yield the value with an entry dropped, or with two neighbours' values swapped."""
    keyed = found["kind"] == "dict"
    items = found["items"]
    names = [str(item[0].get("value")) if keyed else str(place) for place, item in enumerate(items)]
    for place, name in enumerate(names):
        changed = copy.deepcopy(value)
        del _at(changed, path)["items"][place]
        # A list that is too short is wrong as a whole.
        touched = _entry(value, path) or ((name,) if keyed else ())
        yield Change("entry dropped", f"without {name}", changed, touched)
    for place in range(len(items) - 1):
        first, second = (items[place][1], items[place + 1][1]) if keyed else items[place : place + 2]
        if first == second:
            continue
        changed = copy.deepcopy(value)
        both = _at(changed, path)["items"]
        if keyed:
            both[place][1], both[place + 1][1] = second, first
        else:
            both[place], both[place + 1] = second, first
        what = f"{names[place]} and {names[place + 1]} exchanged"
        touched = _entry(value, path) or (names[place], names[place + 1])
        yield Change("entries exchanged", what, changed, touched)


def _array(value: Value, path: tuple[Any, ...], found: Value) -> Iterator[Change]:
    entry = _entry(value, path)
    for place, other in _off(found):
        changed = copy.deepcopy(value)
        _at(changed, path)["values"][place] = other
        index = str(index_of(place, found["shape"]))
        yield Change("number changed", f"{index}: {other!r}", changed, entry or (index,))
    if len(found["shape"]) == 1 and found["shape"][0] > 1 and not found["truncated"]:
        changed = copy.deepcopy(value)
        short = _at(changed, path)
        short.update(shape=[found["shape"][0] - 1], values=found["values"][:-1])
        yield Change("entry dropped", "without the last entry", changed, entry)


def _off(found: Value) -> Iterator[tuple[int, Any]]:
    """Yield the places of an array's first, middle and last entry, each with another value for it."""
    values = found["values"]
    for place in sorted({0, len(values) // 2, len(values) - 1} if values else ()):
        kept = values[place]
        if isinstance(kept, bool):
            yield place, not kept
        elif isinstance(kept, int | float):
            yield place, kept + 1


def _table(value: Value, path: tuple[Any, ...], found: Value) -> Iterator[Change]:
    for place, column in enumerate(found["columns"]):
        name = column["name"]
        changed = copy.deepcopy(value)
        del _at(changed, path)["columns"][place]
        yield Change("entry dropped", f"without the column {name}", changed, (name,))
        changed = copy.deepcopy(value)
        _at(changed, path)["columns"][place]["name"] = f"{name}x"
        yield Change("text changed", f"the column {name}x instead of {name}", changed, (name,))
        for made in value_changes(column["values"]):
            if made.operator != "entry dropped":
                changed = copy.deepcopy(value)
                _at(changed, path)["columns"][place]["values"] = made.value
                yield Change(made.operator, f"the column {name}, {made.what}", changed, (name,))


def _plot(value: Value, path: tuple[Any, ...], found: Value) -> Iterator[Change]:
    for number, axes in enumerate(found["axes"]):
        for text in ("title", "x_label", "y_label"):
            if axes[text]:
                changed = copy.deepcopy(value)
                _at(changed, path)["axes"][number][text] = ""
                yield Change("entry dropped", f"without its {text}", changed)
        if axes["legend"] is not None:
            changed = copy.deepcopy(value)
            _at(changed, path)["axes"][number]["legend"] = None
            yield Change("entry dropped", "without its legend", changed)
        for kind in ("lines", "points", "bars"):
            for place, series in enumerate(axes[kind]):
                for entry, other in _off(series["y"]):
                    changed = copy.deepcopy(value)
                    _at(changed, path)["axes"][number][kind][place]["y"]["values"][entry] = other
                    yield Change("number changed", f"{kind}[{place}], y[{entry}]: {other!r}", changed)
                changed = copy.deepcopy(value)
                del _at(changed, path)["axes"][number][kind][place]
                yield Change("entry dropped", f"without {kind}[{place}]", changed)


def _places(value: Value, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Value]]:
    yield path, value
    if value["kind"] == "list":
        for place, item in enumerate(value["items"]):
            yield from _places(item, (*path, "items", place))
    elif value["kind"] == "dict":
        for place, (_, item) in enumerate(value["items"]):
            yield from _places(item, (*path, "items", place, 1))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _name(value: Value, path: tuple[Any, ...]) -> str:
    """Return the key of the entry that a path leads to, or its place."""
    if len(path) > 1 and path[-2] != "items":
        return str(_at(value, path[:-1])[0].get("value"))
    return str(path[-1]) if path else ""


def _entry(value: Value, path: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the key, or the place, of the outermost entry that a path leads through."""
    if not path:
        return ()
    return (_name(value, path[:3] if value["kind"] == "dict" else path[:2]),)
