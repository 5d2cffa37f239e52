"""What a comparison has to say of a mutant: the kind of its one difference, and the names at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from autograder.audit.mutation.edit import Edit, Model, references
from autograder.graph import Difference, Graph
from autograder.graph.activations import LINEAR, configured, of_operation
from autograder.graph.label import written
from autograder.graph.model import Setting
from autograder.messages import Message, render

_FUNCTIONS = ("function", "activation")
"""What an activation is called as a setting: of a call of its own, and of the layer that applies it."""

_CHAINED = ("Add", "Multiply", "Maximum", "Minimum", "Concatenate")


@dataclass(frozen=True)
class Side:
    """A model before or after a change: its evidence, and the canonical graph that was read from it."""

    model: Model
    graph: Graph

    @cached_property
    def called(self) -> Mapping[str, list[str]]:
        """Everything that is called, by name, with the names of what it reads; in nested models, too."""
        found: dict[str, list[str]] = {}
        waiting = [self.model["graph"]]
        while waiting:
            calls = self.model["graphs"][waiting.pop()]["calls"]
            entries = [self.model["operations"][call["operation"]] for call in calls]
            waiting += [entry["graph"] for entry in entries if entry["graph"] is not None]
            for entry, call in zip(entries, calls, strict=True):
                found[entry["name"]] = [entries[source]["name"] for source, _ in references(call)]
        return found

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kinds of the canonical graph's operations, by name."""
        return {operation.name: operation.kind for operation in self.graph.operations.values()}

    @cached_property
    def _readers(self) -> Mapping[str, str]:
        """One that reads each operation's result, by name."""
        return {source: name for name, sources in self.called.items() for source in sources}

    def is_merged(self, name: str) -> bool:
        """Whether an operation is called, and is part of a merge behind it in the canonical graph."""
        return name in self.called and name not in self.kinds and self.classes[name] in _CHAINED

    def host(self, name: str) -> str:
        """Return the call that an operation is part of: the merge behind it, or the one that applies it."""
        while name not in self.kinds and name in self.called:
            if self.is_merged(name) and name in self._readers:
                name = self._readers[name]
            elif self.called[name]:
                name = self.called[name][0]
            else:
                break
        return name

    def value(self, name: str, setting: str) -> str | None:
        """Return a setting of an operation, as a message writes it; None where it has none of that name."""
        (operation,) = (one for one in self.graph.operations.values() if one.name == name)
        if setting in operation.settings:
            return written(operation.settings[setting])
        applied = {call.activation for call in self.graph.calls_of(operation.id)}
        return written(applied.pop()) if setting == "activation" else None

    def axis(self, name: str) -> tuple[Setting, Setting]:
        """Return a layer's axis as it was configured, and as the canonical graph counts it."""
        (entry,) = (entry for entry in self.model["operations"] if entry["name"] == name)
        (operation,) = (one for one in self.graph.operations.values() if one.name == name)
        return entry["config"].get("axis"), operation.settings.get("axis")

    def own_activation(self, name: str) -> str:
        """Return the activation that a layer is configured with, as a message writes it."""
        (entry,) = (entry for entry in self.model["operations"] if entry["name"] == name)
        function = configured(entry["config"].get("activation"))
        return written(None if function == LINEAR else function)

    @cached_property
    def classes(self) -> Mapping[str, str]:
        """The classes of all operations, by name."""
        return {entry["name"]: entry["class_name"] for entry in self.model["operations"]}


@dataclass(frozen=True)
class Expected:
    """A difference of a kind; `found` and `wanted` are the names of its calls, where it has to name them.

    `wires` and `absent_wires` are the names at both ends of each, `values` what is found and what is wanted.
    """

    kind: str
    found: frozenset[str] | None = None
    wanted: frozenset[str] | None = None
    settings: tuple[str, ...] = ()
    wires: frozenset[tuple[str, str]] | None = None
    absent_wires: frozenset[tuple[str, str]] | None = None
    values: tuple[str | None, str | None] | None = None

    def is_said_by(self, difference: Difference, wanted: Side, found: Side) -> bool:
        """Whether a difference names exactly this."""
        named = (
            (self.found, _names(found.graph, difference.found_calls)),
            (self.wanted, _names(wanted.graph, difference.wanted_calls)),
            (self.wires, _wires(found.graph, difference.wires)),
            (self.absent_wires, _wires(found.graph, difference.absent_wires)),
            (self.values, (_said(difference.found), _said(difference.wanted))),
        )
        return (
            difference.kind == self.kind
            and all(should is None or should == does for should, does in named)
            and (not self.settings or difference.setting in self.settings)
            and (not self.settings or difference.found != difference.wanted)
        )


def _said(value: Message | None) -> str | None:
    """Return a value as a message writes it; None where a setting is not set at all."""
    text = "" if value is None else render(value, "en")
    return None if text == "the default" else text


def expected(edit: Edit, wanted: Side, found: Side) -> list[Expected]:
    """Return the differences of which one, and no other, has to be named for an edit's mutant."""
    return list(_EXPECTED[edit.operator](edit, wanted, found))


def _names(graph: Graph, calls: tuple[int, ...]) -> frozenset[str]:
    return frozenset(graph.operation_of(call).name for call in calls)


def _wires(graph: Graph, wires: tuple[tuple[int, int], ...]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (graph.operation_of(source).name, graph.operation_of(reader).name) for source, reader in wires
    )


def _only(*names: str) -> frozenset[str]:
    return frozenset(names)


def _gone(wanted: Side, found: Side) -> frozenset[str]:
    """Return what is not called any more, apart from what some other layer applies."""
    return frozenset(name for name in wanted.kinds if name not in found.called)


