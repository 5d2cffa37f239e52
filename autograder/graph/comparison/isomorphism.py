"""Weisfeiler-Lehman colours of the calls of two graphs, and the isomorphism that they lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cached_property

from autograder.graph.allowed import holds_weights
from autograder.graph.label import Labels
from autograder.graph.model import Call, Graph

ALWAYS_FREE = frozenset({"Add", "Multiply", "Average", "Maximum", "Minimum"})
"""Operators whose operands have no order."""

OUTPUT = "(output)"
"""The kind of the nodes that stand for the model's outputs."""

Colours = list[int]
Anchors = Sequence[Hashable]


class Net:
    """A graph as tables: the first nodes are its calls in topological order, then comes one node per output.

    `inputs[i]` are the (node, tensor index) pairs that node `i` reads; `readers[i]` are the (node, slot,
    tensor index) triples that read it. The slot is -1 where the reader's operands have no order.
    """

    def __init__(self, graph: Graph, free_order: Sequence[str]) -> None:
        free_kinds = ALWAYS_FREE.union(free_order)
        self.graph = graph
        self.calls = len(graph.calls)
        self.size = self.calls + len(graph.outputs)
        self.position = {call.id: node for node, call in enumerate(graph.calls)}
        operations = [graph.operations[call.operation] for call in graph.calls]
        self.kinds = [operation.kind for operation in operations] + [OUTPUT] * len(graph.outputs)
        self.input_nodes = [self.position[tensor.call] for tensor in graph.inputs]
        entrances = set(self.input_nodes)
        self.signatures: list[Hashable] = [
            (operation.signature, call.activation, entrance_shape(call) if node in entrances else None)
            for node, (call, operation) in enumerate(zip(graph.calls, operations, strict=True))
        ]
        self.signatures += [OUTPUT] * len(graph.outputs)
        # Sharing a layer without weights (one pooling layer called twice) does not change what is learnt.
        self.operation: list[Hashable] = [
            call.operation if holds_weights(operation.kind) else ("alone", node)
            for node, (call, operation) in enumerate(zip(graph.calls, operations, strict=True))
        ]
        self.operation += [(OUTPUT, number) for number in range(len(graph.outputs))]
        self.inputs = [
            tuple((self.position[tensor.call], tensor.index) for tensor in call.inputs)
            for call in graph.calls
        ]
        self.inputs += [((self.position[tensor.call], tensor.index),) for tensor in graph.outputs]
        self.free = [kind in free_kinds for kind in self.kinds]
        self.readers: list[list[tuple[int, int, int]]] = [[] for _ in range(self.size)]
        for node, sources in enumerate(self.inputs):
            for slot, (source, index) in enumerate(sources):
                self.readers[source].append((node, -1 if self.free[node] else slot, index))

    @cached_property
    def labels(self) -> Labels:
        """The labels of the graph's calls."""
        return Labels(self.graph)

    def nodes_of(self) -> dict[Hashable, list[int]]:
        """Return the nodes of each operation."""
        together: dict[Hashable, list[int]] = {}
        for node, operation in enumerate(self.operation):
            together.setdefault(operation, []).append(node)
        return together


def entrance_shape(call: Call) -> Hashable:
    """Return an input's shape without its batch axis; `None` where it is not known."""
    return call.shapes[0][1:] if call.shapes else None


def forwards(net: Net, own: Sequence[Hashable], table: dict[Hashable, int]) -> Colours:
    """Colour each node by itself and by everything that leads to it."""
    colours: Colours = []
    for node, sources in enumerate(net.inputs):
        operands = [(colours[source], index) for source, index in sources]
        if net.free[node]:
            operands.sort()
        colours.append(table.setdefault((own[node], tuple(operands)), len(table)))
    return colours


def backwards(net: Net, own: Sequence[Hashable], table: dict[Hashable, int]) -> Colours:
    """Colour each node by itself and by everything that it leads to."""
    colours = [0] * net.size
    for node in range(net.size - 1, -1, -1):
        readers = sorted((colours[reader], slot, index) for reader, slot, index in net.readers[node])
        colours[node] = table.setdefault((own[node], tuple(readers)), len(table))
    return colours


