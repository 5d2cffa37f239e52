"""Finds where a mistake is: in which operations, outputs or entries, and what messages may call them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.checks import Subject
from autograder.graph import Call, Compiled, Graph, Labels, Operation, code
from autograder.messages import Language, message, render

_ARGUMENTS: Mapping[str, Mapping[Language, str]] = {
    "optimizer": {"en": "optimizer", "ko": "옵티마이저"},
    "loss": {"en": "loss", "ko": "손실"},
    "loss_weights": {"en": "weight", "ko": "가중치"},
    "metrics": {"en": "metric", "ko": "지표"},
}
"""The arguments of `compile`, as sentences call them."""
_EFFECTS = {
    "optimizer": "optimizer",
    "loss": "losses",
    "loss_weights": "loss_weights",
    "metrics": "metrics",
}


@dataclass(frozen=True)
class Place:
    """What leads to a mistake: names of operations, models, outputs or entries, and what differs in them."""

    touched: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def place_of(subject: Subject) -> Place:
    """Return where a subject differs from the reference: graphs, names, arguments of `compile` or entries."""
    assert subject.reference is not None
    touched: dict[str, None] = {}
    settings: dict[str, None] = {}
    kinds: dict[str, None] = {}
    pictured, marked = subject.picture()
    for index, (model, right) in enumerate(zip(subject.models, subject.reference.models, strict=False)):
        if model.graph is None or right.graph is None:
            continue
        # A check may have found that the order of a join differs, which is free otherwise.
        for difference in subject.differences_of(index) or (marked if pictured == index else ()):
            calls = [*difference.found_calls, *_shared(model.graph, right.graph, difference.wanted_calls)]
            touched |= dict.fromkeys(model.graph.operation_of(call).name for call in calls)
            kinds |= dict.fromkeys(difference.missing)
            settings |= dict.fromkeys(filter(None, [difference.setting]))
        for names, wanted in (
            (model.graph.input_names, right.graph.input_names),
            (model.graph.output_names, right.graph.output_names),
        ):
            touched |= dict.fromkeys(names if names != wanted else ())
        told = list(_told_otherwise(model.graph.compiled, right.graph.compiled))
        settings |= dict.fromkeys(told)
        touched |= dict.fromkeys(model.graph.output_names if told else ())
    touched |= dict.fromkeys(_entries(subject.value, subject.reference.value))
    return Place(tuple(touched), tuple(settings), tuple(kinds))


def _shared(found: Graph, wanted: Graph, calls: Collection[int]) -> Iterator[int]:
    """Yield the existing calls of shared layers, where a call of such a layer is missing."""
    kinds = {
        wanted.operation_of(call).kind
        for call in calls
        if len(wanted.calls_of(wanted.call(call).operation)) > 1
    }
    yield from (call.id for call in found.of_kind(*kinds))


def _told_otherwise(found: Compiled | None, wanted: Compiled | None) -> Iterator[str]:
    """Yield the arguments of `compile` whose effect differs."""
    for argument, attribute in _EFFECTS.items():
        surplus = found is not None and argument in found.surplus
        if surplus or getattr(found, attribute, None) != getattr(wanted, attribute, None):
            yield argument


def _entries(found: Any, wanted: Any) -> Iterator[str]:
    """Yield the keys or places of entries that differ; a list of another length differs as a whole."""
    if not (isinstance(found, dict) and isinstance(wanted, dict) and found.get("kind") == wanted.get("kind")):
        return
    if found["kind"] == "dict":
        ours, theirs = (
            {str(key.get("value")): item for key, item in one["items"]} for one in (found, wanted)
        )
        yield from (key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key))
    elif found["kind"] == "table":
        ours, theirs = ({column["name"]: column for column in one["columns"]} for one in (found, wanted))
        yield from (name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name))
    elif found["kind"] == "list" and len(found["items"]) == len(wanted["items"]):
        pairs = zip(found["items"], wanted["items"], strict=True)
        yield from (str(place) for place, (one, other) in enumerate(pairs) if one != other)


def names_of(place: Place, subject: Subject, language: Language) -> set[str]:
    """Return every way in which a message may call the place."""
    names = {name if name.isdigit() else repr(name) for name in place.touched}
    names.update(code(name) for name in place.touched)
    names.update(code(kind) for kind in place.kinds)
    names.update(code(setting) for setting in place.settings)
    arguments = (_ARGUMENTS[setting] for setting in place.settings if setting in _ARGUMENTS)
    names.update(argument.get(language, argument["en"]) for argument in arguments)
    there: set[str] = set()
    for graph in subject.graphs:
        layers = Labels(graph).layers
        for call, operation in _touched(graph, place.touched):
            there.update((operation.name, *call.path))
            names.add(render(layers[operation.id], language))
            if operation.kind == "Input":
                names.add(render(message("the input"), language))
    assert subject.reference is not None
    gone = [name for name in place.touched if name not in there]
    for graph in subject.reference.graphs:
        # An operation that is gone can only be called by its kind.
        names.update(code(operation.kind) for _, operation in _touched(graph, gone))
    return names


def _touched(graph: Graph, names: Collection[str]) -> Iterator[tuple[Call, Operation]]:
    """Yield the calls of layers with those names, and of all layers in models with those names.

    In a row of layers that are all alike any of them may be meant: nobody can tell which is one too many.
    """
    found = {
        call.id: call
        for call in graph
        if graph.operation_of(call).name in names or any(model in names for model in call.path)
    }
    waiting = list(found.values())
    while waiting:
        call = waiting.pop()
        for other in (*graph.consumers(call.id), *(graph.call(tensor.call) for tensor in call.inputs)):
            if other.id not in found and _alike(graph, call, other):
                found[other.id] = other
                waiting.append(other)
    for call in found.values():
        yield call, graph.operation_of(call)


def _alike(graph: Graph, one: Call, other: Call) -> bool:
    first, second = graph.operation_of(one), graph.operation_of(other)
    return (first.kind, first.settings, one.activation) == (second.kind, second.settings, other.activation)
