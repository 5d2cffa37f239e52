"""A Keras model as evidence: its graph of calls, and every operation in it by identity.

The walk goes from the outputs to the inputs over Keras's own nodes. It reads instance dictionaries rather
than attributes, and calls `get_config` only of Keras's classes, never of a learner's.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

import keras
from keras.src.layers.core.input_layer import InputLayer
from keras.src.models.functional import Functional
from keras.src.models.sequential import Sequential

from autograder.evidence import compiling
from autograder.evidence.classes import is_genuine, type_name_parts
from autograder.evidence.plainly import array, is_array, number, plain, text, type_name
from autograder.evidence.schema import MAX_ITEMS, MAX_NAME
from autograder.evidence.stand_in import StandIn
from autograder.graph.allowed import parameters_of
from autograder.graph.settings import STARTED_AND_HELD_BACK

_WRAPPED: dict[type, Mapping[str, str]] = {
    keras.layers.TimeDistributed: {"layer": "layer"},
    keras.layers.Bidirectional: {"layer": "forward_layer", "backward_layer": "backward_layer"},
    keras.layers.SpectralNormalization: {"layer": "layer"},
    keras.layers.RNN: {"cell": "cell"},
    keras.layers.StackedRNNCells: {"cells": "cells"},
    **({keras.layers.Pipeline: {"layers": "_pipeline_layers"}} if hasattr(keras.layers, "Pipeline") else {}),
}
_WRAPPER_SETTINGS: dict[type, tuple[str, ...]] = {
    keras.layers.TimeDistributed: (),
    keras.layers.Bidirectional: ("merge_mode",),
    keras.layers.SpectralNormalization: ("power_iterations",),
    keras.layers.RNN: (
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "zero_output_for_mask",
    ),
}
# These classes hold code, not configuration.
_WITHOUT_CONFIGURATION = (keras.layers.Lambda, keras.Model)


def fields(thing: object) -> dict[str, Any]:
    """Return an object's instance dictionary, whatever its class does with attributes."""
    found = object.__getattribute__(thing, "__dict__")
    return found if type(found) is dict else dict(found)


def genuine_base(kind: type) -> type | None:
    """Return the nearest class of Keras that a learner's class is derived from."""
    return next((base for base in type.__getattribute__(kind, "__mro__") if is_genuine(base)), None)


def functional_of(model: object) -> Functional | None:
    """Return the functional model that holds a model's graph; None for an unbuilt or a subclassed model."""
    kind: Any = type(model)
    if issubclass(kind, Sequential):
        if kind.call is not Sequential.call or "call" in fields(model):
            return None
        inner = fields(model).get("_functional")
        return inner if type(inner) is Functional else None
    if issubclass(kind, Functional) and kind.call is Functional.call and "call" not in fields(model):
        return model if "_nodes" in fields(model) else None
    return None


def capture_model(model: object) -> dict[str, Any]:
    """Return a model's evidence, with `operations`, `graphs`, `graph` (None where it has none), `compile`."""
    walk = _Walk()
    graph = walk.graph(model)
    module, name = type_name_parts(type(model))
    return {
        "name": text(fields(model).get("name", ""), MAX_NAME),
        "class": {"module": module, "name": name},
        "inspectable": graph is not None,
        "operations": walk.operations,
        "graphs": walk.graphs,
        "graph": graph,
        "compile": compiling.capture_compile(fields(model)),
    }


def capture_layer(layer: object) -> dict[str, Any]:
    """Return a single layer's evidence: `operation`, and what it wraps in `operations` and `graphs`."""
    walk = _Walk()
    index = walk.operation(layer)
    return {
        "kind": "layer",
        "operation": walk.operations[index],
        "operations": walk.operations,
        "graphs": walk.graphs,
    }


