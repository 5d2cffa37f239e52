"""Phrases that the wording of differences is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.graph.comparison.difference import DifferenceKind
from autograder.graph.comparison.isomorphism import OUTPUT, Net
from autograder.graph.comparison.place import between, named
from autograder.graph.label import code, written
from autograder.graph.model import Shape
from autograder.messages import Message, message, verbatim

KINDS_SHOWN = 4


@dataclass(frozen=True)
class Said:
    """A finding's kind and words, as in `Difference`; the last four are nodes of the found net."""

    kind: DifferenceKind
    message: Message
    where: Message
    found: Message
    wanted: Message | None
    missing: Sequence[str] = ()
    before: Sequence[int] = ()
    after: Sequence[int] = ()
    wires: Sequence[tuple[int, int]] = ()
    absent_wires: Sequence[tuple[int, int]] = ()


def shapes_written(shapes: Sequence[Shape]) -> str:
    """Shapes as Keras prints them."""
    return ", ".join(written(tuple(shape)) for shape in shapes)


def ids(net: Net, nodes: Sequence[int]) -> tuple[int, ...]:
    """Calls' ids; an output stands for the call that it comes from, unless that is named already."""
    own = [net.graph.calls[node].id for node in nodes if node < net.calls]
    if own:
        return tuple(own)
    return tuple(dict.fromkeys(net.graph.calls[net.inputs[node][0][0]].id for node in nodes))


def around(net: Net, nodes: Sequence[int]) -> Message:
    """Between what leads to those nodes and what they lead to."""
    inside = set(nodes)
    before = [source for node in nodes for source, _ in net.inputs[node] if source not in inside]
    after = [reader for node in nodes for reader, _, _ in net.readers[node] if reader not in inside]
    return between(net, before, after)


def layer_of(net: Net, nodes: Sequence[int]) -> Message:
    """The layer of those calls: without the call's number where all calls of it are meant."""
    if len(nodes) == 1:
        return named(net, nodes[0])
    return verbatim(net.labels.layers[net.graph.calls[nodes[0]].operation])


def several(net: Net, nodes: Sequence[int]) -> Message:
    """The first of several, and how many more there are."""
    first = named(net, nodes[0])
    return (
        first if len(nodes) == 1 else message("{layer} and {count} more", layer=first, count=len(nodes) - 1)
    )


def listed(net: Net, nodes: Sequence[int]) -> Message:
    """Two by name; of more, the first."""
    if len(nodes) == 2:
        return message("{first} and {second}", first=named(net, nodes[0]), second=named(net, nodes[1]))
    return several(net, nodes)


def in_a_row(net: Net, nodes: Sequence[int]) -> Message:
    """Names in a row, the first few of many; of none, that there is nothing."""
    if not nodes:
        return message("nothing")
    listed = named(net, nodes[0])
    for node in nodes[1:KINDS_SHOWN]:
        listed = message("{first}, {second}", first=listed, second=named(net, node))
    return listed if len(nodes) <= KINDS_SHOWN else message("{first}, {second}", first=listed, second="…")


def shown_kinds(kinds: Sequence[str]) -> list[str]:
    """Kinds one after another, without outputs; of many the first few and the last."""
    shown = [kind for kind in kinds if kind != OUTPUT]
    return shown if len(shown) <= KINDS_SHOWN else [*shown[: KINDS_SHOWN - 1], "…", shown[-1]]


def chain(kinds: Sequence[str]) -> str:
    """Kinds one after another, as code."""
    return " → ".join(kind if kind == "…" else code(kind) for kind in shown_kinds(kinds))
