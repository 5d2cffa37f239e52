"""Which inputs and outputs of two models correspond: by name where names are kept, otherwise in order."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from autograder.graph.comparison.isomorphism import Net
from autograder.graph.label import is_automatic

_AUTOMATIC_TENSOR = re.compile(r"(input(_layer)?|keras_tensor|output)(_\d+)?$")


@dataclass(frozen=True)
class Anchors:
    """One key per node and side. Nodes with equal keys correspond, definitely so where the keys are tuples.

    `ordered` are the sides ("input", "output") whose nodes correspond only by their order.
    """

    found: list[Hashable]
    wanted: list[Hashable]
    ordered: frozenset[str]


def anchors(found: Net, wanted: Net, names: bool) -> Anchors:
    """Return anchors for the inputs and outputs of both nets."""
    left: list[Hashable] = [None] * found.size
    right: list[Hashable] = [None] * wanted.size
    outputs = range(found.calls, found.size)
    wanted_outputs = range(wanted.calls, wanted.size)
    ends = (
        ("input", input_names(found), input_names(wanted), found.input_nodes, wanted.input_nodes),
        ("output", output_names(found), output_names(wanted), outputs, wanted_outputs),
    )
    ordered = []
    for side, ours, theirs, our_nodes, their_nodes in ends:
        together, by_order = _pairs(ours, theirs, names)
        if by_order and len(together) > 1:
            ordered.append(side)
        for number, (one, other) in enumerate(together):
            left[our_nodes[one]] = right[their_nodes[other]] = (side, number)
    return Anchors(left, right, frozenset(ordered))


def loosened(found: Net, wanted: Net, fixed: Anchors) -> Anchors:
    """Return anchors in which nodes that correspond only by their order may be matched in any order."""
    sides: list[list[Hashable]] = []
    for net, keys in ((found, fixed.found), (wanted, fixed.wanted)):
        loose = list(keys)
        for side, nodes in (("input", net.input_nodes), ("output", range(net.calls, net.size))):
            for node in nodes if side in fixed.ordered else ():
                loose[node] = side
        sides.append(loose)
    return Anchors(sides[0], sides[1], fixed.ordered)


def _pairs(found: Sequence[str], wanted: Sequence[str], names: bool) -> tuple[list[tuple[int, int]], bool]:
    """Return the pairs of positions that correspond, and whether they do so by their order.

    They correspond by name where `names` asks for it, or where both sides have the same chosen names with at
    most one exception; in order where both sides have the same number; otherwise only where they have the
    same chosen name.
    """
    by_name = {name: number for number, name in enumerate(wanted) if name}
    unique = len(set(found)) == len(found) and len(by_name) == len(wanted)
    together = [
        (number, by_name[name])
        for number, name in enumerate(found)
        if unique and name in by_name and (names or not _AUTOMATIC_TENSOR.match(name))
    ]
    if len(together) == len(found) == len(wanted):
        return together, False
    rest_found = [number for number in range(len(found)) if number not in {one for one, _ in together}]
    rest_wanted = [number for number in range(len(wanted)) if number not in {other for _, other in together}]
    # Where all names but one agree, and more than one does, the last two belong to each other.
    nearly = len(rest_found) == len(rest_wanted) == 1 and len(together) > 1
    if not names and len(found) == len(wanted) and not nearly:
        return [(number, number) for number in range(len(found))], True
    if len(rest_found) == len(rest_wanted):
        together += zip(rest_found, rest_wanted, strict=True)
    return sorted(together), False


def input_names(net: Net) -> list[str]:
    """Return the inputs' names, one for each input; empty where there is none."""
    return padded(net.graph.input_names, len(net.graph.inputs))


def output_names(net: Net) -> list[str]:
    """Return the outputs' names, one for each output; those that Keras made up become `output_N`."""
    names = padded(net.graph.output_names, len(net.graph.outputs))
    for number, tensor in enumerate(net.graph.outputs):
        if is_automatic(names[number], net.graph.operation_of(tensor.call).kind):
            names[number] = f"output_{number}"
    return names


def padded(names: Sequence[str], count: int) -> list[str]:
    """Return as many names as there are inputs or outputs; empty where none was given."""
    return [*names[:count], *[""] * (count - len(names))]
