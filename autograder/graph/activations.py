"""Activations by one name each, however they were spelled: `relu`, `leaky_relu(negative_slope=0.3)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.graph.model import Setting

LINEAR = "linear"

# Each activation with the settings that it takes when it is named by a string.
_DEFAULTS: dict[str, dict[str, Setting]] = {
    "celu": {"alpha": 1.0},
    "elu": {"alpha": 1.0},
    "exponential": {},
    "gelu": {"approximate": False},
    "hard_shrink": {"threshold": 0.5},
    "hard_sigmoid": {},
    "hard_silu": {},
    "hard_tanh": {},
    "leaky_relu": {"negative_slope": 0.2},
    "log_sigmoid": {},
    "log_softmax": {"axis": -1},
    "mish": {},
    "relu": {"negative_slope": 0.0, "max_value": None, "threshold": 0.0},
    "relu6": {},
    "selu": {},
    "sigmoid": {},
    "silu": {},
    "soft_shrink": {"threshold": 0.5},
    "softmax": {"axis": -1},
    "softplus": {},
    "softsign": {},
    "sparse_plus": {},
    "sparse_sigmoid": {},
    "sparsemax": {"axis": -1},
    "squareplus": {"b": 4},
    "tanh": {},
    "tanh_shrink": {},
}
_ALIASES = {"swish": "silu", "hard_swish": "hard_silu", "exp": "exponential", "softmax_v2": "softmax"}
_LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax"}
# For functions of these modules, the name alone says what they compute.
_FUNCTION_MODULES = (
    "keras.src.activations.activations",
    "keras.src.ops.nn",
    "keras.src.ops.numpy",
    "tensorflow.",
)


def named(name: str, settings: Mapping[str, Setting] | None = None) -> str | None:
    """Return the canonical name of an activation with its settings, or `linear`; None where it is unknown."""
    name = _ALIASES.get(name, name)
    if name == LINEAR:
        return LINEAR
    defaults = _DEFAULTS.get(name)
    if defaults is None:
        return None
    given = {
        key: value for key, value in (settings or {}).items() if key in defaults and value != defaults[key]
    }
    if name == "relu" and set(given) == {"negative_slope"}:
        return named("leaky_relu", given)
    if name == "relu" and given == {"max_value": 6}:
        return "relu6"
    if not given:
        return name
    told = ", ".join(f"{key}={_told(given[key])}" for key in defaults if key in given)
    return f"{name}({told})"


def _told(value: Setting) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def configured(value: Any) -> str | None:
    """Return the canonical name of a configured `activation`: None, a name, a function, or a layer."""
    if value is None:
        return LINEAR
    if isinstance(value, str):
        return named(value)
    if not isinstance(value, dict):
        return None
    function = value.get("function")
    if isinstance(function, str):
        module, _, name = function.rpartition(".")
        if not module.startswith(_FUNCTION_MODULES):
            return None
        # Only this function has another default than the activation of the same name.
        approximate = module == "keras.src.ops.nn" and name == "gelu"
        return named(name, {"approximate": True} if approximate else None)
    if value.get("module") not in ("keras.layers", "keras.src.layers.activations"):
        return None
    config = value.get("config")
    name = _LAYERS.get(str(value.get("class_name")), "")
    return named(name, config) if isinstance(config, dict) else None


def of_operation(kind: str, settings: Mapping[str, Setting]) -> str | None:
    """Return the activation that is all an operation does, or `linear`; None for any other operation."""
    if kind == "Activation":
        name = settings.get("function", settings.get("activation"))
        return name if isinstance(name, str) else None
    if kind in _LAYERS:
        return named(_LAYERS[kind], settings)
    if kind == "activations.re_lu":
        return named("relu", settings)
    if kind == "Identity":
        return LINEAR
    prefix, _, name = kind.partition(".")
    return named(name, settings) if prefix == "ops" else None
