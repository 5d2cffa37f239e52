"""Stand-ins: what later tasks are given in place of an earlier task's function or model that is not right.

A stand-in is called on tensors and returns tensors of the right shapes, which is all that it reveals of the
solution. In a model that was made with it, the grader replaces it by the reference's graph (`graph.read`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import keras

from autograder.evidence.capture import capture
from autograder.evidence.schema import (
    KnownCall,
    ProbeRequest,
    Replacement,
    TensorRequest,
)

Record = Callable[[dict[str, Any]], None]


class StandIn(keras.Operation):  # type: ignore[misc]
    """The inside of one known call: it takes tensors and returns tensors of the known shapes."""

    def __init__(self, task: str, number: int, outputs: Sequence[TensorRequest]) -> None:
        super().__init__()
        self.task = task
        self.number = number
        self._given_back = tuple(outputs)

    def compute_output_spec(self, _tensors: Any) -> list[Any]:
        """Return symbolic tensors of the outputs' shapes, without looking at the given ones."""
        return [
            keras.KerasTensor((None, *output["shape"]), dtype=output["dtype"]) for output in self._given_back
        ]

    def call(self, _tensors: Any) -> Any:
        """Refuse to compute with numbers.

        Raises:
            ValueError: always.
        """
        raise ValueError("a stand-in has no weights to reckon with")


def put(namespace: MutableMapping[str, Any], task: str, replacement: Replacement, record: Record) -> None:
    """Make a task's name refer to its stand-in, or to the same function with its calls recorded."""
    name = replacement["name"]
    calls = replacement.get("calls")
    if calls is None:
        if callable(namespace.get(name)) and not isinstance(namespace[name], keras.Model):
            namespace[name] = _recording(task, namespace[name], record)
    elif replacement.get("parameters") is None:
        namespace[name] = _given_back(task, 0, calls[0], ())
    else:
        namespace[name] = _function(task, replacement)


def _function(task: str, replacement: Replacement) -> Callable[..., Any]:
    signature = inspect.Signature(
        [
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=(*default, inspect.Parameter.empty)[0]
            )
            for name, *default in replacement.get("parameters") or ()
        ]
    )
    calls = replacement["calls"]
    known = [call["inputs"] for call in calls]

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        given = _arguments(signature, args, kwargs)
        asked = _request(given)
        if asked not in known:
            raise ValueError(f"{replacement['name']} is not known to be called with {asked}")
        number = known.index(asked)
        tensors = [value for value in given if isinstance(value, keras.KerasTensor)]
        return _given_back(task, number, calls[number], tensors)

    stand_in.__name__ = replacement["name"]
    return stand_in


def _given_back(task: str, number: int, call: KnownCall, tensors: Sequence[Any]) -> Any:
    """Return what a known call returns: tensors made from tensors, or a model with inputs of its own."""
    if tensors:
        found = StandIn(task, number, call["outputs"])(list(tensors))
        return found if call["several"] else found[0]
    inputs = [
        keras.Input(tuple(entry["shape"]), dtype=entry["dtype"], name=entry["name"])
        for entry in call["model_inputs"]
    ]
    made = StandIn(task, number, call["outputs"])(inputs)
    # An output is named after the operation that makes it.
    outputs = [
        keras.layers.Identity(name=output["name"])(tensor)
        for output, tensor in zip(call["outputs"], made, strict=True)
    ]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if call["several"] else outputs[0])


def _recording(task: str, function: Callable[..., Any], record: Record) -> Callable[..., Any]:
    """Return the same function, but one that records each new way in which it is called, as a probe."""
    signature = inspect.signature(function)
    told = [
        [name] if parameter.default is inspect.Parameter.empty else [name, parameter.default]
        for name, parameter in signature.parameters.items()
    ]
    known: list[ProbeRequest | None] = [None]

    @functools.wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        asked = _request(_arguments(signature, args, kwargs))
        if asked not in known:
            known.append(asked)
            document = capture(task, [told, function], [asked or ()])
            record(document)
        return function(*args, **kwargs)

    return recorded


def _arguments(signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return list(bound.arguments.values())


def _request(arguments: Sequence[Any]) -> ProbeRequest | None:
    """Return a call as a probe's request; None where it has arguments that no probe can have."""
    asked: list[dict[str, Any]] = []
    for value in arguments:
        if isinstance(value, keras.KerasTensor):
            asked.append({"shape": list(value.shape[1:]), "dtype": str(value.dtype)})
        elif value is None or type(value) in (bool, int, float, str):
            asked.append({"value": value})
        else:
            return None
    return asked
