"""Makes slips in what `compile` is told: losses, weights, metrics, the optimizer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from autograder.audit.mutation.edit import Edit, Model

_LOSSES = ("mse", "mae", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_OF_PROBABILITIES = {
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}
_METRICS = ("mae", "accuracy")
_OPTIMIZERS = {"RMSprop": "rmsprop", "Adam": "adam", "SGD": "sgd"}
_BY_OUTPUT = ("loss", "loss_weights", "metrics")


def compile_edits(model: Model) -> Iterator[Edit]:
    """Yield slips in optimizer, losses, weights and metrics: changed, swapped, miskeyed, dropped, extra."""
    told = model["compile"]
    if told is None:
        return
    if isinstance(told["optimizer"], dict):
        own = told["optimizer"].get("class_name")
        for name, module in _OPTIMIZERS.items():
            if name != own:
                made = {"class_name": name, "module": f"keras.src.optimizers.{module}", "config": {}}
                what = f"the optimizer {name} instead of {own}"
                yield _told("optimizer changed", what, ("optimizer",), made, ())
    outputs = tuple(model["graphs"][model["graph"]]["output_names"]) if model["graph"] is not None else ()
    for argument in _BY_OUTPUT:
        if told[argument] is not None:
            yield from _by_output(argument, told[argument], outputs)


def _by_output(argument: str, given: Any, outputs: tuple[str, ...]) -> Iterator[Edit]:
    yield _told(f"{argument} dropped", f"no {argument}", (argument,), None, outputs)
    if isinstance(given, dict):
        yield from _keyed(argument, given)
    entries = _entries(given)
    for key, value in entries:
        for other in _others(argument, value):
            what = f"{argument} of {_output(key, outputs)}: {other!r} instead of {value!r}"
            yield _told(f"{argument} changed", what, (argument, key), other, (_output(key, outputs),))
    for (key, value), (next_key, next_value) in pairwise(entries):
        if value != next_value:
            turned = copy.deepcopy(given)
            turned[key], turned[next_key] = next_value, value
            both = _output(key, outputs), _output(next_key, outputs)
            what = f"{argument} of {both[0]} and {both[1]} exchanged"
            yield _told(f"{argument} exchanged", what, (argument,), turned, both)
    if isinstance(given, str):
        for other in _others(argument, given):
            what = f"{argument}: {other!r} instead of {given!r}"
            yield _told(f"{argument} changed", what, (argument,), other, outputs)


def _keyed(argument: str, given: dict[str, Any]) -> Iterator[Edit]:
    """Yield the argument with an entry dropped, under a wrong key, or too many."""
    for key in given:
        less = {name: value for name, value in given.items() if name != key}
        yield _told(f"{argument} dropped", f"{argument} without {key}", (argument,), less, (key,))
        wrong = {(f"{name}x" if name == key else name): value for name, value in given.items()}
        what = f"{argument} has the key {key}x instead of {key}"
        yield _told(f"{argument} keyed wrongly", what, (argument,), wrong, (key, f"{key}x"))
    for value in list(given.values())[:1]:
        more = {**given, "extra": value}
        yield _told(f"{argument} extra", f"{argument} has a key more: extra", (argument,), more, ("extra",))


def _entries(given: Any) -> list[tuple[Any, Any]]:
    if isinstance(given, dict):
        return list(given.items())
    return list(enumerate(given)) if isinstance(given, list) else []


def _output(key: Any, outputs: tuple[str, ...]) -> str:
    """Return the output that an entry is for: by its name, or by its place in a list."""
    return outputs[key] if isinstance(key, int) and key < len(outputs) else str(key)


def _others(argument: str, value: Any) -> list[Any]:
    if argument == "loss_weights" and isinstance(value, int | float):
        return [other for other in (value * 2, value / 2, value + 1) if other != value]
    if argument == "metrics":
        kept = value if isinstance(value, list) else [value]
        return [[other] if isinstance(value, list) else other for other in _METRICS if [other] != kept]
    if not isinstance(value, str):
        return []
    return [*(other for other in _LOSSES if other != value), *_of_logits(value)]


def _of_logits(loss: str) -> list[dict[str, Any]]:
    """Return the same loss for logits instead of probabilities; nothing if it has no such form."""
    name = _OF_PROBABILITIES.get(loss)
    if name is None:
        return []
    return [{"class_name": name, "module": "keras.src.losses.losses", "config": {"from_logits": True}}]


def _told(operator: str, what: str, path: tuple[Any, ...], value: Any, touched: tuple[str, ...]) -> Edit:
    def apply(model: Model) -> None:
        place = model["compile"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = copy.deepcopy(value)

    return Edit(operator, what, apply, touched, path[0])
