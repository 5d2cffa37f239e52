"""What a picture of a graph shows: a box for every call, or one per sub-model where there are too many."""

from __future__ import annotations

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from autograder.graph.comparison.anchors import input_names, output_names
from autograder.graph.comparison.difference import Difference
from autograder.graph.comparison.isomorphism import Net
from autograder.graph.comparison.wording import is_merge, shapes_written
from autograder.graph.label import is_automatic, key_settings
from autograder.graph.model import Call, Graph
from autograder.messages import Message, message, verbatim

CALLS_SHOWN = 40
"""With more calls than this, each sub-model is shown as one box."""
BOXES_SHOWN = 300
"""With more boxes than this, one box stands for everything but the inputs."""
_EVERYTHING = ("group", "", 1)

Form = Literal["layer", "merge", "input", "output", "group", "ghost"]
WireForm = Literal["plain", "wrong", "absent", "ghost"]

_THOUGHT_OF = ("absent", "ghost")


@dataclass(frozen=True)
class Box:
    """One box and its text, line by line; `name` and `details` are code.

    `share` is the number of the colour of a layer that is called more than once, and `badge` says so in
    words; `marks` are the numbers of the differences about the box.
    """

    key: Hashable
    form: Form
    title: Message
    name: str = ""
    details: tuple[str, ...] = ()
    note: Message | None = None
    shape: str = ""
    share: int | None = None
    badge: Message | None = None
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Wire:
    """A wire between two boxes, by their places in `Scene.boxes`."""

    source: int
    target: int
    form: WireForm = "plain"


@dataclass
class Scene:
    """Boxes in topological order, and the wires between them."""

    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)


def scene(
    graph: Graph, differences: Sequence[Difference], notes: Mapping[int, Message] = MappingProxyType({})
) -> Scene:
    """Return what to show of a graph and of what is wrong with it; differences are numbered from 1.

    `notes` are further lines in the boxes of calls, by the calls' ids; a box for several calls has none.
    """
    net = Net(graph, ())
    groups = _groups(graph) if len(graph.calls) > CALLS_SHOWN else {}
    if len({groups.get(call.id, call.id) for call in graph.calls}) > BOXES_SHOWN:
        # Nobody could read so many boxes, and placing them takes long: show the inputs, and one for the rest.
        groups = {call.id: _EVERYTHING for call in graph.calls if call.inputs}
    shares = _shares(graph)
    marks = _marks(graph, differences)
    keys: dict[int, Hashable] = {call.id: groups.get(call.id, ("call", call.id)) for call in graph.calls}
    boxes: dict[Hashable, Box] = {}
    members: dict[Hashable, list[Call]] = {}
    for call in graph.calls:
        members.setdefault(keys[call.id], []).append(call)
    turns: dict[Hashable, list[Hashable]] = {}
    for key, calls in members.items():
        if key in groups.values():
            turns.setdefault(_shared_layers(shares, key, calls), []).append(key)
    for key, calls in members.items():
        numbers = tuple(dict.fromkeys(number for call in calls for number in marks.get(call.id, ())))
        if key in groups.values():
            together = turns[_shared_layers(shares, key, calls)]
            boxes[key] = _group_box(
                graph, key, calls, together, list(turns.values()).index(together), numbers
            )
        else:
            boxes[key] = replace(_call_box(net, calls[0], shares, numbers), note=notes.get(calls[0].id))
    wires: dict[tuple[Hashable, Hashable], list[WireForm]] = {}
    for call in graph.calls:
        for tensor in call.inputs:
            ends = (keys[tensor.call], keys[call.id])
            if ends[0] != ends[1] and not (ends in wires and ends[1] in groups.values()):
                wires.setdefault(ends, []).append("plain")
    for number, name in enumerate(output_names(net)):
        key = ("output", number)
        boxes[key] = Box(key, "output", _output_title(name, number, len(graph.outputs)))
        wires[keys[graph.outputs[number].call], key] = ["plain"]
    for number, difference in enumerate(differences, start=1):
        _add_difference(boxes, wires, keys, number, difference)
    return _in_order(boxes, wires)


