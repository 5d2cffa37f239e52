"""Where in a model a call stands, in words: in which branch, between which layers, at which output."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.graph.comparison.anchors import input_names, output_names
from autograder.graph.comparison.isomorphism import OUTPUT, Net
from autograder.graph.comparison.matching import family
from autograder.graph.label import code, is_automatic
from autograder.messages import Message, message


def named(net: Net, node: int) -> Message:
    """A node as it is named in a sentence: a call's label, `the input x`, `the output y`."""
    if net.kinds[node] == OUTPUT:
        return output_name(net, node - net.calls)
    if node in net.input_nodes:
        return input_name(net, net.input_nodes.index(node))
    return net.labels.of(net.graph.calls[node])


def input_name(net: Net, number: int) -> Message:
    """The `number`-th input: by its name where somebody chose one."""
    name = input_names(net)[number]
    if not is_automatic(name, "Input"):
        return message("the input {name}", name=code(name))
    if len(net.graph.inputs) == 1:
        return message("the input")
    return message("input {number}", number=number + 1)


def output_name(net: Net, number: int) -> Message:
    """The `number`-th output: by its name where somebody chose one."""
    name = output_names(net)[number]
    if name and name != f"output_{number}":
        return message("the output {name}", name=code(name))
    if len(net.graph.outputs) == 1:
        return message("the output")
    return message("output {number}", number=number + 1)


def place(net: Net, node: int) -> Message:
    """Where a node of this net stands."""
    if net.kinds[node] == OUTPUT:
        return message("at the end of the model")
    if node in net.input_nodes:
        return message("at the beginning of the model")
    branch = branch_of(net, node)
    if branch is not None:
        merge, number, count = branch
        return message(
            "in branch {number} of {count} into {merge}", number=number, count=count, merge=named(net, merge)
        )
    if is_merge(net, node) and net.readers[node]:
        return message(
            "where {count} branches meet, before {after}",
            count=len(net.inputs[node]),
            after=_first(net, (reader for reader, _, _ in net.readers[node])),
        )
    return between(net, [source for source, _ in net.inputs[node]], [r for r, _, _ in net.readers[node]])


def between(net: Net, before: Iterable[int], after: Iterable[int]) -> Message:
    """Between the first of some nodes and the first of others."""
    above, below = sorted(set(before)), sorted(set(after))
    if above and below:
        return message(
            "between {before} and {after}", before=named(net, above[0]), after=named(net, below[0])
        )
    if above:
        return message("after {before}", before=named(net, above[0]))
    if below:
        return message("before {after}", after=named(net, below[0]))
    return message("in the model")


def branch_of(net: Net, node: int) -> tuple[int, int, int] | None:
    """The merge that a node's branch runs into, which branch it is, and of how many."""
    while len(net.readers[node]) == 1:
        reader = net.readers[node][0][0]
        if is_merge(net, reader):
            slot = [source for source, _ in net.inputs[reader]].index(node)
            return reader, slot + 1, len(net.inputs[reader])
        if len(net.inputs[reader]) != 1:
            return None
        node = reader
    return None


def is_merge(net: Net, node: int) -> bool:
    """Whether branches meet in that node."""
    return len(net.inputs[node]) > 1 and family(net.kinds[node]) == "merge"


def _first(net: Net, nodes: Iterable[int]) -> Message:
    return named(net, min(nodes))
