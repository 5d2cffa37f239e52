"""One small change of a model, which can be made to every model that the same code has made."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Model = dict[str, Any]
"""A model's evidence (`evidence.schema`: MODEL), changed in place."""
Reference = list[int]
"""A tensor in it: the call that makes it, and which of its outputs it is."""


@dataclass(frozen=True)
class Edit:
    """A change: its operator, what it changes, and how.

    `apply` changes a model in place, and raises LookupError for a model that has no such place. `touched` are
    the names of the operations that it is about: the changed one first, then those that it now reads or has
    become, and those that it should read or be; `setting` is the setting that it changes.
    """

    operator: str
    what: str
    apply: Callable[[Model], None] = field(compare=False)
    touched: tuple[str, ...] = ()
    setting: str | None = None

    def made_to(self, model: Model) -> Model:
        """Return a copy of the model with the change.

        Raises:
            LookupError: the model has no such place.
        """
        changed = copy.deepcopy(model)
        self.apply(changed)
        for graph in changed["graphs"]:
            put_in_order(graph)
        return changed


def references(call: dict[str, Any]) -> Iterator[Reference]:
    """Yield the tensors that a call reads, to be changed in place, in the order of its arguments."""
    waiting: list[Any] = [*call["kwargs"].values()][::-1] + call["args"][::-1]
    while waiting:
        argument = waiting.pop()
        if "tensor" in argument:
            yield argument["tensor"]
        elif "list" in argument:
            waiting.extend(reversed(argument["list"]))


def readers(graph: dict[str, Any], tensor: Reference) -> Iterator[Reference]:
    """Yield every place of a graph that reads a tensor, its outputs included."""
    for call in graph["calls"]:
        yield from (reference for reference in references(call) if reference == tensor)
    yield from (reference for reference in graph["outputs"] if reference == tensor)


def redirect(places: list[Reference], tensor: Reference) -> None:
    """Make those places read another tensor."""
    for place in places:
        place[:] = tensor


def add_call(
    graph: dict[str, Any], operation: int, reads: Reference, like: dict[str, Any] | None = None
) -> Reference:
    """Call an operation on a tensor, and return the new call's output, which has the tensor's shape.

    The operation's other arguments are those of the call `like`, which also reads one tensor.
    """
    made = graph["calls"][reads[0]]["outputs"][reads[1]]
    plain: dict[str, Any] = {"args": [{"tensor": list(reads)}], "kwargs": {}}
    call = copy.deepcopy(like) if like else plain
    redirect(list(references(call)), reads)
    call.update(id=len(graph["calls"]), operation=operation, outputs=[copy.deepcopy(made)])
    graph["calls"].append(call)
    return [call["id"], 0]


def add_operation(model: Model, entry: dict[str, Any], name: str) -> int:
    """Put a copy of an operation under another name into the table, and return its number."""
    made = copy.deepcopy(entry)
    made["id"] = len(model["operations"])
    rename(made, name)
    model["operations"].append(made)
    return int(made["id"])


def rename(entry: dict[str, Any], name: str) -> None:
    """Give an operation of the table another name."""
    entry["name"] = name
    if entry["config"] and "name" in entry["config"]:
        entry["config"]["name"] = name


def layer(module: str, class_name: str, **config: Any) -> dict[str, Any]:
    """Return a layer of Keras as an entry of the table."""
    return {
        "id": 0,
        "module": module,
        "class_name": class_name,
        "name": class_name.lower(),
        "custom": False,
        "base": None,
        "graph": None,
        "config": {"name": class_name.lower(), **config},
    }


def put_in_order(graph: dict[str, Any]) -> None:
    """Renumber the calls so that each follows what it reads, and drop those whose result is not used."""
    calls = {call["id"]: call for call in graph["calls"]}
    inputs = list(dict.fromkeys(reference[0] for reference in graph["inputs"]))
    order: dict[int, None] = dict.fromkeys(inputs)
    waiting = [(reference[0], False) for reference in reversed(graph["outputs"])]
    open_calls: set[int] = set()
    while waiting:
        number, read = waiting.pop()
        if number in order:
            continue
        if read:
            order[number] = None
            continue
        if number in open_calls:
            raise LookupError("a circle")
        open_calls.add(number)
        waiting.append((number, True))
        sources = [reference[0] for reference in references(calls[number])]
        waiting.extend((source, False) for source in reversed(sources))
    renumber(graph, list(order))


def renumber(graph: dict[str, Any], order: Sequence[int]) -> None:
    """Put the calls into that order, by their ids, and renumber them; calls that are not in it are lost."""
    calls = {call["id"]: call for call in graph["calls"]}
    new = {number: position for position, number in enumerate(order)}
    graph["calls"] = [calls[number] for number in order]
    for call in graph["calls"]:
        call["id"] = new[call["id"]]
        for reference in references(call):
            reference[0] = new[reference[0]]
    for reference in (*graph["inputs"], *graph["outputs"]):
        reference[0] = new[reference[0]]
