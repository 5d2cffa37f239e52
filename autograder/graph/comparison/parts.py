"""Parts of a net: what hangs together, what leads in and out of it, what lies above, what does the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.graph.comparison.isomorphism import Net


def components(net: Net, nodes: Iterable[int]) -> list[tuple[int, ...]]:
    """The nodes in groups that hang together by wires among themselves, each in topological order."""
    left = set(nodes)
    groups: list[tuple[int, ...]] = []
    while left:
        waiting, group = [min(left)], set[int]()
        while waiting:
            node = waiting.pop()
            if node in left:
                left.remove(node)
                group.add(node)
                waiting += [source for source, _ in net.inputs[node]]
                waiting += [reader for reader, _, _ in net.readers[node]]
        groups.append(tuple(sorted(group)))
    return groups


def tensors_cut(net: Net, nodes: Sequence[int]) -> int:
    """How many tensors lead in and out of a part: the fewer, the more it is one thing."""
    inside = set(nodes)
    into = {wire for node in nodes for wire in net.inputs[node] if wire[0] not in inside}
    out = {(node, index) for node in nodes for reader, _, index in net.readers[node] if reader not in inside}
    return len(into) + len(out)


def upstream_of(net: Net, node: int, through: set[int]) -> set[int]:
    """The nearest nodes above `node` that are not among `through`, however many of those lie between."""
    above, waiting, seen = set[int](), [node], set[int]()
    while waiting:
        for source, _ in net.inputs[waiting.pop()]:
            if source not in through:
                above.add(source)
            elif source not in seen:
                seen.add(source)
                waiting.append(source)
    return above


def twin_of(net: Net, node: int, among: dict[int, int]) -> int | None:
    """A node among those given that does the same to the same tensors."""
    for source, _ in net.inputs[node][:1]:
        for other, _, _ in net.readers[source]:
            same = net.signatures[other] == net.signatures[node] and net.inputs[other] == net.inputs[node]
            if other != node and other in among and same:
                return other
    return None
