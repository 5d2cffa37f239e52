"""A matching that grows from what agrees: nodes with the same past or the same future, then the rest.

A node's past is everything that leads to it, its future everything that it leads to. A single change leaves
the past of all nodes that do not come after it unchanged, and the future of all that do not come before it.
So few nodes are left over in the end, however large the graphs are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.graph.comparison.anchors import Anchors
from autograder.graph.comparison.isomorphism import Net, backwards, forwards
from autograder.graph.comparison.matching import (
    EDGE,
    FORBIDDEN,
    ROUNDS,
    Matching,
    Matrix,
    apart,
    assigned,
)

Keys = Sequence[Hashable]
LEFT_AT_MOST = 400
"""The largest number of left-over nodes to assign; graphs with less in common get no matching here."""


class Agreement:
    """What two nets have in common, by their forward and backward colours."""

    def __init__(self, found: Net, wanted: Net, anchors: Anchors) -> None:
        self.found, self.wanted, self.anchors = found, wanted, anchors
        ours = list(zip(found.signatures, anchors.found, strict=True))
        theirs = list(zip(wanted.signatures, anchors.wanted, strict=True))
        self.colours: list[tuple[Keys, Keys]] = []
        for sweep in (forwards, backwards):
            table: dict[Hashable, int] = {}
            self.colours.append((sweep(found, ours, table), sweep(wanted, theirs, table)))
        both = [list(zip(*(side[number] for side in self.colours), strict=True)) for number in (0, 1)]
        self.both: tuple[Keys, Keys] = (both[0], both[1])

    def matchings(self) -> Iterator[Matching]:
        """Yield a matching by the past first, one by the future first, and if they differ, both joined."""
        past, future = self.colours
        growth = _Growth(self, (past, future))
        both = [growth.matching()]
        # Where past and future agreed on every node, there is no other order to try.
        both.append(both[0] if growth.agreed else _Growth(self, (future, past)).matching())
        yield from (matching for matching in both if matching is not None)
        if both[0] is not None and both[1] is not None and both[0] != both[1]:
            yield _joined(self.found, both[0], both[1])


def _joined(net: Net, past: Matching, future: Matching) -> Matching:
    """Join two matchings: `past` down to where the fewest tensors lead on, and `future` from there.

    In a row of blocks that are all alike, one whole block is then missing rather than the halves of two.
    """
    last = {(source, index): reader for reader, wires in enumerate(net.inputs) for source, index in wires}
    widths = [0] * (net.size + 1)
    for (source, _), reader in last.items():
        widths[source + 1] += 1
        widths[reader + 1] -= 1
    for place in range(1, net.size + 1):
        widths[place] += widths[place - 1]
    apart = [node for node in range(net.size) if past[node] != future[node]]
    cut = min(range(apart[0], apart[-1] + 2), key=lambda place: widths[place])
    joined = list(past[:cut])
    taken = set(joined)
    joined += [None if image in taken else image for image in future[cut:]]
    return joined


class _Growth:
    def __init__(self, agreement: Agreement, order: Sequence[tuple[Keys, Keys]]) -> None:
        self.found, self.wanted = agreement.found, agreement.wanted
        self.anchors = agreement.anchors
        self.keys = [agreement.both, *order]
        self.images: Matching = [None] * self.found.size
        self.taken: dict[int, int] = {}
        self.waiting: list[tuple[int, int]] = []
        self.agreed = False
        """Whether every node was matched by past and future together."""

    def matching(self) -> Matching | None:
        """Return the whole matching; None where too much is left over."""
        for image, key in enumerate(self.anchors.wanted):
            if isinstance(key, tuple) and key in self.anchors.found:
                self._unite(self.anchors.found.index(key), image)
        every = self.keys
        for count in range(1, len(every) + 1):
            self.keys = every[:count]
            self.waiting = [(node, image) for image, node in self.taken.items()]
            self._spread()
            while self._by_unique():
                self._spread()
            if count == 1 and None not in self.images:
                self.agreed = True
                return self._assign_rest()
        for keys in every:
            self._by_any(keys)
        return self._assign_rest()

    def _unite(self, node: int, image: int) -> None:
        self.images[node] = image
        self.taken[image] = node
        self.waiting.append((node, image))

    def _open(self, keys: tuple[Keys, Keys]) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the unmatched nodes of both nets that have the same key, for each key."""
        theirs: dict[Hashable, list[int]] = {}
        for image, key in enumerate(keys[1]):
            if image not in self.taken:
                theirs.setdefault(key, []).append(image)
        ours: dict[Hashable, list[int]] = {}
        for node, key in enumerate(keys[0]):
            if self.images[node] is None and key in theirs:
                ours.setdefault(key, []).append(node)
        for key, nodes in ours.items():
            yield nodes, theirs[key]

    def _by_unique(self) -> bool:
        """Match nodes that alone are left of a colour in both nets; return whether there were any."""
        for keys in self.keys:
            for nodes, images in self._open(keys):
                if len(nodes) == len(images) == 1:
                    self._unite(nodes[0], images[0])
        return bool(self.waiting)

    def _by_any(self, keys: tuple[Keys, Keys]) -> None:
        """Match nodes that are alike so as to keep most edges; each choice settles its neighbours."""
        for nodes, images in self._open(keys):
            for node in nodes:
                left = [image for image in images if image not in self.taken]
                if left and self.images[node] is None:
                    self._unite(node, max(left, key=lambda image: self._kept(node, image)))
                    self._spread()

    def _kept(self, node: int, image: int) -> int:
        sources = {source for source, _ in self.wanted.inputs[image]}
        readers = {reader for reader, _, _ in self.wanted.readers[image]}
        return sum(self.images[source] in sources for source, _ in self.found.inputs[node]) + sum(
            self.images[reader] in readers for reader, _, _ in self.found.readers[node]
        )

    def _spread(self) -> None:
        """Match the neighbours of matched nodes, where only one of a colour is left at the same place."""
        while self.waiting:
            node, image = self.waiting.pop()
            self._among(
                [(source, (index, slot)) for slot, source, index in _sources(self.found, node)],
                [(source, (index, slot)) for slot, source, index in _sources(self.wanted, image)],
            )
            self._among(
                [(reader, (index, slot)) for reader, slot, index in self.found.readers[node]],
                [(reader, (index, slot)) for reader, slot, index in self.wanted.readers[image]],
            )

    def _among(self, ours: list[tuple[int, Hashable]], theirs: list[tuple[int, Hashable]]) -> None:
        for keys in self.keys:
            mine, others = (_grouped(side, key) for side, key in zip((ours, theirs), keys, strict=True))
            for key, nodes in mine.items():
                # One call may stand at several places.
                ours_left = [node for node in nodes if self.images[node] is None]
                theirs_left = [image for image in others.get(key, ()) if image not in self.taken]
                if len(ours_left) == len(theirs_left) == 1:
                    self._unite(ours_left[0], theirs_left[0])

    def _assign_rest(self) -> Matching | None:
        """Match the rest at least cost, repeatedly, given what the neighbours are matched with."""
        nodes = [node for node, image in enumerate(self.images) if image is None]
        images = [image for image in range(self.wanted.size) if image not in self.taken]
        if max(len(nodes), len(images)) > LEFT_AT_MOST:
            return None
        if not nodes or not images:
            return self.images
        alone, sides = self._alone(nodes, images), self._sides(nodes, images)
        kept = list(self.images)
        before: list[int | None] = []
        for _ in range(ROUNDS):
            chosen = assigned(alone + sum(side.lost(self.images) for side in sides))
            for node, place in zip(nodes, chosen, strict=True):
                self.images[node] = None if place is None else images[place]
            if chosen == before:
                break
            before = chosen
        assert all(image is None or self.images[node] == image for node, image in enumerate(kept))
        return self.images

    def _alone(self, nodes: list[int], images: list[int]) -> Matrix:
        """Return what each pair costs by itself; nodes with different anchors are forbidden pairs."""
        kinds = [
            (self.found.kinds[node], self.found.signatures[node], self.anchors.found[node]) for node in nodes
        ]
        others = [
            (self.wanted.kinds[image], self.wanted.signatures[image], self.anchors.wanted[image])
            for image in images
        ]
        ours, theirs = list(dict.fromkeys(kinds)), list(dict.fromkeys(others))
        costs = np.array(
            [
                [
                    apart(self.found, nodes[kinds.index(one)], self.wanted, images[others.index(other)])
                    if one[2] == other[2]
                    else FORBIDDEN
                    for other in theirs
                ]
                for one in ours
            ],
            np.float32,
        )
        rows, columns = [ours.index(one) for one in kinds], [theirs.index(other) for other in others]
        alone: Matrix = costs[np.ix_(rows, columns)]
        return alone

    def _sides(self, nodes: list[int], images: list[int]) -> list[_Side]:
        """Return the wires that pairs of those nodes can keep: those above them and those below."""
        return [
            _Side.of(
                [[source for source, _ in self.found.inputs[node]] for node in nodes],
                [[source for source, _ in self.wanted.inputs[image]] for image in images],
            ),
            _Side.of(
                [[reader for reader, _, _ in self.found.readers[node]] for node in nodes],
                [[reader for reader, _, _ in self.wanted.readers[image]] for image in images],
            ),
        ]