class _Walk:
    """One pass over a model and the models nested in it, with one table of operations."""

    def __init__(self) -> None:
        self.operations: list[dict[str, Any]] = []
        self.graphs: list[dict[str, Any]] = []
        self._operation_ids: dict[int, int] = {}
        self._graph_ids: dict[int, int | None] = {}
        # `id` is an identity only while the object lives.
        self._kept: list[object] = []

    def operation(self, operation: Any) -> int:
        """Return the index of an operation in the table, adding it if it is new."""
        known = self._operation_ids.get(id(operation))
        if known is not None:
            return known
        index = len(self.operations)
        self._operation_ids[id(operation)] = index
        self._kept.append(operation)
        entry: dict[str, Any] = {}
        self.operations.append(entry)

        kind = type(operation)
        values = fields(operation)
        module, name = type_name_parts(kind)
        custom = not is_genuine(kind) or "call" in values
        base = genuine_base(kind)
        entry["id"] = index
        entry["module"] = module
        entry["class_name"] = name
        entry["name"] = text(values.get("name", ""), MAX_NAME)
        entry["custom"] = custom
        entry["base"] = None
        if kind is StandIn:
            entry["stand_in"] = [text(values["task"], MAX_NAME), values["number"]]
        if custom and base is not None:
            base_module, base_name = type_name_parts(base)
            entry["base"] = {"module": base_module, "name": base_name}
        is_model = issubclass(kind, keras.Model)
        entry["graph"] = self.graph(operation) if is_model else None
        entry["config"] = self._configuration(operation, base)
        return index

    def _configuration(self, operation: Any, base: type | None) -> dict[str, Any] | None:
        """Return the configuration that Keras's own class gives; None where it gives none."""
        if base is None or issubclass(base, _WITHOUT_CONFIGURATION):
            return {}
        wrapped = _WRAPPED.get(base)
        try:
            found = plain(_configured(operation, base, base if wrapped is None else keras.layers.Layer))
        except Exception:
            found = _by_attributes(operation, base)
        if type(found) is not dict:
            return None
        values = fields(operation)
        for setting in ("activation", "recurrent_activation"):
            if setting in found:
                found[setting] = _activation(values, setting, found[setting])
        if "_lookup_layer" in values:
            # The size that is counted before a vocabulary is learned is not the one that shapes depend on.
            found["vocabulary_size"] = plain(fields(values["_lookup_layer"]).get("_frozen_vocab_size"))
        if wrapped is not None:
            for setting in _WRAPPER_SETTINGS.get(base, ()):
                found[setting] = plain(values.get(setting))
            for setting, attribute in wrapped.items():
                found[setting] = self._wrapped(values[attribute])
        return found

    def _wrapped(self, inner: Any) -> Any:
        if issubclass(type(inner), list | tuple):
            return [{"operation": self.operation(layer)} for layer in inner]
        return {"operation": self.operation(inner)}

    def graph(self, model: Any) -> int | None:
        """Return the index of a model's graph in the table; None for a model without a graph."""
        if id(model) in self._graph_ids:
            return self._graph_ids[id(model)]
        functional = functional_of(model)
        self._kept.append(model)
        if functional is None:
            self._graph_ids[id(model)] = None
            return None
        index = len(self.graphs)
        self._graph_ids[id(model)] = index
        entry: dict[str, Any] = {}
        self.graphs.append(entry)

        values = fields(functional)
        inputs = list(values["_inputs"])
        outputs = list(values["_outputs"])
        calls = _Calls(self, inputs, outputs)
        entry["inputs"] = [calls.reference(tensor) for tensor in inputs]
        entry["outputs"] = [calls.reference(tensor) for tensor in outputs]
        entry["input_names"] = [_operation_name(tensor) for tensor in inputs]
        entry["output_names"] = [_operation_name(tensor) for tensor in outputs]
        entry["input_keys"] = _keys(values.get("_inputs_struct"), len(inputs))
        entry["output_keys"] = _keys(values.get("_outputs_struct"), len(outputs))
        entry["calls"] = calls.entries
        return index


