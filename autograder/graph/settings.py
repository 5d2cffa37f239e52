"""An operation's settings from its configuration: plain, in one spelling, with the defaults filled in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from autograder.graph import activations
from autograder.graph.allowed import Allowed, parameters_of
from autograder.graph.model import Setting
from autograder.graph.uninspectable import Reason
from autograder.messages import AutograderError

# These do not say what a network is, but how it is named, initialised, regularised or computed.
_DROPPED_NAMES = """
name trainable dtype seed use_cudnn unroll implementation unit_forget_bias weights quantization_config
flash_attention autocast build_config zero_output_for_mask lora_rank lora_alpha renorm_clipping
renorm_momentum synchronized gptq_unpacked_column_size
"""
DROPPED = frozenset(_DROPPED_NAMES.split())
STARTED_AND_HELD_BACK = ("_initializer", "_regularizer", "_constraint")
"""The endings of the settings for initialisers, regularisers and constraints."""
_LOWER_CASE = frozenset({"padding", "data_format", "interpolation", "pad_to_aspect_ratio", "merge_mode"})
_ACTIVATIONS = frozenset({"activation", "recurrent_activation"})
_MAX_RANK = 16
WRAPPED = ("layer", "backward_layer", "cell")
WRAPPED_LISTS = ("cells",)
LOOKUPS = frozenset({"IntegerLookup", "StringLookup", "TextVectorization"})
"""The layers with a vocabulary, whose size is a setting but no argument of the constructor."""
UNDECLARED = {"rms_scaling": False, "data_format": "channels_last"}
"""The settings that Keras's constructors take without declaring them, with their defaults."""

_APPLIES_ACTIVATION_NAMES = """
Dense EinsumDense Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose DepthwiseConv1D
DepthwiseConv2D SeparableConv1D SeparableConv2D
"""
APPLIES_ACTIVATION = frozenset(_APPLIES_ACTIVATION_NAMES.split())
"""The layers that apply their `activation` to their result, and nowhere inside."""


class UninspectableError(AutograderError):
    """A configuration with something that a graph cannot hold: `origin` names it, `reason` says why not."""

    def __init__(self, origin: str, reason: Reason) -> None:
        super().__init__(origin)
        self.origin = origin
        self.reason = reason


def settings_of(
    entry: Allowed,
    config: Mapping[str, Any],
    wrapped: Callable[[int], tuple[str, dict[str, Setting]]],
) -> dict[str, Setting]:
    """Return the settings of one operation.

    Args:
        entry: the operation's class.
        config: its configuration, as the evidence has it.
        wrapped: returns the kind and settings of a wrapped layer, given its number in the evidence's table.

    Raises:
        UninspectableError: the configuration holds a learner's own function or object.
    """
    found: dict[str, Setting] = {}
    for name, default in parameters_of(entry.cls, "__init__"):
        # A required dtype is part of what an operation does, as in `Cast`; any other says how it computes.
        told_dtype = name == "dtype" and default is inspect.Parameter.empty
        if (name in DROPPED and not told_dtype) or name.endswith(STARTED_AND_HELD_BACK):
            continue
        value = config.get(name, default)
        if value is inspect.Parameter.empty:
            value = None
        if name in WRAPPED and isinstance(value, dict):
            _tell_wrapped(found, name, value, wrapped)
        elif name in WRAPPED_LISTS and isinstance(value, list):
            for index, item in enumerate(value):
                _tell_wrapped(found, f"{name}.{index}", item, wrapped)
        elif name in _ACTIVATIONS:
            found[name] = _activation(value, name)
        elif name not in WRAPPED:
            found[name] = _setting(value, name)
    for name, default in UNDECLARED.items():
        if name not in found and (value := config.get(name, default)) != default:
            found[name] = _setting(value, name)
    size = config.get("vocabulary_size")
    if entry.kind in LOOKUPS and type(size) is int:
        found["vocabulary_size"] = size
    dtype = _dtype(config.get("dtype"))
    if dtype != "float32":
        found["dtype"] = dtype
    return _without_mirrored(found)


def input_settings(config: Mapping[str, Any]) -> tuple[dict[str, Setting], tuple[int | None, ...] | None]:
    """Return an input's settings (those that are not the default) and its shape, batch axis first."""
    settings: dict[str, Setting] = {}
    dtype = _dtype(config.get("dtype"))
    if dtype != "float32":
        settings["dtype"] = dtype
    for name in ("sparse", "ragged", "optional"):
        if config.get(name) is True:
            settings[name] = True
    shape = config.get("batch_shape")
    if not isinstance(shape, list | tuple) or len(shape) > _MAX_RANK:
        return settings, None
    if not all(size is None or (type(size) is int and size >= 0) for size in shape):
        return settings, None
    return settings, tuple(shape)


def _tell_wrapped(
    found: dict[str, Setting],
    name: str,
    value: Any,
    wrapped: Callable[[int], tuple[str, dict[str, Setting]]],
) -> None:
    kind, inner = wrapped(_wrapped_number(value, name))
    found[f"{name}.kind"] = kind
    found.update({f"{name}.{key}": setting for key, setting in inner.items()})


def _wrapped_number(value: Any, name: str) -> int:
    number = value.get("operation") if isinstance(value, dict) else None
    if type(number) is not int:
        raise UninspectableError(name, "object_setting")
    return number


def _activation(value: Any, setting: str) -> Setting:
    name = activations.configured(value)
    if name is None:
        raise UninspectableError(f"{setting} {_told(value)}", "own_function")
    return name


def _told(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for key in ("function", "class_name", "opaque"):
            if isinstance(value.get(key), str):
                return str(value[key])
    return "function"


def _setting(value: Any, name: str) -> Setting:
    if isinstance(value, list | tuple):
        return tuple(_setting(item, name) for item in value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value.lower() if name in _LOWER_CASE else value
    if name == "dtype":
        return _dtype(value)
    told = _told(value)
    raise UninspectableError(f"{name} {told}", "own_function" if "function" in told else "object_setting")


def _dtype(value: Any) -> str:
    """Return the name of a dtype or of a dtype policy."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        config = value.get("config")
        name = config.get("name") if isinstance(config, dict) else None
        return name if isinstance(name, str) else "unknown"
    return "float32"


def _without_mirrored(settings: dict[str, Setting]) -> dict[str, Setting]:
    """Drop a backward layer that is merely the forward one reversed, as `Bidirectional` makes it."""
    prefix = "backward_layer."
    backward = {key.removeprefix(prefix): value for key, value in settings.items() if key.startswith(prefix)}
    if not backward:
        return settings
    forward = {
        key.removeprefix("layer."): value for key, value in settings.items() if key.startswith("layer.")
    }
    turned = {**forward, "go_backwards": not forward.get("go_backwards", False)}
    if backward != turned:
        return settings
    return {key: value for key, value in settings.items() if not key.startswith(prefix)}