def _setting(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    (name,) = edit.touched
    assert edit.setting is not None
    if "Input" in (wanted.kinds.get(name), found.kinds.get(name)):
        yield Expected("input", _only(name), _only(name))
        return
    settings: tuple[str, ...] = (edit.setting,)
    entry = next(entry for entry in wanted.model["operations"] if entry["name"] == name)
    if of_operation(entry["class_name"], {"function": "relu", **entry["config"]}) is not None:
        settings = _FUNCTIONS
    if name in wanted.kinds and name in found.kinds:
        for setting in settings:
            values = found.value(name, setting), wanted.value(name, setting)
            yield Expected("setting", _only(name), _only(name), (setting,), values=values)
        if edit.setting == "axis" and (axes := _axes(name, wanted, found)) is not None:
            yield Expected("setting", _only(name), _only(name), ("axis",), values=axes)
        if edit.setting == "activation":
            # A second activation, in a call of its own, stays one.
            values = found.own_activation(name), wanted.own_activation(name)
            yield Expected("setting", _only(name), _only(name), ("activation",), values=values)
    elif name in wanted.kinds:
        yield Expected("missing", None, _only(name))
    elif name in found.kinds:
        yield Expected("extra", _only(name))
    else:
        yield _applied(name, wanted, found)


def _axes(name: str, wanted: Side, found: Side) -> tuple[str, str] | None:
    """Return both axes, from the front where the changed model counts so; None where there are several."""
    (told, counted), (_, right) = found.axis(name), wanted.axis(name)
    if not isinstance(told, int) or not isinstance(counted, int) or not isinstance(right, int):
        return None
    return written(told), written(right + told - counted)


def _applied(name: str, wanted: Side, found: Side) -> Expected:
    """Of an activation that a layer applies: that layer's setting."""
    host, wanted_host = found.host(name), wanted.host(name)
    return Expected("setting", _only(host), _only(wanted_host), ("activation",))


def _rewired(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    reader, source, right = edit.touched
    gone = _gone(wanted, found)
    if gone:
        yield Expected("missing", None, gone)
        return
    if right in wanted.called and right not in wanted.kinds and wanted.called[right] == [source]:
        # What is bypassed is an activation that a layer applies.
        yield Expected("setting", _only(found.host(source)), _only(wanted.host(right)), ("activation",))
    # A tensor inside of a longer sum is no wire's end.
    wires = None if found.is_merged(source) else _only_wire(found.host(source), found.host(reader))
    absent = None if found.is_merged(right) else _only_wire(found.host(right), found.host(reader))
    yield Expected("edge", _only(found.host(reader)), _only(wanted.host(reader)), (), wires, absent)


def _only_wire(source: str, reader: str) -> frozenset[tuple[str, str]]:
    return frozenset([(source, reader)])


def _merge_order(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    (name,) = edit.touched
    yield Expected("edge", _only(found.host(name)), _only(wanted.host(name)))


def _merge_type(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    (name,) = edit.touched
    kinds = found.classes[name], wanted.classes[name]
    yield Expected("operator", _only(found.host(name)), _only(wanted.host(name)), values=kinds)


def _branch_alone(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    merge, source = edit.touched
    gone = _gone(wanted, found)
    if wanted.is_merged(source) and gone == {merge}:
        yield Expected("edge", _only(found.host(source)), gone)
    else:
        yield Expected("missing", None, gone)


def _branch_dropped(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    merge, source = edit.touched
    gone = _gone(wanted, found)
    if gone:
        yield Expected("missing", None, gone)
    else:
        wire = _only_wire(found.host(source), merge)
        yield Expected("edge", _only(merge), _only(merge), absent_wires=wire)


def _removed(edit: Edit, wanted: Side, _found: Side) -> Iterator[Expected]:
    (name,) = edit.touched
    if name in wanted.kinds:
        yield Expected("missing", None, _only(name))
    else:
        host = wanted.host(name)
        yield Expected("setting", _only(host), _only(host), ("activation", "constant"))


def _inserted(_edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    (name,) = found.called.keys() - wanted.called.keys()
    if name in found.kinds:
        yield Expected("extra", _only(name))
    else:
        host = found.host(name)
        yield Expected("setting", _only(host), _only(host), ("activation", "constant"))


def _doubled(edit: Edit, wanted: Side, found: Side) -> Iterator[Expected]:
    name = edit.touched[0]
    yield from _inserted(edit, wanted, found)
    # Of two of a kind in a row, either is one too many; two constants are one.
    if name in found.kinds:
        yield Expected("extra", _only(name))
    elif found.is_merged(name):
        yield Expected("setting", _only(found.host(name)), _only(wanted.host(name)), ("constant",))


def _cloned(edit: Edit, _wanted: Side, _found: Side) -> Iterator[Expected]:
    yield Expected("sharing", None, _only(edit.touched[0]))


def _merged(edit: Edit, _wanted: Side, _found: Side) -> Iterator[Expected]:
    yield Expected("sharing", _only(edit.touched[1]), _only(*edit.touched))


def _renamed(side: str) -> Callable[[Edit, Side, Side], Iterator[Expected]]:
    def renamed(_edit: Edit, _wanted: Side, _found: Side) -> Iterator[Expected]:
        yield Expected(side, settings=("name",))

    return renamed


_EXPECTED: dict[str, Callable[[Edit, Side, Side], Iterator[Expected]]] = {
    "setting": _setting,
    "rewired": _rewired,
    "merge order": _merge_order,
    "merge type": _merge_type,
    "branch alone": _branch_alone,
    "branch dropped": _branch_dropped,
    "layer removed": _removed,
    "layer doubled": _doubled,
    "layer inserted": _inserted,
    "shared layer cloned": _cloned,
    "layers merged": _merged,
    "input renamed": _renamed("input"),
    "output renamed": _renamed("output"),
}
