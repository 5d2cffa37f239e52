"""Matches the nodes of a found graph with those of the wanted one, where the two are not the same."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from autograder.graph.comparison.anchors import Anchors
from autograder.graph.comparison.isomorphism import OUTPUT, Colours, Net, backwards, forwards

Matrix = NDArray[np.float32]
Matching = list[int | None]

KIND, FAMILY, SETTING, ACTIVATION = 2.5, 2.0, 0.8, 0.7
EDGE = 1.0
"""What a lost edge costs; the other costs are weighed against it."""
SETTINGS_AT_MOST = 2.4
UNMATCHED = 4.6
"""What a missing and an extra node cost together: pairs that cost more are not matched."""
FORBIDDEN = 1e4
ROUNDS = 4

_FAMILIES = {
    **dict.fromkeys(
        ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Subtract", "Dot"), "merge"
    ),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"), "recurrent"),
}


def family(kind: str) -> str:
    """Return a coarser word for a kind: `Conv2D` and `SeparableConv2D` are both convolutions."""
    for part in ("Pooling", "Conv", "Dropout", "Normalization"):
        if part in kind:
            return part
    return _FAMILIES.get(kind, kind)


class Matcher:
    """The costs of matching each node of one net with each node of the other."""

    def __init__(self, found: Net, wanted: Net, anchors: Anchors) -> None:
        self.found, self.wanted = found, wanted
        self.alone = self._each_alone()
        self._anchor(anchors)
        self.degrees = (
            _mean(_counts(found.inputs), _counts(wanted.inputs)),
            _mean(_counts(found.readers), _counts(wanted.readers)),
        )
        self.structure = self._structure(anchors)

    def match(self) -> Matching:
        """Return the cheapest matching: first by structure, then by neighbours already matched."""
        upstream, downstream, place = self.structure
        matching = assigned(self.alone + upstream + downstream + place)
        rest = self.alone + 0.1 * (upstream + downstream) + place
        for _ in range(ROUNDS):
            again = assigned(rest + self._neighbours(matching))
            if again == matching:
                break
            matching = again
        return matching

    def _each_alone(self) -> Matrix:
        """Return the costs by kind, settings and activation."""
        left, ours = _numbered(self.found)
        right, theirs = _numbered(self.wanted)
        table = np.array(
            [[apart(self.found, one, self.wanted, other) for other in theirs] for one in ours],
            dtype=np.float32,
        )
        return table[np.ix_(left, right)]

    def _anchor(self, anchors: Anchors) -> None:
        keys: dict[Hashable, int] = {}
        left, right = (
            np.array([0 if key is None else keys.setdefault(key, len(keys) + 1) for key in side])
            for side in (anchors.found, anchors.wanted)
        )
        same = left[:, None] == right[None, :]
        self.alone = np.where(same, self.alone, np.float32(FORBIDDEN))
        for_good = np.array([isinstance(key, tuple) for key in anchors.found])
        self.alone = np.where(same & for_good[:, None], np.float32(-FORBIDDEN), self.alone)

    def _structure(self, anchors: Anchors) -> tuple[Matrix, Matrix, Matrix]:
        """Return the disagreement upstream, downstream, and in place, which weighs less than all else."""
        upstream = np.zeros_like(self.alone)
        downstream = np.zeros_like(self.alone)
        for own, weight in ((_by_signature, 1.0), (_by_kind, 0.6), (_by_topology, 0.4)):
            left = [(key, anchor) for key, anchor in zip(own(self.found), anchors.found, strict=True)]
            right = [(key, anchor) for key, anchor in zip(own(self.wanted), anchors.wanted, strict=True)]
            for sweep, total in ((forwards, upstream), (backwards, downstream)):
                table: dict[Hashable, int] = {}
                total += weight * _differ(sweep(self.found, left, table), sweep(self.wanted, right, table))
        for hop, total in ((_sources, upstream), (_readers, downstream)):
            table = {}
            total += 0.3 * _differ(hop(self.found, table), hop(self.wanted, table))
        sharing = _differ(_times_called(self.found), _times_called(self.wanted))
        shapes: dict[Hashable, int] = {}
        shape = _differ(_shape_colours(self.found, shapes), _shape_colours(self.wanted, shapes))
        depth = np.abs(_depths(self.found)[:, None] - _depths(self.wanted)[None, :])
        place = 0.2 * sharing + 0.1 * shape + 0.05 * np.minimum(depth, 4.0) / 4
        return upstream, downstream, place.astype(np.float32)

    def _neighbours(self, matching: Matching) -> Matrix:
        """Return how many edges each pair would not keep, given what its neighbours are matched with."""
        kept_above = np.zeros(self.alone.shape, dtype=np.float32)
        kept_below = np.zeros(self.alone.shape, dtype=np.float32)
        for node, image in enumerate(matching):
            if image is not None:
                for reader, _, _ in self.found.readers[node]:
                    for wanted_reader, _, _ in self.wanted.readers[image]:
                        kept_above[reader, wanted_reader] += 1
                for source, _ in self.found.inputs[node]:
                    for wanted_source, _ in self.wanted.inputs[image]:
                        kept_below[source, wanted_source] += 1
        above, below = self.degrees
        most = np.float32(2 * EDGE)
        lost: Matrix = np.minimum(above - kept_above, most) + np.minimum(below - kept_below, most)
        return lost


def assigned(cost: Matrix) -> Matching:
    """Return the column of each row in the cheapest assignment; None where leaving both alone is cheaper."""
    # Imported only here, because the import takes longer than all comparisons of right answers.
    from scipy.optimize import linear_sum_assignment

    # With the cap, an expensive pair costs as much as leaving both of its nodes unmatched.
    rows, columns = linear_sum_assignment(np.minimum(cost, UNMATCHED))
    matching: Matching = [None] * len(cost)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if cost[row, column] < UNMATCHED:
            matching[row] = column
    return matching


def _numbered(net: Net) -> tuple[list[int], list[int]]:
    """Return the number of each node's signature, and an example node for each signature."""
    table: dict[Hashable, int] = {}
    examples: list[int] = []
    numbers: list[int] = []
    for node, signature in enumerate(net.signatures):
        number = table.setdefault(signature, len(table))
        if number == len(examples):
            examples.append(node)
        numbers.append(number)
    return numbers, examples