def _shared(net: Net, own: Colours, table: dict[Hashable, int]) -> Colours:
    """Colour each node by itself and by the calls that it shares its operation with."""
    colours = list(own)
    for nodes in net.nodes_of().values():
        if len(nodes) > 1:
            together = tuple(sorted(own[node] for node in nodes))
            for node in nodes:
                colours[node] = table.setdefault((own[node], together), -len(table) - 1)
    return colours


def refine(found: Net, wanted: Net, left: Colours, right: Colours) -> tuple[Colours, Colours] | None:
    """Refine the colours until neighbours and sharing cannot split them further.

    Returns the coarsest such colours, or `None` as soon as the two graphs' colours are no longer the same.
    """
    classes = 0
    while True:
        for sweep in (forwards, backwards, _shared):
            table: dict[Hashable, int] = {}
            left, right = sweep(found, left, table), sweep(wanted, right, table)
        if Counter(left) != Counter(right):
            return None
        if len(set(left)) == classes:
            return left, right
        classes = len(set(left))


def first_colours(found: Net, wanted: Net, left: Anchors, right: Anchors) -> tuple[Colours, Colours]:
    """Colour each node by what it is and by its anchor."""
    table: dict[Hashable, int] = {}
    return (
        [table.setdefault((s, a), len(table)) for s, a in zip(found.signatures, left, strict=True)],
        [table.setdefault((s, a), len(table)) for s, a in zip(wanted.signatures, right, strict=True)],
    )


def isomorphism(found: Net, wanted: Net, left: Anchors, right: Anchors) -> list[int] | None:
    """Return the counterpart in `wanted` of every node of `found`, or `None` if the graphs are not the same.

    Anchored nodes correspond to equally anchored ones, and calls that share an operation to calls that do.
    """
    if found.size != wanted.size or found.calls != wanted.calls:
        return None
    if not all(found.graph.operations[call.operation].inspectable for call in found.graph.calls):
        return None
    refined = refine(found, wanted, *first_colours(found, wanted, left, right))
    return None if refined is None else _search(found, wanted, *refined)


def _search(found: Net, wanted: Net, left: Colours, right: Colours) -> list[int] | None:
    """Individualise and refine until every colour belongs to one node, backtracking where that fails."""
    cells: dict[int, list[int]] = {}
    for node, colour in enumerate(left):
        cells.setdefault(colour, []).append(node)
    open_cells = [(len(nodes), nodes[0], colour) for colour, nodes in cells.items() if len(nodes) > 1]
    if not open_cells:
        counterpart = {colour: node for node, colour in enumerate(right)}
        mapping = [counterpart[colour] for colour in left]
        return mapping if is_isomorphism(found, wanted, mapping) else None
    _, chosen, colour = min(open_cells)
    fresh = len(left) + max(left) + 1
    marked = [fresh if node == chosen else own for node, own in enumerate(left)]
    for candidate in (node for node, own in enumerate(right) if own == colour):
        refined = refine(
            found, wanted, marked, [fresh if node == candidate else own for node, own in enumerate(right)]
        )
        if refined is not None:
            mapping_found = _search(found, wanted, *refined)
            if mapping_found is not None:
                return mapping_found
    return None


def is_isomorphism(found: Net, wanted: Net, mapping: Sequence[int]) -> bool:
    """Return whether `mapping` keeps signatures, edges, operand order where it counts, and sharing."""
    operations: dict[Hashable, Hashable] = {}
    for node, image in enumerate(mapping):
        edges = [(mapping[source], index) for source, index in found.inputs[node]]
        images = list(wanted.inputs[image])
        if found.free[node]:
            edges.sort()
            images.sort()
        if found.signatures[node] != wanted.signatures[image] or edges != images:
            return False
        if operations.setdefault(found.operation[node], wanted.operation[image]) != wanted.operation[image]:
            return False
    return len(set(operations.values())) == len(operations) and len(set(mapping)) == len(mapping)