@dataclass(frozen=True)
class _Side:
    """The wires on one side (above or below) of some pairs.

    `ends` are the other ends of each node's wires; `columns` tells which images have a wire to a given node;
    `several` is how many wires each pair has there, averaged over its two nodes.
    """

    ends: list[list[int]]
    columns: dict[int, list[int]]
    several: Matrix

    @classmethod
    def of(cls, ours: list[list[int]], theirs: list[list[int]]) -> _Side:
        columns: dict[int, list[int]] = {}
        for column, ends in enumerate(theirs):
            for end in set(ends):
                columns.setdefault(end, []).append(column)
        counts = [np.array([len(ends) for ends in side], np.float32) for side in (ours, theirs)]
        return cls(ours, columns, (counts[0][:, None] + counts[1][None, :]) * np.float32(0.5))

    def lost(self, images: Matching) -> Matrix:
        """Return how many wires each pair would not keep, capped."""
        rows: list[int] = []
        columns: list[int] = []
        for row, ends in enumerate(self.ends):
            for end in ends:
                image = images[end]
                # Wires are few: counting along them is faster than multiplying matrices.
                if image in self.columns:
                    found = self.columns[image]
                    rows += [row] * len(found)
                    columns += found
        lost = self.several.copy()
        np.subtract.at(lost, (rows, columns), np.float32(1))
        return np.clip(lost, 0.0, 2 * EDGE, out=lost)


def _sources(net: Net, node: int) -> Iterator[tuple[int, int, int]]:
    for slot, (source, index) in enumerate(net.inputs[node]):
        yield -1 if net.free[node] else slot, source, index


def _grouped(ends: list[tuple[int, Hashable]], keys: Keys) -> dict[Hashable, set[int]]:
    """Return the ends of wires by colour and place."""
    groups: dict[Hashable, set[int]] = {}
    for node, place in ends:
        groups.setdefault((keys[node], place), set()).add(node)
    return groups
