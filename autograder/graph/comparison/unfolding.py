"""Unfolds what the canonical form wrote as one call, where the other graph has separate calls for it.

Without the normalisation between them, a convolution applies the activation that was a call of its own; a
sum that nothing else reads any more becomes part of the sum after it. Neither is a difference by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autograder.graph.comparison.isomorphism import Net
from autograder.graph.comparison.matching import Matching, family
from autograder.graph.model import Call, Graph, Operation, Setting, Tensor
from autograder.graph.spelling import CHAINED

CHAINS = CHAINED | {"Concatenate"}


@dataclass(frozen=True)
class Unfolded:
    """A graph with some calls unfolded; `origin` tells which call each new call was part of."""

    graph: Graph
    origin: Mapping[int, int] = field(default_factory=dict)


def unfolded(found: Unfolded, wanted: Unfolded, nets: tuple[Net, Net], matching: Matching) -> list[Unfolded]:
    """Return both graphs, unfolded where badly matched calls are separate in the other one."""
    back: Matching = [None] * nets[1].size
    for node, image in enumerate(matching):
        if image is not None:
            back[image] = node
    return [
        _written_out(one, net, other, images)
        for one, net, other, images in (
            (found, nets[0], nets[1], matching),
            (wanted, nets[1], nets[0], back),
        )
    ]


def _written_out(side: Unfolded, net: Net, other: Net, images: Matching) -> Unfolded:
    """Return one side, unfolded by the other's separate calls; `images` are its nodes' counterparts."""
    made = _Work(side)
    paired = {image: node for node, image in enumerate(images) if image is not None}
    apart = [
        node
        for node in range(other.calls)
        if node not in paired or not _alike(net, paired[node], other, node, images)
    ]
    functions = Counter(
        other.graph.operations[other.graph.calls[node].operation].settings.get("function")
        for node in apart
        if other.kinds[node] == "Activation"
    )
    for node in range(net.calls):
        call, image = net.graph.calls[node], images[node]
        if call.activation is None or not functions[call.activation]:
            continue
        if image is None or not _applies(other, image, call.activation):
            made.unfold_activation(call)
    for node in apart:
        if family(other.kinds[node]) == "merge":
            _split(made, net, other, node, paired)
    return made.finished()


def _applies(net: Net, node: int, activation: str) -> bool:
    return node < net.calls and net.graph.calls[node].activation == activation


def _alike(net: Net, node: int, other: Net, image: int, images: Matching) -> bool:
    """Return whether two matched nodes are the same and read the same."""
    ours = sorted((images[source] is None, images[source] or 0, index) for source, index in net.inputs[node])
    theirs = sorted((False, source, index) for source, index in other.inputs[image])
    return net.signatures[node] == other.signatures[image] and ours == theirs


def _split(made: _Work, net: Net, other: Net, part: int, paired: Mapping[int, int]) -> None:
    """Split a merge of which the other graph has a part as a separate call, of the same kind or another."""
    operands = Counter((paired.get(source, -1), index) for source, index in other.inputs[part])
    constant = _settings(other, part).get("constant")
    readers = {paired.get(reader) for reader, _, _ in other.readers[part]}
    for node in range(net.calls):
        if net.kinds[node] not in CHAINS or made.is_split(net.graph.calls[node].id):
            continue
        same = net.kinds[node] == other.kinds[part]
        if not same and node not in readers:
            continue
        own = Counter(net.inputs[node])
        own_constant = _settings(net, node).get("constant")
        if not operands < own or (same and constant is not None and constant != own_constant):
            continue
        inside: list[Tensor] = []
        for source, index in net.inputs[node]:
            if operands[source, index]:
                operands[source, index] -= 1
                inside.append(Tensor(net.graph.calls[source].id, index))
        made.split(net.graph.calls[node], inside, constant if same else None)
        return


def _settings(net: Net, node: int) -> Mapping[str, Setting]:
    return net.graph.operations[net.graph.calls[node].operation].settings


class _Work:
    """A graph that is being unfolded."""

    def __init__(self, side: Unfolded) -> None:
        self._side = side
        self._operations = dict(side.graph.operations)
        self._origin = dict(side.origin)
        self._calls = {call.id: call for call in side.graph.calls}
        self._before: dict[int, Call] = {}
        self._behind: dict[int, Call] = {}
        self._next = max(self._calls, default=0) + 1

    def is_split(self, call: int) -> bool:
        """Return whether a part of that call has already been split off."""
        return call in self._before

    def unfold_activation(self, call: Call) -> None:
        """Write an activation that a call applies as a call of its own after it."""
        operation = self._operation("Activation", "activation", {"function": call.activation})
        self._calls[call.id] = replace(self._calls[call.id], activation=None)
        self._behind[call.id] = self._part(call, operation, (Tensor(call.id),))

    def split(self, call: Call, inside: list[Tensor], constant: Setting) -> None:
        """Write some operands of a merge, with or without its constant, as a merge of their own before it."""
        whole = self._operations[call.operation]
        bare = {name: value for name, value in whole.settings.items() if name != "constant"}
        inner = bare if constant is None else {**bare, "constant": constant}
        part = self._part(call, self._operation(whole.kind, "", inner), tuple(inside))
        rest = list(call.inputs)
        for tensor in inside:
            rest.remove(tensor)
        outer = self._operation(whole.kind, whole.name, bare if constant is not None else whole.settings)
        self._before[call.id] = part
        self._calls[call.id] = replace(self._calls[call.id], operation=outer, inputs=(Tensor(part.id), *rest))

    def _operation(self, kind: str, name: str, settings: Mapping[str, Setting]) -> int:
        number = max(self._operations) + 1
        self._operations[number] = Operation(number, kind, name, settings)
        return number

    def _part(self, call: Call, operation: int, inputs: tuple[Tensor, ...]) -> Call:
        part = Call(self._next, operation, inputs, call.shapes, None, call.path)
        self._next += 1
        self._origin[part.id] = self._origin.get(call.id, call.id)
        return part

    def finished(self) -> Unfolded:
        """Return the graph with the new calls in their places."""
        if not self._before and not self._behind:
            return self._side

        def read(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return tuple(
                Tensor(self._behind[tensor.call].id) if tensor.call in self._behind else tensor
                for tensor in tensors
            )

        calls: list[Call] = []
        for known in self._side.graph.calls:
            before = self._before.get(known.id)
            if before is not None:
                calls.append(replace(before, inputs=read(before.inputs)))
            call = self._calls[known.id]
            calls.append(replace(call, inputs=read(call.inputs)))
            if known.id in self._behind:
                calls.append(self._behind[known.id])
        graph = replace(
            self._side.graph,
            operations=self._operations,
            calls=tuple(calls),
            outputs=read(self._side.graph.outputs),
        )
        return Unfolded(graph, self._origin)
