"""Turns a graph into plain JSON and back: reports carry it so that it can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.graph.model import Call, Compiled, Graph, Operation, Setting, Tensor


def plain(graph: Graph) -> dict[str, Any]:
    """Return a graph as plain JSON, from which `from_plain` makes an equal graph.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import plain
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> plain(graph)["input_names"]
    ['x']
    """
    return {
        "name": graph.name,
        "operations": [_plain_operation(operation) for operation in graph.operations.values()],
        "calls": [_plain_call(call) for call in graph.calls],
        "inputs": [_plain_tensor(tensor) for tensor in graph.inputs],
        "outputs": [_plain_tensor(tensor) for tensor in graph.outputs],
        "input_names": list(graph.input_names),
        "output_names": list(graph.output_names),
        "compiled": None if graph.compiled is None else _plain_compiled(graph.compiled),
    }


def from_plain(document: Mapping[str, Any]) -> Graph:
    """Return the graph that `plain` wrote down.

    Raises:
        KeyError, TypeError: it is not such a document.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import from_plain, plain
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> from_plain(plain(graph)) == graph
    True
    """
    compiled = document["compiled"]
    return Graph(
        operations={entry["id"]: _operation(entry) for entry in document["operations"]},
        calls=tuple(_call(entry) for entry in document["calls"]),
        inputs=tuple(Tensor(*entry) for entry in document["inputs"]),
        outputs=tuple(Tensor(*entry) for entry in document["outputs"]),
        input_names=tuple(document["input_names"]),
        output_names=tuple(document["output_names"]),
        compiled=None if compiled is None else _compiled(compiled),
        name=document["name"],
    )


def _plain_operation(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "kind": operation.kind,
        "name": operation.name,
        "settings": {key: _plain_setting(value) for key, value in operation.settings.items()},
        "inspectable": operation.inspectable,
        "origin": operation.origin,
        # Graphs that were released before there was a reason are read, too; all of theirs can be inspected.
        **({"reason": operation.reason} if operation.reason else {}),
        **({"written": dict(operation.written)} if operation.written else {}),
    }


def _operation(entry: Mapping[str, Any]) -> Operation:
    settings = {key: _setting(value) for key, value in entry["settings"].items()}
    return Operation(
        entry["id"],
        entry["kind"],
        entry["name"],
        settings,
        entry["inspectable"],
        entry["origin"],
        entry.get("reason", ""),
        entry.get("written", {}),
    )


def _plain_call(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "operation": call.operation,
        "inputs": [_plain_tensor(tensor) for tensor in call.inputs],
        "shapes": [list(shape) for shape in call.shapes],
        "activation": call.activation,
        "path": list(call.path),
    }


def _call(entry: Mapping[str, Any]) -> Call:
    return Call(
        id=entry["id"],
        operation=entry["operation"],
        inputs=tuple(Tensor(*tensor) for tensor in entry["inputs"]),
        shapes=tuple(tuple(shape) for shape in entry["shapes"]),
        activation=entry["activation"],
        path=tuple(entry["path"]),
    )


def _plain_compiled(compiled: Compiled) -> dict[str, Any]:
    return {
        "optimizer": compiled.optimizer,
        "losses": dict(compiled.losses),
        "loss_weights": dict(compiled.loss_weights),
        "metrics": {name: list(metrics) for name, metrics in compiled.metrics.items()},
        "unmatched_losses": list(compiled.unmatched_losses),
        "unmatched_loss_weights": list(compiled.unmatched_loss_weights),
        "unmatched_metrics": list(compiled.unmatched_metrics),
        "surplus": dict(compiled.surplus),
        "weights_by_alphabet": compiled.weights_by_alphabet,
    }


def _compiled(entry: Mapping[str, Any]) -> Compiled:
    return Compiled(
        optimizer=entry["optimizer"],
        losses=dict(entry["losses"]),
        loss_weights=dict(entry["loss_weights"]),
        metrics={name: tuple(metrics) for name, metrics in entry["metrics"].items()},
        unmatched_losses=tuple(entry["unmatched_losses"]),
        unmatched_loss_weights=tuple(entry["unmatched_loss_weights"]),
        unmatched_metrics=tuple(entry["unmatched_metrics"]),
        # Reports that were written before this was looked at do not have it.
        surplus=dict(entry.get("surplus", {})),
        weights_by_alphabet=bool(entry.get("weights_by_alphabet", False)),
    )


def _plain_tensor(tensor: Tensor) -> list[int]:
    return [tensor.call, tensor.index]


def _plain_setting(value: Setting) -> Any:
    return [_plain_setting(item) for item in value] if isinstance(value, tuple) else value


def _setting(value: Any) -> Setting:
    if isinstance(value, list):
        return tuple(_setting(item) for item in value)
    found: Setting = value
    return found
