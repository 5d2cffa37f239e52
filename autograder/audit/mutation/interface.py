"""Inputs and outputs that are others: renamed, exchanged, dropped; and what `compile` was told."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from autograder.audit.mutation.edit import Edit, Model, rename

_LOSSES = ("mse", "mae", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_METRICS = ("mae", "accuracy")
_OPTIMIZERS = {"RMSprop": "rmsprop", "Adam": "adam", "SGD": "sgd"}


def interface_edits(model: Model) -> Iterator[Edit]:
    """Every change of what goes into a model, comes out of it, and how it was compiled."""
    if model["graph"] is None:
        return
    graph = model["graphs"][model["graph"]]
    for ends, keys, side in (("outputs", "output_keys", "output"), ("inputs", "input_keys", "input")):
        names = graph[keys] or graph[f"{side}_names"]
        for place, name in enumerate(names):
            if len(names) > 1:
                yield _dropped(side, ends, place, name)
            for other in range(place):
                yield _exchanged(side, ends, place, other, (name, names[other]))
            yield _renamed(side, keys, place, name)
    if model["compile"] is not None:
        yield from compile_edits(model["compile"])


def _dropped(side: str, ends: str, place: int, name: str) -> Edit:
    def apply(model: Model) -> None:
        graph = model["graphs"][model["graph"]]
        for key in (ends, f"{side}_names", f"{side}_keys"):
            if graph[key] is not None:
                del graph[key][place]

    return Edit(f"{side} dropped", f"without the {side} {name}", apply)


def _exchanged(side: str, ends: str, place: int, other: int, names: tuple[str, str]) -> Edit:
    def apply(model: Model) -> None:
        graph = model["graphs"][model["graph"]]
        # Names that Keras takes from layers go with them; keys of a dict stay where they are.
        for key in (ends, f"{side}_names"):
            graph[key][place], graph[key][other] = graph[key][other], graph[key][place]

    return Edit(f"{side}s exchanged", f"{names[0]} and {names[1]} exchanged", apply)


def _renamed(side: str, keys: str, place: int, name: str) -> Edit:
    def apply(model: Model) -> None:
        graph = model["graphs"][model["graph"]]
        if graph[keys] is not None:
            graph[keys][place] = f"{name}x"
            return
        graph[f"{side}_names"][place] = f"{name}x"
        reference = graph[f"{side}s"][place]
        rename(model["operations"][graph["calls"][reference[0]]["operation"]], f"{name}x")

    return Edit(f"{side} renamed", f"{side} {name} is called {name}x", apply, (name,), "name")


def compile_edits(told: dict[str, Any]) -> Iterator[Edit]:
    """Losses, weights and metrics changed, exchanged between outputs, keyed wrongly, dropped, one extra."""
    if isinstance(told["optimizer"], dict):
        for name, module in _OPTIMIZERS.items():
            if name != told["optimizer"].get("class_name"):
                made = {"class_name": name, "module": f"keras.src.optimizers.{module}", "config": {}}
                yield _told("optimizer changed", ("optimizer",), made)
    for argument in ("loss", "loss_weights", "metrics"):
        given = told[argument]
        if given is None:
            continue
        yield _told(f"{argument} dropped", (argument,), None)
        if isinstance(given, dict):
            yield from _keyed(argument, given)
        entries = _entries(given)
        for key, value in entries:
            for other in _others(argument, value):
                yield _told(f"{argument} changed", (argument, key), other)
        for (key, value), (next_key, next_value) in pairwise(entries):
            if value != next_value:
                turned = copy.deepcopy(given)
                turned[key], turned[next_key] = next_value, value
                yield _told(f"{argument} exchanged", (argument,), turned)
        if isinstance(given, str):
            for other in _others(argument, given):
                yield _told(f"{argument} changed", (argument,), other)


def _keyed(argument: str, given: dict[str, Any]) -> Iterator[Edit]:
    """An entry dropped, under a wrong key, or too much."""
    for key in given:
        less = {name: value for name, value in given.items() if name != key}
        yield _told(f"{argument} dropped", (argument,), less)
        wrong = {(f"{name}x" if name == key else name): value for name, value in given.items()}
        yield _told(f"{argument} keyed wrongly", (argument,), wrong)
    for value in list(given.values())[:1]:
        yield _told(f"{argument} extra", (argument,), {**given, "extra": value})


def _entries(given: Any) -> list[tuple[Any, Any]]:
    if isinstance(given, dict):
        return list(given.items())
    return list(enumerate(given)) if isinstance(given, list) else []


def _others(argument: str, value: Any) -> list[Any]:
    if argument == "loss_weights" and isinstance(value, int | float):
        return [other for other in (value * 2, value / 2, value + 1) if other != value]
    if argument == "metrics":
        kept = value if isinstance(value, list) else [value]
        return [[other] if isinstance(value, list) else other for other in _METRICS if [other] != kept]
    return [other for other in _LOSSES if other != value and isinstance(value, str)]


def _told(operator: str, path: tuple[Any, ...], value: Any) -> Edit:
    def apply(model: Model) -> None:
        place = model["compile"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = copy.deepcopy(value)

    return Edit(operator, f"{'.'.join(map(str, path))} = {value!r}", apply)
