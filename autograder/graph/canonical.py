"""The canonical form of a graph: one form for every way of writing a model.

It keeps what does not depend on spelling: what is called on what, with which sizes, and what is shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from autograder.graph import allowed, constants
from autograder.graph.model import Call, Graph, Operation, Setting, Shape, Tensor
from autograder.graph.padding import pads_nothing
from autograder.graph.shapes import shapes_as_far_as_known
from autograder.graph.spelling import CHAINED, applies_activation, respelled

# An embedding looks up whole numbers, whichever of these dtypes its input has.
_INDEX_DTYPES = frozenset({"int32", "int64", "uint32", "uint64", "float64"})


def canonical(graph: Graph) -> Graph:
    """Return the canonical form of a graph, with its shapes as far as they can be computed.

    Calls are in topological order, found from the outputs; calls that no output depends on are left out,
    except for inputs. Canonical graphs are their own canonical form.

    >>> import keras
    >>> from autograder.evidence import capture
    >>> from autograder.graph import canonical, read_model
    >>> x = keras.Input((8,))
    >>> def kinds(output):
    ...     evidence = capture("task", [keras.Model(x, output)])["arguments"][0]["model"]
    ...     graph = canonical(read_model(evidence))
    ...     return [graph.operation_of(call).kind for call in graph]
    >>> kinds(x + x) == kinds(keras.layers.add([x, x]))
    True
    """
    shaped = graph
    if not all(call.shapes for call in graph.calls):
        shaped = shapes_as_far_as_known(graph)
    return _Work(shaped).graph()


@dataclass
class _Node:
    """A call that is being rewritten, with its own copy of its operation's kind and settings."""

    call: Call
    operation: Operation
    kind: str
    settings: dict[str, Setting]
    inputs: list[Tensor]
    activation: str | None
    uses: int = field(default=0)