def apart(found: Net, one: int, wanted: Net, other: int) -> float:
    """Return what it costs to match one node with another, whatever their surroundings."""
    kind, other_kind = found.kinds[one], wanted.kinds[other]
    if OUTPUT in (kind, other_kind):
        return 0.0 if kind == other_kind else FORBIDDEN
    if "Input" in (kind, other_kind) and kind != other_kind:
        return FORBIDDEN
    if found.signatures[one] == wanted.signatures[other]:
        return 0.0
    call, wanted_call = found.graph.calls[one], wanted.graph.calls[other]
    if not found.graph.operations[call.operation].inspectable:
        return KIND / 2
    if kind != other_kind:
        return FAMILY if family(kind) == family(other_kind) else KIND
    settings = found.graph.operations[call.operation].settings
    wanted_settings = wanted.graph.operations[wanted_call.operation].settings
    changed = sum(settings.get(name) != wanted_settings.get(name) for name in {*settings, *wanted_settings})
    other_activation = ACTIVATION if call.activation != wanted_call.activation else 0.0
    return min(SETTING * changed, SETTINGS_AT_MOST) + other_activation


def _by_signature(net: Net) -> Sequence[Hashable]:
    return net.signatures


def _by_kind(net: Net) -> Sequence[Hashable]:
    return net.kinds


def _by_topology(net: Net) -> Sequence[Hashable]:
    return [kind if kind in (OUTPUT, "Input") else None for kind in net.kinds]


def _sources(net: Net, table: dict[Hashable, int]) -> Colours:
    return [
        table.setdefault(tuple(sorted(net.kinds[source] for source, _ in sources)), len(table))
        for sources in net.inputs
    ]


def _readers(net: Net, table: dict[Hashable, int]) -> Colours:
    return [
        table.setdefault(tuple(sorted(net.kinds[reader] for reader, _, _ in readers)), len(table))
        for readers in net.readers
    ]


def _times_called(net: Net) -> Colours:
    times = [0] * net.size
    for nodes in net.nodes_of().values():
        for node in nodes:
            times[node] = len(nodes)
    return times


def _shape_colours(net: Net, table: dict[Hashable, int]) -> Colours:
    shapes: list[Hashable] = [call.shapes for call in net.graph.calls]
    shapes += [()] * (net.size - net.calls)
    return [table.setdefault(shape, len(table)) for shape in shapes]


def _depths(net: Net) -> Matrix:
    depths: list[int] = []
    for sources in net.inputs:
        depths.append(1 + max((depths[source] for source, _ in sources), default=-1))
    return np.array(depths, dtype=np.float32)


def _differ(left: Colours, right: Colours) -> Matrix:
    apart: Matrix = (np.array(left)[:, None] != np.array(right)[None, :]).astype(np.float32)
    return apart


def _counts(ends: Sequence[Sequence[object]]) -> Matrix:
    return np.array([len(at) for at in ends], dtype=np.float32)


def _mean(left: Matrix, right: Matrix) -> Matrix:
    mean: Matrix = (left[:, None] + right[None, :]) * np.float32(0.5)
    return mean
