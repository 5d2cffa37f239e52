"""The types that make up a graph: operations, their calls, and the tensors between them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

Shape = tuple[int | None, ...]
"""A tensor's shape, batch axis first; `None` where the size is not known."""

Setting = None | bool | int | float | str | tuple["Setting", ...]
"""A value of an operation's configuration: a scalar, or a tuple of them."""


def settled(value: Hashable) -> Hashable:
    """Return a setting's value as it is compared: `True` is not 1, and not-a-number equals itself."""
    kind = type(value)
    if kind is int or kind is str or value is None:
        return value
    if isinstance(value, tuple):
        return tuple([settled(item) for item in value])
    return ("", str(value)) if kind is bool or value != value else value


@dataclass(frozen=True)
class Tensor:
    """The `index`-th tensor that a call returns."""

    call: int
    index: int = 0


@dataclass(frozen=True)
class Operation:
    """A layer or a function of `keras.ops`: it may hold weights, and can be called more than once.

    `kind` is the operator's canonical name (`Conv2D`, `Add`, `Input`, …). `inspectable` is false
    where the inside cannot be seen, as in a `Lambda` or a learner's own class; `origin` then says where the
    operation came from, and `reason` why it cannot be seen (`graph.uninspectable`). `written` holds the
    settings that a canonical graph states differently from the learner, such as an axis counted from the
    front: sentences and pictures show these.
    """

    id: int
    kind: str
    name: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    inspectable: bool = True
    origin: str = ""
    reason: str = ""
    written: Mapping[str, Setting] = field(default_factory=dict, compare=False)

    @cached_property
    def signature(self) -> Hashable:
        """What the operation is, apart from its name and weights: equal for operations that do the same."""
        settings = frozenset((name, settled(value)) for name, value in self.settings.items())
        return self.kind, settings, self.inspectable


@dataclass(frozen=True)
class Call:
    """One call of an operation: a node of the graph.

    `inputs` are in the order of the call's arguments; `shapes` has one entry per output tensor.
    `activation` is the activation applied to the call's result (`None` where there is none), however it was
    spelled. `path` names the nested models that the call was written in, outermost first.
    """

    id: int
    operation: int
    inputs: tuple[Tensor, ...] = ()
    shapes: tuple[Shape, ...] = ()
    activation: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """What `compile` was told, resolved to its effect on each output.

    `losses`, `loss_weights` and `metrics` are keyed by output name; `unmatched_*` hold keys that name no
    output, which Keras drops silently. `surplus` maps each argument whose list is too long for the outputs to
    the length of that list: such a model cannot be fitted. `weights_by_alphabet` says that a dict of weights
    was given together with a list of losses: Keras then reads the weights in the order of the sorted keys.
    """

    optimizer: str | None = None
    losses: Mapping[str, str | None] = field(default_factory=dict)
    loss_weights: Mapping[str, float | str | None] = field(default_factory=dict)
    metrics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmatched_losses: tuple[str, ...] = ()
    unmatched_loss_weights: tuple[str, ...] = ()
    unmatched_metrics: tuple[str, ...] = ()
    surplus: Mapping[str, int] = field(default_factory=dict)
    weights_by_alphabet: bool = False


@dataclass(frozen=True)
class Misfit:
    """A nested model that was built for inputs with another last axis than those it is called on.

    Keras accepts such a call where one of the two sizes is 1, and raises an error when the model is used.
    """

    name: str
    built: Shape
    given: Shape


@dataclass(frozen=True)
class Graph:
    """A Keras model as a graph of calls, in topological order.

    `inputs` and `outputs` are in the model's own order, with their names beside them. `keyed` are the sides
    ("inputs", "outputs") that the model was given as a dict, whose keys Keras sorts. `misfit` is the first
    nested model that cannot be used where it is called.
    """

    operations: Mapping[int, Operation]
    calls: tuple[Call, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    compiled: Compiled | None = None
    name: str = ""
    keyed: frozenset[str] = field(default=frozenset(), compare=False)
    misfit: Misfit | None = field(default=None, compare=False)

    def call(self, call_id: int) -> Call:
        """Return the call with that id.

        Raises:
            KeyError: the graph has no such call.
        """
        return self._by_id[call_id]

    def operation_of(self, call: Call | int) -> Operation:
        """Return the operation that a call (or the call with that id) calls."""
        found = call if isinstance(call, Call) else self.call(call)
        return self.operations[found.operation]

    def shape(self, tensor: Tensor) -> Shape:
        """Return the shape of a tensor of this graph."""
        return self.call(tensor.call).shapes[tensor.index]

    def consumers(self, call_id: int) -> tuple[Call, ...]:
        """Return the calls that read a tensor of that call, in topological order."""
        return self._consumers.get(call_id, ())

    def calls_of(self, operation_id: int) -> tuple[Call, ...]:
        """Return every call of one operation: more than one where a layer is shared."""
        return tuple(call for call in self.calls if call.operation == operation_id)

    def of_kind(self, *kinds: str) -> tuple[Call, ...]:
        """Return the calls whose operation is of one of those kinds."""
        return tuple(call for call in self.calls if self.operation_of(call).kind in kinds)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    @cached_property
    def _by_id(self) -> Mapping[int, Call]:
        return {call.id: call for call in self.calls}

    @cached_property
    def _consumers(self) -> Mapping[int, tuple[Call, ...]]:
        readers: dict[int, list[Call]] = {}
        for call in self.calls:
            for source in dict.fromkeys(tensor.call for tensor in call.inputs):
                readers.setdefault(source, []).append(call)
        return {source: tuple(calls) for source, calls in readers.items()}