def _call_box(net: Net, call: Call, shares: dict[int, tuple[int, list[int]]], marks: tuple[int, ...]) -> Box:
    graph = net.graph
    operation = graph.operations[call.operation]
    node = net.position[call.id]
    shape = shapes_written(call.shapes[:1]) + (", …" if len(call.shapes) > 1 else "")
    if node in net.input_nodes:
        name = input_names(net)[net.input_nodes.index(node)]
        shown = "" if is_automatic(name, "Input") else name
        return Box(("call", call.id), "input", verbatim("Input"), shown, shape=shape, marks=marks)
    details = key_settings(operation)
    if call.activation is not None:
        details.append(call.activation)
    name = "" if is_automatic(operation.name, operation.kind) else operation.name
    number = None if name else net.labels.numbers.get(call.operation)
    title = operation.kind if number is None else f"{operation.kind} #{number}"
    box = Box(
        ("call", call.id),
        "merge" if is_merge(net, node) else "layer",
        verbatim(title),
        name,
        tuple(details),
        shape=shape,
        marks=marks,
    )
    if call.operation in shares:
        share, calls = shares[call.operation]
        badge = message("shared · {number} of {count}", number=calls.index(call.id) + 1, count=len(calls))
        box = replace(box, share=share, badge=badge)
    return box


def _group_box(
    graph: Graph,
    key: Hashable,
    calls: list[Call],
    together: list[Hashable],
    share: int,
    marks: tuple[int, ...],
) -> Box:
    last = calls[-1]
    box = Box(
        key,
        "group",
        verbatim((graph.name or "Model") if key == _EVERYTHING else last.path[0]),
        note=message("a model of {count} calls", count=len(calls)),
        shape=shapes_written(last.shapes[:1]),
        marks=marks,
    )
    if len(together) > 1:
        number = together.index(key) + 1
        badge = message("shared · {number} of {count}", number=number, count=len(together))
        box = replace(box, share=share, badge=badge)
    return box


def _shared_layers(shares: Container[int], key: Hashable, calls: list[Call]) -> Hashable:
    """Return what identifies a sub-model: the layers in it that are called more than once, else its key."""
    return frozenset(call.operation for call in calls if call.operation in shares) or key


def _output_title(name: str, number: int, count: int) -> Message:
    if name and name != f"output_{number}":
        return message("output {name}", name=name)
    return message("output") if count == 1 else message("output {number}", number=number + 1)


def _shares(graph: Graph) -> dict[int, tuple[int, list[int]]]:
    """Return the number of its colour, and its calls, for each layer that is called more than once."""
    calls: dict[int, list[int]] = {}
    for call in graph.calls:
        calls.setdefault(call.operation, []).append(call.id)
    several = [operation for operation, ids in calls.items() if len(ids) > 1]
    return {operation: (number, calls[operation]) for number, operation in enumerate(several)}


def _marks(graph: Graph, differences: Sequence[Difference]) -> dict[int, list[int]]:
    """Return the numbers of the differences about each call."""
    known = {call.id for call in graph.calls}
    marks: dict[int, list[int]] = {}
    for number, difference in enumerate(differences, start=1):
        for call in difference.found_calls:
            if call in known:
                marks.setdefault(call, []).append(number)
    return marks


def _groups(graph: Graph) -> dict[int, Hashable]:
    """Return the group of each call inside a sub-model: which sub-model, and which call of it.

    There are no groups at all where they and the calls around them would form a cycle.
    """
    turn = _turns(graph)
    groups: dict[int, Hashable] = {
        call.id: ("group", call.path[0], turn[call.id]) for call in graph.calls if call.path
    }
    wires: set[tuple[Hashable, Hashable]] = {
        (groups.get(tensor.call, tensor.call), groups.get(call.id, call.id))
        for call in graph.calls
        for tensor in call.inputs
    }
    nodes: dict[Hashable, None] = dict.fromkeys(groups.get(call.id, call.id) for call in graph.calls)
    order = _sorted(list(nodes), [wire for wire in wires if wire[0] != wire[1]])
    return groups if len(order) == len(nodes) else {}


