"""One spelling for each operation: activations, merges, constants and axes as a canonical graph has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.graph import activations, constants
from autograder.graph.model import Setting, Shape
from autograder.graph.settings import APPLIES_ACTIVATION

CHAINED = frozenset({"Add", "Multiply", "Maximum", "Minimum"})
"""The merges that can be chained: a chain of them is the same as one merge of all operands."""

_SAME = frozenset({"ops.convert_to_tensor", "ops.copy"})
# Their axis counts the dimensions of their result, not of their input.
_AXIS_OF_RESULT = frozenset({"ops.stack", "ops.expand_dims", "ops.one_hot"})
_DIVISIONS = frozenset({"ops.true_divide", "ops.divide"})
_CONSTANTS = ("call.x1", "call.x2", "constant")


def respelled(
    kind: str, settings: Mapping[str, Setting], inputs: Sequence[Shape | None]
) -> tuple[str, dict[str, Setting]]:
    """Return an operation's canonical kind and settings, given its inputs' shapes as far as they are known.

    An operation that returns its only input unchanged becomes `Identity`.
    """
    shape = inputs[0] if inputs else None
    found = dict(settings) if kind in _AXIS_OF_RESULT else _axes_from_the_end(settings, shape)
    if applies_activation(kind, found):
        found.pop("activation", None)
        found.pop("layer.activation", None)
        return kind, found
    function = activations.of_operation(kind, found)
    if function is not None:
        return _activation(function, found)
    if kind in _SAME:
        return "Identity", {}
    if kind == "ops.reshape":
        return _reshape(found, shape)
    return _arithmetic(kind, found, inputs)


def applies_activation(kind: str, settings: Mapping[str, Setting]) -> bool:
    """Return whether an operation has an activation that it applies to its result."""
    return kind in APPLIES_ACTIVATION or (
        kind == "TimeDistributed" and settings.get("layer.kind") in APPLIES_ACTIVATION
    )


def _activation(function: str, settings: Mapping[str, Setting]) -> tuple[str, dict[str, Setting]]:
    if function == activations.LINEAR:
        return "Identity", {}
    found: dict[str, Setting] = {"function": function}
    if "dtype" in settings:
        found["dtype"] = settings["dtype"]
    return "Activation", found


def _axes_from_the_end(settings: Mapping[str, Setting], shape: Shape | None) -> dict[str, Setting]:
    found = dict(settings)
    if shape is None or "axis" not in found:
        return found
    rank = len(shape)
    axis = found["axis"]
    if isinstance(axis, tuple):
        found["axis"] = tuple(_from_the_end(entry, rank) for entry in axis)
    else:
        found["axis"] = _from_the_end(axis, rank)
    return found


def _from_the_end(axis: Setting, rank: int) -> Setting:
    return axis - rank if type(axis) is int and 0 <= axis < rank else axis


def _reshape(settings: dict[str, Setting], shape: Shape | None) -> tuple[str, dict[str, Setting]]:
    """Return `ops.reshape(x, (-1, …))` as the `Reshape` layer where it leaves the batch axis as it is."""
    new = settings.get("newshape")
    known = shape is not None and shape[:1] == (None,) and None not in shape[1:]
    if known and isinstance(new, tuple) and len(new) > 1 and new[0] == -1 and -1 not in new[1:]:
        return "Reshape", {"target_shape": new[1:]}
    return "ops.reshape", settings


def _arithmetic(
    kind: str, settings: dict[str, Setting], inputs: Sequence[Shape | None]
) -> tuple[str, dict[str, Setting]]:
    given = [settings[key] for key in _CONSTANTS if key in settings]
    if kind in CHAINED:
        return _merge(kind, settings, given, inputs)
    second = settings.get("call.x2")
    if kind == "Subtract" and constants.is_number(second):
        return _merge("Add", _without_constants(settings), [-second], inputs)
    if kind in _DIVISIONS and constants.is_number(second) and second != 0:
        return _merge("Multiply", _without_constants(settings), [1 / second], inputs)
    if kind == "ops.negative":
        return "Multiply", {**settings, "constant": -1}
    if kind in ("Average", "Concatenate") and len(inputs) == 1:
        return "Identity", {}
    return kind, settings


def _merge(
    kind: str, settings: dict[str, Setting], given: Sequence[Setting], inputs: Sequence[Shape | None]
) -> tuple[str, dict[str, Setting]]:
    shape = inputs[0] if len(inputs) == 1 else None
    kept = constants.combined(
        kind, (value for value in given if not constants.without_effect(kind, value, shape))
    )
    found = _without_constants(settings)
    if kept is not None:
        if kind == "Maximum" and kept == 0 and len(inputs) == 1:
            return _activation("relu", found)
        return kind, {**found, "constant": kept}
    return ("Identity", {}) if len(inputs) == 1 else (kind, found)


def _without_constants(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    return {key: value for key, value in settings.items() if key not in _CONSTANTS and key != "call.roles"}