class _Work:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._same: dict[Tensor, Tensor] = {}
        self._nodes = {call.id: self._node(call) for call in graph.calls}

    def graph(self) -> Graph:
        """Return the finished graph."""
        for node in self._nodes.values():
            if node.kind == "Identity" and len(node.inputs) == 1:
                self._same[Tensor(node.call.id)] = node.inputs[0]
        self._live()
        while self._merge_chains() or self._fold_activations():
            self._live()
        self._forgive_index_dtypes()
        self._forgive_padding()
        return self._numbered()

    def _node(self, call: Call) -> _Node:
        operation = self._graph.operations[call.operation]
        kind, settings = operation.kind, dict(operation.settings)
        if operation.inspectable and kind != "Input":
            kind, settings = respelled(kind, settings, [self._shape(tensor) for tensor in call.inputs])
        return _Node(call, operation, kind, settings, list(call.inputs), call.activation)

    def _shape(self, tensor: Tensor) -> Shape | None:
        shapes = self._graph.call(tensor.call).shapes
        return shapes[tensor.index] if tensor.index < len(shapes) else None

    def _resolved(self, tensor: Tensor) -> Tensor:
        while tensor in self._same:
            tensor = self._same[tensor]
        return tensor

    @property
    def _outputs(self) -> list[Tensor]:
        return [self._resolved(tensor) for tensor in self._graph.outputs]

    def _live(self) -> None:
        """Drop what no output depends on, and count each call's readers (an output counts as a reader)."""
        needed: dict[int, None] = dict.fromkeys(tensor.call for tensor in self._graph.inputs)
        # A model without a graph is one call that cannot be inspected, with no outputs to start from.
        waiting = [tensor.call for tensor in self._outputs] or list(self._nodes)
        while waiting:
            call = waiting.pop()
            node = self._nodes[call]
            if call not in needed:
                node.inputs = [self._resolved(tensor) for tensor in node.inputs]
                needed[call] = None
                waiting.extend(tensor.call for tensor in node.inputs)
        self._nodes = {call: node for call, node in self._nodes.items() if call in needed}
        for node in self._nodes.values():
            node.uses = 0
        for tensor in [*self._outputs, *(tensor for node in self._nodes.values() for tensor in node.inputs)]:
            self._nodes[tensor.call].uses += 1

    def _merge_chains(self) -> bool:
        """Write a merge of merges as one merge of all operands, where nothing else reads the inner ones."""
        changed = False
        for node in self._nodes.values():
            if node.kind in CHAINED or node.kind == "Concatenate":
                inputs: list[Tensor] = []
                told = [node.settings["constant"]] if "constant" in node.settings else []
                for tensor in node.inputs:
                    inner = self._nodes[tensor.call]
                    if inner.uses == 1 and _continues(inner, node):
                        inputs.extend(inner.inputs)
                        told.extend([inner.settings["constant"]] if "constant" in inner.settings else [])
                        changed = True
                    else:
                        inputs.append(tensor)
                node.inputs = inputs
                self._keep_constant(node, constants.combined(node.kind, told))
            changed = self._find_average(node) or changed
        return changed

    def _keep_constant(self, node: _Node, constant: Setting) -> None:
        node.settings.pop("constant", None)
        if constant is not None:
            node.settings["constant"] = constant

    def _find_average(self, node: _Node) -> bool:
        """Write a sum that is divided by the number of its operands as their average."""
        if node.kind != "Multiply" or len(node.inputs) != 1:
            return False
        inner = self._nodes[node.inputs[0].call]
        factor = node.settings.get("constant")
        if (
            inner.kind != "Add"
            or inner.uses != 1
            or "constant" in inner.settings
            or not constants.is_number(factor)
        ):
            return False
        if abs(factor * len(inner.inputs) - 1) > 1e-6:
            return False
        node.kind = "Average"
        node.settings.pop("constant")
        node.inputs = list(inner.inputs)
        return True

    def _fold_activations(self) -> bool:
        """Move an activation into the layer that could have applied it itself."""
        changed = False
        for node in self._nodes.values():
            if node.kind != "Activation" or len(node.inputs) != 1:
                continue
            inner = self._nodes[node.inputs[0].call]
            linear = inner.activation is None and inner.operation.inspectable
            if linear and inner.uses == 1 and applies_activation(inner.kind, inner.settings):
                inner.activation = str(node.settings["function"])
                self._same[Tensor(node.call.id)] = node.inputs[0]
                changed = True
        return changed

    def _forgive_index_dtypes(self) -> None:
        readers: dict[int, set[str]] = {}
        for node in self._nodes.values():
            for tensor in node.inputs:
                readers.setdefault(tensor.call, set()).add(node.kind)
        for call, node in self._nodes.items():
            looked_up = node.kind == "Input" and readers.get(call, set()) <= {"Embedding"}
            if looked_up and node.settings.get("dtype") in _INDEX_DTYPES:
                node.settings.pop("dtype")

    def _forgive_padding(self) -> None:
        """Set a layer's padding to `"valid"` where it pads none of the layer's calls."""
        calls: dict[int, list[_Node]] = {}
        for node in self._nodes.values():
            calls.setdefault(node.call.operation, []).append(node)
        for nodes in calls.values():
            if all(pads_nothing(node.kind, node.settings, self._first_shape(node)) for node in nodes):
                for node in nodes:
                    node.settings["padding"] = "valid"

    def _first_shape(self, node: _Node) -> Shape | None:
        return self._shape(node.inputs[0]) if node.inputs else None

    def _numbered(self) -> Graph:
        """Assign numbers in topological order; each call without weights gets an operation of its own."""
        numbers: dict[int, int] = {}
        for call in [*(tensor.call for tensor in self._graph.inputs), *self._in_order()]:
            numbers.setdefault(call, len(numbers))

        def renumbered(tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
            return tuple(Tensor(numbers[tensor.call], tensor.index) for tensor in tensors)

        operations: dict[int, Operation] = {}
        shared: dict[int, int] = {}
        calls: list[Call] = []
        for old, new in numbers.items():
            node = self._nodes[old]
            known = shared.get(node.call.operation) if _shares_weights(node) else None
            if known is None:
                known = len(operations)
                operations[known] = replace(
                    node.operation,
                    id=known,
                    kind=node.kind,
                    settings=node.settings,
                    written=_written(node),
                )
                shared[node.call.operation] = known
            calls.append(
                replace(
                    node.call,
                    id=new,
                    operation=known,
                    inputs=renumbered(node.inputs),
                    activation=node.activation,
                )
            )
        return replace(
            self._graph,
            operations=operations,
            calls=tuple(calls),
            inputs=renumbered(self._graph.inputs),
            outputs=renumbered(self._outputs),
        )

    def _in_order(self) -> list[int]:
        order: dict[int, None] = {}
        stack = [(tensor.call, False) for tensor in reversed(self._outputs)]
        stack = stack or [(call, False) for call in reversed(self._nodes)]
        while stack:
            call, entered = stack.pop()
            if call in order:
                continue
            if entered:
                order[call] = None
                continue
            stack.append((call, True))
            stack.extend((tensor.call, False) for tensor in reversed(self._nodes[call].inputs))
        return list(order)


def _written(node: _Node) -> dict[str, Setting]:
    """Return the axis as its author counted it, where the canonical graph counts it differently."""
    before, now = node.operation.settings.get("axis"), node.settings.get("axis")
    if type(before) is int and type(now) is int and before != now:
        return {"axis": before}
    return dict(node.operation.written) if "axis" in node.settings else {}


def _continues(inner: _Node, outer: _Node) -> bool:
    """Return whether a merge inside a merge is part of the same chain."""
    if inner.kind != outer.kind or not inner.operation.inspectable or not outer.operation.inspectable:
        return False
    return _plain_settings(inner) == _plain_settings(outer)


def _plain_settings(node: _Node) -> dict[str, Setting]:
    return {key: value for key, value in node.settings.items() if key != "constant"}


def _shares_weights(node: _Node) -> bool:
    return not node.operation.inspectable or allowed.holds_weights(node.kind)