class _Calls:
    """The calls between some tensors, each after the calls that it reads."""

    def __init__(self, walk: _Walk, inputs: list[Any], outputs: list[Any]) -> None:
        self.entries: list[dict[str, Any]] = []
        self._walk = walk
        self._ids: dict[tuple[int, int], int] = {}
        for tensor in inputs:
            self._enter(tensor, is_input=True)
        for tensor in outputs:
            self._visit(tensor)

    def reference(self, tensor: Any) -> list[int]:
        """Return a tensor as `[call id, output index]`."""
        operation, node, index = tensor._keras_history
        return [self._ids[id(operation), node], index]

    def _visit(self, output: Any) -> None:
        # This uses a stack, because a long chain of layers would exceed Python's recursion limit.
        stack = [(output, False)]
        while stack:
            tensor, entered = stack.pop()
            operation, node, _ = tensor._keras_history
            if (id(operation), node) in self._ids:
                continue
            if entered:
                self._enter(tensor)
                continue
            stack.append((tensor, True))
            sources = fields(operation)["_inbound_nodes"][node].arguments.keras_tensors
            stack.extend((source, False) for source in reversed(sources))

    def _enter(self, tensor: Any, is_input: bool = False) -> None:
        operation, node, _ = tensor._keras_history
        key = (id(operation), node)
        if key in self._ids:
            return
        found = fields(operation)["_inbound_nodes"][node]
        call = len(self.entries)
        index = self._walk.operation(operation)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        if not is_input and not issubclass(type(operation), InputLayer):
            arguments = found.arguments
            if self._walk.operations[index]["graph"] is not None:
                args = [{"list": self._model_inputs(operation, arguments.args, arguments.kwargs)}]
            else:
                args = [self._argument(value) for value in arguments.args]
                kwargs = {
                    text(key, MAX_NAME): self._argument(value) for key, value in arguments.kwargs.items()
                }
        self._ids[key] = call
        self.entries.append(
            {
                "id": call,
                "operation": index,
                "args": args,
                "kwargs": kwargs,
                "outputs": [
                    {"shape": list(out.shape), "dtype": text(str(out.dtype), MAX_NAME)}
                    for out in found.outputs
                ],
            }
        )

    def _model_inputs(self, model: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return what a nested model was called with, in the order of its own inputs."""
        given = args[0] if args else kwargs["inputs"]
        values = fields(functional_of(model))
        if issubclass(type(given), dict) and not issubclass(type(values["_inputs_struct"]), dict):
            names = [_operation_name(tensor) for tensor in values["_inputs"]]
            if set(names) <= set(given):
                given = [given[name] for name in names]
        return [self._argument(value) for value in keras.tree.flatten(given)]

    def _argument(self, value: Any, nesting: int = 0) -> dict[str, Any]:
        kind = type(value)
        if issubclass(kind, keras.KerasTensor):
            history = fields(value).get("_keras_history")
            return {"opaque": "KerasTensor"} if history is None else {"tensor": self.reference(value)}
        if value is None or kind is bool:
            return {"value": value}
        if issubclass(kind, int | float):
            return {"value": number(value)}
        if issubclass(kind, str):
            return {"value": text(value)}
        if value is Ellipsis:
            return {"value": "..."}
        if kind is slice:
            return {
                "slice": [
                    part if type(part) is int else None for part in (value.start, value.stop, value.step)
                ]
            }
        if nesting < 8 and issubclass(kind, list | tuple):
            return {"list": [self._argument(item, nesting + 1) for item in value[:MAX_ITEMS]]}
        if nesting < 8 and issubclass(kind, dict):
            return {"list": [self._argument(value[key], nesting + 1) for key in sorted(value)]}
        if is_array(value):
            found = array(value)
            if found is not None:
                return {"array": found}
        return {"opaque": type_name(value)}


def _configured(operation: Any, base: type, teller: Any) -> dict[str, Any]:
    """Return an operation's configuration by Keras's class, less initializers, regularizers and constraints.

    These are not part of a network, and serialising them took longer than all the rest. So `get_config` is
    called on a copy that has none of them, and none of the learner's methods either.
    """
    stand_in: Any = object.__new__(base)
    object.__getattribute__(stand_in, "__dict__").update(
        (name, None if name.endswith(STARTED_AND_HELD_BACK) else value)
        for name, value in fields(operation).items()
    )
    told: dict[str, Any] = teller.get_config(stand_in)
    return {name: value for name, value in told.items() if not name.endswith(STARTED_AND_HELD_BACK)}


def _by_attributes(operation: Any, base: type) -> dict[str, Any] | None:
    """Return an operation's configuration by its attributes: Keras itself gives none with NumPy's numbers."""
    values = fields(operation)
    names = [name for name, _ in parameters_of(base, "__init__") if name != "name"]
    if issubclass(base, keras.layers.Layer) or not all(name in values for name in names):
        return None
    return {name: plain(values[name]) for name in names}


def _activation(values: Mapping[str, Any], setting: str, told: Any) -> Any:
    """Return an activation as configured; a function with its module, because others may have its name."""
    function: Any = values.get(setting)
    if function is None and "cell" in values:
        function = fields(values["cell"]).get(setting)
    if type(function) is keras.layers.Activation and "call" not in fields(function):
        # The layer's own configuration has only the bare name of a function.
        applied = keras.layers.Activation.get_config(function)["activation"]
        return _activation(fields(function), "activation", plain(applied))
    if not issubclass(type(function), FunctionType):
        return told
    module, name = function.__module__, function.__name__
    if type(module) is not str or type(name) is not str:
        return {"opaque": type_name(function)}
    if module == "keras.src.activations.activations" and getattr(sys.modules[module], name, None) is function:
        return told
    genuine = getattr(sys.modules.get(module), name, None) is function
    return {"function": text(f"{module}.{name}" if genuine else f"__main__.{name}", MAX_NAME)}


def _operation_name(tensor: Any) -> str:
    return text(fields(tensor._keras_history[0]).get("name", ""), MAX_NAME)


def _keys(structure: Any, count: int) -> list[str] | None:
    """Return the keys of a flat dict of tensors, in the order in which Keras flattens it."""
    if not issubclass(type(structure), dict):
        return None
    keys = sorted(dict.keys(structure))
    return [text(key, MAX_NAME) for key in keys] if len(keys) == count else None
