"""What a matching of two graphs leaves over: settings, operators, wires, calls and sharing that differ."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.graph.comparison.isomorphism import OUTPUT, Net, entrance_shape
from autograder.graph.comparison.matching import Matching, family
from autograder.graph.comparison.parts import components, tensors_cut, twin_of, upstream_of
from autograder.graph.model import Setting, settled
from autograder.graph.padding import pads_nothing

Variant = Literal[
    "setting",
    "operator",
    "uninspectable",
    "input shape",
    "missing",
    "extra",
    "missing input",
    "extra input",
    "missing output",
    "extra output",
    "merged",
    "doubled",
    "rewired",
    "also",
    "lost",
    "result",
    "operands",
    "swapped",
    "outputs",
    "inputs",
    "separate",
    "shared",
]

_WEIGHTS: dict[str, float] = {
    "operator": 1.2,
    "rewired": 1.3,
    "also": 1.3,
    "lost": 1.3,
    "outputs": 0.9,
    "inputs": 0.9,
    "missing": 0.3,
    "extra": 0.3,
}
_BY_THE_CALL = ("missing", "extra", "missing input", "extra input", "missing output", "extra output")


@dataclass(frozen=True)
class Finding:
    """One difference before it is put into words; nodes are those of the two nets.

    `source` and `wanted_source` are the nodes at the far end of a wire, `value` and `wanted_value` what a
    setting is and should be; `absent` says on which side it is not set at all. `size` counts the layers
    that a finding about sharing speaks of.
    """

    variant: Variant
    found: tuple[int, ...] = ()
    wanted: tuple[int, ...] = ()
    setting: str | None = None
    value: Setting = None
    wanted_value: Setting = None
    source: int | None = None
    wanted_source: int | None = None
    size: int = 1
    absent: Literal["found", "wanted"] | None = None

    @property
    def weight(self) -> float:
        """How much it counts when matchings are weighed against each other."""
        calls = len(self.found) + len(self.wanted) if self.variant in _BY_THE_CALL else 0
        return _WEIGHTS.get(self.variant, 1.0) + calls


@dataclass
class _Wires:
    """What a matched node reads and should not, and what it should and does not."""

    found: list[tuple[int, int]]
    wanted: list[tuple[int, int]]


class Findings:
    """Everything that differs under one matching: nothing, exactly when the matching is an isomorphism."""

    def __init__(self, found: Net, wanted: Net, matching: Matching, ordered: frozenset[str]) -> None:
        self.found, self.wanted, self.matching = found, wanted, matching
        self.pairs = [(node, image) for node, image in enumerate(matching) if image is not None]
        self.back = {image: node for node, image in self.pairs}
        self.missing = {node for node in range(wanted.size) if node not in self.back}
        self.extra = {node for node in range(found.size) if matching[node] is None}
        self.operator_changed: set[int] = set()
        self.doubles: dict[int, int] = {}
        self.all: list[Finding] = []
        self._look_at_calls()
        self._look_at_what_is_left()
        self._look_at_wires()
        self._look_at_sharing()
        self._look_at_order(ordered)

    @property
    def weight(self) -> float:
        """The sum of all findings' weights: the smaller, the better the matching explains.

        A second wrong setting of one call weighs less than the first: it is still that call. A part that
        hangs on by many tensors weighs more than one by few, an operator of another family more than a kin.
        """
        settings = [finding.found[0] for finding in self.all if finding.variant == "setting"]
        again = len(settings) - len(set(settings))
        cut = sum(
            tensors_cut(self.wanted, finding.wanted)
            if finding.variant == "missing"
            else tensors_cut(self.found, finding.found)
            for finding in self.all
            if finding.variant in ("missing", "extra")
        )
        strangers = sum(
            family(self.found.kinds[finding.found[0]]) != family(self.wanted.kinds[finding.wanted[0]])
            for finding in self.all
            if finding.variant == "operator"
        )
        return sum(finding.weight for finding in self.all) - 0.7 * again + 0.01 * cut + 0.4 * strangers

    def neighbours(self, missing: Sequence[int]) -> tuple[list[int], list[int]]:
        """The nodes that were found above and below some that are missing."""
        before = [source for node in missing for source, _ in self.wanted.inputs[node]]
        after = [reader for node in missing for reader, _, _ in self.wanted.readers[node]]
        return (
            sorted({self.back[node] for node in before if node in self.back}),
            sorted({self.back[node] for node in after if node in self.back}),
        )

    def _look_at_calls(self) -> None:
        seen: dict[Hashable, Finding] = {}
        for node, image in self.pairs:
            if node >= self.found.calls:
                continue
            call, wanted_call = self.found.graph.calls[node], self.wanted.graph.calls[image]
            operation = self.found.graph.operations[call.operation]
            wanted_operation = self.wanted.graph.operations[wanted_call.operation]
            together = (call.operation, wanted_call.operation)
            if not operation.inspectable:
                self.operator_changed.add(node)
                _gather(seen, (*together, "uninspectable"), Finding("uninspectable", (node,), (image,)))
                continue
            if self.found.signatures[node] == self.wanted.signatures[image]:
                continue
            if operation.kind != wanted_operation.kind or not wanted_operation.inspectable:
                self.operator_changed.add(node)
                _gather(seen, (*together, "operator"), Finding("operator", (node,), (image,)))
                continue
            for name in dict.fromkeys((*wanted_operation.settings, *operation.settings)):
                value, other = operation.settings.get(name), wanted_operation.settings.get(name)
                absent: Literal["found", "wanted"] | None = (
                    "found"
                    if name not in operation.settings
                    else "wanted"
                    if name not in wanted_operation.settings
                    else None
                )
                if self._forgiven(name, node, image):
                    continue
                if absent or settled(value) != settled(other):
                    finding = Finding("setting", (node,), (image,), name, value, other, absent=absent)
                    _gather(seen, (*together, name), finding)
            if call.activation != wanted_call.activation:
                key = (*together, "activation of call", call.activation, wanted_call.activation)
                finding = Finding(
                    "setting", (node,), (image,), "activation", call.activation, wanted_call.activation
                )
                _gather(seen, key, finding)
            entrances = node in self.found.input_nodes, image in self.wanted.input_nodes
            if any(entrances) and (not all(entrances) or entrance_shape(call) != entrance_shape(wanted_call)):
                seen[*together, "shape"] = Finding("input shape", (node,), (image,))
        self.all += seen.values()

    def _forgiven(self, setting: str, node: int, image: int) -> bool:
        """Whether a setting is told apart only because something else makes it matter on one side.

        Padding that pads nothing is left out of a canonical graph, and so is the kind of whole numbers of
        what is looked up in an embedding.
        """
        for net, at in ((self.found, node), (self.wanted, image)):
            if setting == "dtype" and net.kinds[at] == "Input":
                if {net.kinds[reader] for reader, _, _ in net.readers[at]} <= {"Embedding"}:
                    return True
            elif setting == "padding":
                settings = net.graph.operations[net.graph.calls[at].operation].settings
                for source, index in net.inputs[at][:1]:
                    shapes = net.graph.calls[source].shapes
                    shape = shapes[index] if index < len(shapes) else None
                    if pads_nothing(net.kinds[at], {**settings, "padding": "same"}, shape):
                        return True
        return False

    def _look_at_what_is_left(self) -> None:
        for nodes in components(self.wanted, self.missing):
            self.all.append(self._missing(nodes))
        for nodes in components(self.found, {*self.extra}):
            self.all.append(self._extra(nodes))
        for node in sorted(self.extra):
            if node < self.found.calls and not _inspectable(self.found, node):
                self.all.append(Finding("uninspectable", (node,)))

    def _missing(self, nodes: tuple[int, ...]) -> Finding:
        if any(node in self.wanted.input_nodes for node in nodes):
            return Finding("missing input", (), nodes)
        if any(self.wanted.kinds[node] == OUTPUT for node in nodes):
            return Finding("missing output", (), nodes)
        if len(nodes) == 1:
            twin = twin_of(self.wanted, nodes[0], self.back)
            if twin is not None and self._read_instead(nodes[0], self.back[twin]):
                return Finding("merged", (self.back[twin],), (nodes[0], twin))
        return Finding("missing", (), nodes)

    def _extra(self, nodes: tuple[int, ...]) -> Finding:
        if any(node in self.found.input_nodes for node in nodes):
            return Finding("extra input", nodes)
        if any(self.found.kinds[node] == OUTPUT for node in nodes):
            return Finding("extra output", nodes)
        if len(nodes) == 1:
            images = dict(self.pairs)
            twin = twin_of(self.found, nodes[0], images)
            if twin is not None:
                readers = {images.get(reader) for reader, _, _ in self.found.readers[nodes[0]]}
                if any(reader in readers for reader, _, _ in self.wanted.readers[images[twin]]):
                    self.doubles[nodes[0]] = images[twin]
                    return Finding("doubled", (nodes[0], twin), (images[twin],))
        return Finding("extra", nodes)

    def _read_instead(self, missing: int, node: int) -> bool:
        """Whether something that should read the missing call reads `node` in its place."""
        readers = {reader for reader, _, _ in self.found.readers[node]}
        return len(readers) > 1 and any(
            self.back.get(reader) in readers for reader, _, _ in self.wanted.readers[missing]
        )

    def _look_at_wires(self) -> None:
        wires = {node: self._wires(node, image) for node, image in self.pairs}
        wires = {node: wire for node, wire in wires.items() if wire.found or wire.wanted}
        self._swapped(wires)
        gathered: dict[Hashable, Finding] = {}
        for node, wire in wires.items():
            image = self.matching[node]
            assert image is not None
            source, index = wire.found[0] if wire.found else (None, None)
            other, other_index = wire.wanted[0] if wire.wanted else (None, None)
            variant: Variant = "rewired" if wire.found and wire.wanted else "also" if wire.found else "lost"
            if source is not None and self.matching[source] == other and index != other_index:
                variant = "result"
            finding = Finding(
                variant, (node,), (image,), None, index, other_index, source=source, wanted_source=other
            )
            _gather(gathered, (variant, source, index, other, other_index), finding)
        self.all += gathered.values()

    def _wires(self, node: int, image: int) -> _Wires:
        """The wires of a matched pair that differ and that no missing or extra call explains."""
        found, wanted = list(self.found.inputs[node]), list(self.wanted.inputs[image])
        if [(self.matching[source], index) for source, index in found] == wanted:
            return _Wires([], [])
        for source, index in self.found.inputs[node]:
            across = self.matching[source]
            if across is not None and (across, index) in wanted:
                wanted.remove((across, index))
                found.remove((source, index))
        if not found and not wanted:
            same_kind = node not in self.operator_changed
            if same_kind and not self.wanted.free[image]:
                self.all.append(Finding("operands", (node,), (image,)))
            return _Wires([], [])
        for source, index in [wire for wire in wanted if wire[0] in self.missing]:
            wanted.remove((source, index))
            upstream = upstream_of(self.wanted, source, self.missing)
            bypass = [wire for wire in found if self.matching[wire[0]] in upstream]
            for wire in bypass or found[:1]:
                found.remove(wire)
        for source, index in [wire for wire in found if wire[0] in self.extra]:
            found.remove((source, index))
            instead = {self.matching[through] for through in upstream_of(self.found, source, self.extra)}
            instead.add(self.doubles.get(source))
            for wire in [wire for wire in wanted if wire[0] in instead]:
                wanted.remove(wire)
        return _Wires(found, wanted)

    def _swapped(self, wires: dict[int, _Wires]) -> None:
        """Two calls in the wrong order are one difference, not one at each of them and one behind them."""
        for second in list(wires):
            first = wires[second].found[0][0] if second in wires and wires[second].found else None
            if first is None or first not in wires:
                continue
            first_image, second_image = self.matching[first], self.matching[second]
            if first_image is None or second_image is None:
                continue
            if second_image not in [source for source, _ in wires[first].wanted]:
                continue
            behind = [
                node
                for node, wire in wires.items()
                if [source for source, _ in wire.found] == [second]
                and [source for source, _ in wire.wanted] == [first_image]
            ]
            for node in (first, second, *behind):
                del wires[node]
            self.all.append(Finding("swapped", (first, second), (first_image, second_image)))

    def _look_at_sharing(self) -> None:
        kept = [(n, i) for n, i in self.pairs if n < self.found.calls and n not in self.operator_changed]
        for variant, key, other in (
            ("separate", self.wanted.operation, self.found.operation),
            ("shared", self.found.operation, self.wanted.operation),
        ):
            by_operation: dict[Hashable, list[tuple[int, int]]] = {}
            for node, image in kept:
                at = image if variant == "separate" else node
                by_operation.setdefault(key[at], []).append((node, image))
            broken = [
                pairs
                for pairs in by_operation.values()
                if len({other[node if variant == "separate" else image] for node, image in pairs}) > 1
            ]
            for group in self._connected(broken) if broken else ():
                nodes = tuple(node for pairs in group for node, _ in pairs)
                images = tuple(image for pairs in group for _, image in pairs)
                count = len(group[0])
                self.all.append(
                    Finding("separate", nodes, images, value=count, size=len(group))
                    if variant == "separate"
                    else Finding("shared", nodes, images, value=count, size=len(group))
                )

    def _connected(self, broken: list[list[tuple[int, int]]]) -> list[list[list[tuple[int, int]]]]:
        """The groups of shared operations that follow one another: a sub-model copied whole is one copy."""
        owner = {node: number for number, pairs in enumerate(broken) for node, _ in pairs}
        leader = list(range(len(broken)))

        def lead(number: int) -> int:
            while leader[number] != number:
                leader[number] = leader[leader[number]]
                number = leader[number]
            return number

        reached: list[frozenset[int]] = []
        for node, sources in enumerate(self.found.inputs):
            above = frozenset[int]().union(*(reached[source] for source, _ in sources))
            if node in owner:
                for number in above:
                    if len(broken[number]) == len(broken[owner[node]]):
                        leader[lead(number)] = lead(owner[node])
                reached.append(frozenset({owner[node]}))
            elif isinstance(self.found.operation[node], tuple) and node not in self.found.input_nodes:
                # Layers without weights are nobody's copy; what lies above them is what they pass on.
                reached.append(above)
            else:
                reached.append(frozenset())
        groups: dict[int, list[list[tuple[int, int]]]] = {}
        for number, pairs in enumerate(broken):
            groups.setdefault(lead(number), []).append(pairs)
        return list(groups.values())

    def _look_at_order(self, ordered: frozenset[str]) -> None:
        """Inputs and outputs that were matched across, where a model is fed and read in order."""
        our_outputs = range(self.found.calls, self.found.size)
        their_outputs = range(self.wanted.calls, self.wanted.size)
        sides: tuple[tuple[str, Variant, Sequence[int], Sequence[int]], ...] = (
            ("input", "inputs", self.found.input_nodes, self.wanted.input_nodes),
            ("output", "outputs", our_outputs, their_outputs),
        )
        for side, variant, ours, theirs in sides:
            images = [self.matching[node] for node in ours]
            if side in ordered and images != list(theirs) and None not in images:
                self.all.append(Finding(variant, tuple(ours), tuple(theirs)))


def _gather(into: dict[Hashable, Finding], key: Hashable, finding: Finding) -> None:
    """One finding for all calls of a layer: what is said of the layer is said once."""
    known = into.get(key)
    if known is None:
        into[key] = finding
        return
    into[key] = Finding(
        **{
            **known.__dict__,
            "found": (*known.found, *finding.found),
            "wanted": (*known.wanted, *finding.wanted),
        }
    )


def _inspectable(net: Net, node: int) -> bool:
    return net.graph.operations[net.graph.calls[node].operation].inspectable
