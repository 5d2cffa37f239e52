"""What differs under a matching of two graphs: settings, operators, wires, calls and sharing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from autograder.graph.comparison.isomorphism import OUTPUT, Net, entrance_shape
from autograder.graph.comparison.matching import Matching, family
from autograder.graph.model import Setting, settled
from autograder.graph.padding import pads_nothing


@dataclass(frozen=True)
class Finding:
    """One difference before it is put into words, in terms of the nodes of both nets."""

    found: tuple[int, ...] = ()
    wanted: tuple[int, ...] = ()

    cost: ClassVar[float] = 1.0
    """How much a finding counts when matchings are compared, besides `each`."""
    each: ClassVar[int] = 0
    """How much each of its calls counts."""

    @property
    def weight(self) -> float:
        """How much the finding counts in all."""
        return self.cost + self.each * (len(self.found) + len(self.wanted))


@dataclass(frozen=True)
class SettingDiffers(Finding):
    """A setting that is `value` and should be `wanted_value`; `absent` names the side where it is not set."""

    setting: str = ""
    value: Setting = None
    wanted_value: Setting = None
    absent: Literal["found", "wanted"] | None = None


class InputShapeDiffers(Finding):
    """An input with another shape than the wanted one."""


class OperatorDiffers(Finding):
    """An operator in place of the wanted one."""

    cost = 1.2


class Uninspectable(Finding):
    """A call with code that cannot be inspected."""


class Missing(Finding):
    """Connected calls that are missing."""

    cost, each = 0.3, 1


class Extra(Finding):
    """Connected calls that are not wanted."""

    cost, each = 0.3, 1


class MissingInput(Finding):
    """An input that is missing."""

    each = 1


class ExtraInput(Finding):
    """An input that is not wanted."""

    each = 1


class MissingOutput(Finding):
    """An output that is missing."""

    each = 1


class ExtraOutput(Finding):
    """An output that is not wanted."""

    each = 1


class Merged(Finding):
    """One call in place of several that are alike, each with its own readers."""


class Doubled(Finding):
    """A call that repeats what another one does."""


@dataclass(frozen=True)
class Rewired(Finding):
    """Calls that read `source` and should read `wanted_source`, a node of the wanted net."""

    source: int = 0
    wanted_source: int = 0

    cost: ClassVar[float] = 1.3


@dataclass(frozen=True)
class AlsoRead(Finding):
    """Calls that also read `source` and should not."""

    source: int = 0

    cost: ClassVar[float] = 1.3


@dataclass(frozen=True)
class NotRead(Finding):
    """Calls that should also read `wanted_source`, a node of the wanted net."""

    wanted_source: int = 0

    cost: ClassVar[float] = 1.3


@dataclass(frozen=True)
class OtherResult(Finding):
    """Calls that read the `index`-th result of `source` and should read the `wanted_index`-th."""

    source: int = 0
    index: int = 0
    wanted_index: int = 0


class OperandsTurned(Finding):
    """A call that reads the right tensors in the wrong order."""


class Swapped(Finding):
    """Two calls in the wrong order."""


class OutputsTurned(Finding):
    """The outputs, in the wrong order."""

    cost = 0.9


class InputsTurned(Finding):
    """The inputs, in the wrong order."""

    cost = 0.9


@dataclass(frozen=True)
class Sharing(Finding):
    """A part of `size` layers, called `count` times, whose sharing differs."""

    count: int = 0
    size: int = 1


class Separate(Sharing):
    """Separate layers in place of one shared layer."""


class Shared(Sharing):
    """One shared layer in place of separate layers."""


@dataclass
class _Wires:
    """What a matched node reads but should not, and what it should read but does not."""

    found: list[tuple[int, int]]
    wanted: list[tuple[int, int]]


class Findings:
    """Everything that differs under one matching: nothing exactly when the matching is an isomorphism."""

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
        """The weight of all findings together: the smaller it is, the better the matching.

        A second wrong setting of one call weighs less than the first, because it is the same call. A part
        that is connected by many tensors weighs more than one connected by few, and an operator of another
        family more than one of the same.
        """
        settings = [finding.found[0] for finding in self.all if isinstance(finding, SettingDiffers)]
        again = len(settings) - len(set(settings))
        cut = sum(
            tensors_cut(self.wanted, finding.wanted)
            if isinstance(finding, Missing)
            else tensors_cut(self.found, finding.found)
            for finding in self.all
            if isinstance(finding, Missing | Extra)
        )
        strangers = sum(
            family(self.found.kinds[finding.found[0]]) != family(self.wanted.kinds[finding.wanted[0]])
            for finding in self.all
            if isinstance(finding, OperatorDiffers)
        )
        return sum(finding.weight for finding in self.all) - 0.7 * again + 0.01 * cut + 0.4 * strangers

    def neighbours(self, missing: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return the found nodes above and those below some missing nodes."""
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
                _gather(seen, (*together, "uninspectable"), Uninspectable((node,), (image,)))
                continue
            if self.found.signatures[node] == self.wanted.signatures[image]:
                continue
            if operation.kind != wanted_operation.kind or not wanted_operation.inspectable:
                self.operator_changed.add(node)
                _gather(seen, (*together, "operator"), OperatorDiffers((node,), (image,)))
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
                if self._forgiven(name, node, image) or self._left_with(name, absent, node, image):
                    continue
                if absent or settled(value) != settled(other):
                    finding = SettingDiffers((node,), (image,), name, value, other, absent)
                    _gather(seen, (*together, name), finding)
            if call.activation != wanted_call.activation:
                key = (*together, "activation of call", call.activation, wanted_call.activation)
                finding = SettingDiffers(
                    (node,), (image,), "activation", call.activation, wanted_call.activation
                )
                _gather(seen, key, finding)
            entrances = node in self.found.input_nodes, image in self.wanted.input_nodes
            if any(entrances) and (not all(entrances) or entrance_shape(call) != entrance_shape(wanted_call)):
                seen[*together, "shape"] = InputShapeDiffers((node,), (image,))
        self.all += seen.values()

    def _forgiven(self, setting: str, node: int, image: int) -> bool:
        """Return whether a setting differs only because another difference makes it matter on one side.

        A canonical graph leaves out padding that pads nothing, and the dtype of whole numbers that are
        looked up in an embedding.
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

    def _left_with(
        self, setting: str, absent: Literal["found", "wanted"] | None, node: int, image: int
    ) -> bool:
        """Return whether a constant is absent because the branch that it may have come from is.

        A canonical graph moves the factor of a branch into the product that the branch leads to, and what is
        added in it into the sum.
        """
        if setting != "constant" or absent is None:
            return False
        net, at, left = (
            (self.wanted, image, self.missing) if absent == "found" else (self.found, node, self.extra)
        )
        return any(source in left for source, _ in net.inputs[at])

    def _look_at_what_is_left(self) -> None:
        for nodes in components(self.wanted, self.missing):
            self.all.append(self._missing(nodes))
        for nodes in components(self.found, {*self.extra}):
            self.all.append(self._extra(nodes))
        for node in sorted(self.extra):
            if node < self.found.calls and not _inspectable(self.found, node):
                self.all.append(Uninspectable((node,)))

    def _missing(self, nodes: tuple[int, ...]) -> Finding:
        if any(node in self.wanted.input_nodes for node in nodes):
            return MissingInput((), nodes)
        if any(self.wanted.kinds[node] == OUTPUT for node in nodes):
            return MissingOutput((), nodes)
        if len(nodes) == 1:
            twin = twin_of(self.wanted, nodes[0], self.back)
            if twin is not None and self._read_instead(nodes[0], self.back[twin]):
                return Merged((self.back[twin],), (nodes[0], twin))
        return Missing((), nodes)

    def _extra(self, nodes: tuple[int, ...]) -> Finding:
        if any(node in self.found.input_nodes for node in nodes):
            return ExtraInput(nodes)
        if any(self.found.kinds[node] == OUTPUT for node in nodes):
            return ExtraOutput(nodes)
        if len(nodes) == 1:
            images = dict(self.pairs)
            twin = twin_of(self.found, nodes[0], images)
            if twin is not None:
                readers = {images.get(reader) for reader, _, _ in self.found.readers[nodes[0]]}
                if any(reader in readers for reader, _, _ in self.wanted.readers[images[twin]]):
                    self.doubles[nodes[0]] = images[twin]
                    return Doubled((nodes[0], twin), (images[twin],))
        return Extra(nodes)

    def _read_instead(self, missing: int, node: int) -> bool:
        """Return whether a node that should read the missing call reads `node` instead."""
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
            finding = self._rewired((node,), (image,), wire)
            _gather(gathered, (type(finding), *wire.found[:1], None, *wire.wanted[:1]), finding)
        self.all += gathered.values()

    def _rewired(self, found: tuple[int], wanted: tuple[int], wire: _Wires) -> Finding:
        """Return the finding for the first wires that differ at a matched pair."""
        if not wire.found:
            return NotRead(found, wanted, wire.wanted[0][0])
        source, index = wire.found[0]
        if not wire.wanted:
            return AlsoRead(found, wanted, source)
        other, other_index = wire.wanted[0]
        if self.matching[source] == other and index != other_index:
            return OtherResult(found, wanted, source, index, other_index)
        return Rewired(found, wanted, source, other)

    def _wires(self, node: int, image: int) -> _Wires:
        """Return the wires of a matched pair that differ and that no missing or extra call explains."""
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
                self.all.append(OperandsTurned((node,), (image,)))
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
        """Report two calls in the wrong order as one difference, not one each and one after them."""
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
            self.all.append(Swapped((first, second), (first_image, second_image)))

    def _look_at_sharing(self) -> None:
        kept = [(n, i) for n, i in self.pairs if n < self.found.calls and n not in self.operator_changed]
        for kind, ours, theirs in (
            (Separate, self.wanted.operation, self.found.operation),
            (Shared, self.found.operation, self.wanted.operation),
        ):
            by_operation: dict[Hashable, list[tuple[int, int]]] = {}
            for node, image in kept:
                by_operation.setdefault(ours[image if kind is Separate else node], []).append((node, image))
            broken = [
                pairs
                for pairs in by_operation.values()
                if len({theirs[node if kind is Separate else image] for node, image in pairs}) > 1
            ]
            for group in self._connected(broken) if broken else ():
                nodes = tuple(node for pairs in group for node, _ in pairs)
                images = tuple(image for pairs in group for _, image in pairs)
                self.all.append(kind(nodes, images, count=len(group[0]), size=len(group)))

    def _connected(self, broken: list[list[tuple[int, int]]]) -> list[list[list[tuple[int, int]]]]:
        """Group shared operations that follow one another: a sub-model copied as a whole is one copy."""
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
                # A layer without weights is not a copy of another; it passes on what is above it.
                reached.append(above)
            else:
                reached.append(frozenset())
        groups: dict[int, list[list[tuple[int, int]]]] = {}
        for number, pairs in enumerate(broken):
            groups.setdefault(lead(number), []).append(pairs)
        return list(groups.values())

    def _look_at_order(self, ordered: frozenset[str]) -> None:
        """Find inputs and outputs that are matched in another order, where their order is what counts."""
        our_outputs = range(self.found.calls, self.found.size)
        their_outputs = range(self.wanted.calls, self.wanted.size)
        sides: tuple[tuple[str, type[Finding], Sequence[int], Sequence[int]], ...] = (
            ("input", InputsTurned, self.found.input_nodes, self.wanted.input_nodes),
            ("output", OutputsTurned, our_outputs, their_outputs),
        )
        for side, kind, ours, theirs in sides:
            images = [self.matching[node] for node in ours]
            if side in ordered and images != list(theirs) and None not in images:
                self.all.append(kind(tuple(ours), tuple(theirs)))


def _gather(into: dict[Hashable, Finding], key: Hashable, finding: Finding) -> None:
    """Collect one finding for all calls of a layer, so that each thing is said of it only once."""
    known = into.get(key)
    if known is None:
        into[key] = finding
        return
    into[key] = replace(known, found=(*known.found, *finding.found), wanted=(*known.wanted, *finding.wanted))


def _inspectable(net: Net, node: int) -> bool:
    return net.graph.operations[net.graph.calls[node].operation].inspectable


def components(net: Net, nodes: Iterable[int]) -> list[tuple[int, ...]]:
    """Return the nodes in groups that are connected by wires among themselves, each in topological order."""
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
    """Return how many tensors lead in and out of a part: the fewer, the more it is a unit."""
    inside = set(nodes)
    into = {wire for node in nodes for wire in net.inputs[node] if wire[0] not in inside}
    out = {(node, index) for node in nodes for reader, _, index in net.readers[node] if reader not in inside}
    return len(into) + len(out)


def upstream_of(net: Net, node: int, through: set[int]) -> set[int]:
    """Return the nearest nodes above `node` that are not in `through`, however many of those are between."""
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
    """Return a node among those given that does the same to the same tensors; None where there is none."""
    for source, _ in net.inputs[node][:1]:
        for other, _, _ in net.readers[source]:
            same = net.signatures[other] == net.signatures[node] and net.inputs[other] == net.inputs[node]
            if other != node and other in among and same:
                return other
    return None