def _turns(graph: Graph) -> dict[int, int]:
    """Return for each call in which call of its sub-model it was made: the first is 1.

    A shared layer's own calls are counted; any other layer goes by what it reads, or by what reads it.
    """
    turn: dict[int, int] = {}
    counts: dict[int, int] = {}
    for call in graph.calls:
        counts[call.operation] = counts.get(call.operation, 0) + 1
        inside = [turn[t.call] for t in call.inputs if graph.call(t.call).path[:1] == call.path[:1]]
        turn[call.id] = max([counts[call.operation], *inside])
    for call in reversed(graph.calls):
        inside = [turn[reader.id] for reader in graph.consumers(call.id) if reader.path[:1] == call.path[:1]]
        if inside and counts[call.operation] == 1:
            turn[call.id] = max(turn[call.id], min(inside))
    return turn


def _add_difference(
    boxes: dict[Hashable, Box],
    wires: dict[tuple[Hashable, Hashable], list[WireForm]],
    keys: dict[int, Hashable],
    number: int,
    difference: Difference,
) -> None:
    """Add a difference to the picture: a ghost box for what is missing, and wrong or absent wires."""
    if difference.kind in ("missing", "output", "input") and not difference.found_calls:
        before = [keys[call] for call in difference.before if call in keys]
        after = [keys[call] for call in difference.after if call in keys]
        if difference.kind == "missing" and not after:
            after = [key for key, box in boxes.items() if box.form == "output"][:1]
        if before or after:
            key = ("ghost", number)
            title = {
                "missing": message("missing"),
                "input": message("missing input"),
                "output": message("missing output"),
            }[difference.kind]
            boxes[key] = Box(key, "ghost", title, details=difference.missing, marks=(number,))
            wires.update({(source, key): ["ghost"] for source in before})
            wires.update({(key, target): ["ghost"] for target in after})
    for source, target in difference.wires:
        ends = (keys.get(source), keys.get(target))
        if ends in wires:
            wires[ends] = ["wrong", *wires[ends][1:]]
    for source, target in difference.absent_wires:
        if source in keys and target in keys and keys[source] != keys[target]:
            wires.setdefault((keys[source], keys[target]), []).append("absent")


def _in_order(boxes: dict[Hashable, Box], wires: dict[tuple[Hashable, Hashable], list[WireForm]]) -> Scene:
    """Order the boxes so that all wires lead onwards; if need be, drop wires that are not in the model."""
    order = _sorted(list(boxes), list(wires))
    if len(order) < len(boxes):
        real = {ends: [form for form in forms if form not in _THOUGHT_OF] for ends, forms in wires.items()}
        wires = {ends: forms for ends, forms in real.items() if forms}
        order = _sorted(list(boxes), list(wires))
    # Ghosts that lead nowhere come after all other boxes.
    ahead = {source for source, _ in wires}
    order.sort(key=lambda key: boxes[key].form == "ghost" and key not in ahead)
    place = {key: number for number, key in enumerate(order)}
    return Scene(
        [boxes[key] for key in order],
        [
            Wire(place[source], place[target], form)
            for (source, target), forms in wires.items()
            for form in forms
        ],
    )


def _sorted(nodes: list[Hashable], wires: list[tuple[Hashable, Hashable]]) -> list[Hashable]:
    """Return the nodes in topological order; those on a cycle, or after one, are left out."""
    waiting = dict.fromkeys(nodes, 0)
    onwards: dict[Hashable, list[Hashable]] = {}
    for source, target in wires:
        waiting[target] += 1
        onwards.setdefault(source, []).append(target)
    ready = [node for node in nodes if not waiting[node]]
    for node in ready:
        for target in onwards.get(node, ()):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return ready
