"""Builds Keras's own objects from a graph's plain settings, by constructor calls of our own.

Nothing here allocates a weight or runs an operation, so a process may still be forked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograder.graph import allowed
from autograder.graph.model import Setting, Shape
from autograder.graph.settings import LOOKUPS, WRAPPED, WRAPPED_LISTS

_TAKES_LIST = {
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"),
    *("Attention", "AdditiveAttention", "HashedCrossing"),
    *("ops.stack", "ops.hstack", "ops.vstack", "ops.dstack"),
    *("ops.fft", "ops.fft2", "ops.ifft2", "ops.irfft", "ops.istft"),
}


def takes_list(kind: str) -> bool:
    """Return whether operations of a kind take their tensors as one list, not one by one."""
    return kind in _TAKES_LIST


@contextmanager
def without_weights() -> Iterator[None]:
    """Let Keras build layers without allocating or remembering their weights."""
    import keras
    from keras.src.backend.common import global_state

    before = global_state.get_global_attribute("uninitialized_variables") or []
    global_state.set_global_attribute("uninitialized_variables", [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute("uninitialized_variables", before)


def build(kind: str, settings: Mapping[str, Setting]) -> Any:
    """Return a Keras operation of that kind, with those settings and no weights.

    Raises:
        KeyError: the kind is not on the allow-list.
        Exception: Keras refuses the settings.
    """
    entry = allowed.by_kind(kind)
    if entry is None:
        raise KeyError(kind)
    known = {name for name, _ in allowed.parameters_of(entry.cls, "__init__")}
    given: dict[str, Any] = {}
    for name in WRAPPED:
        if f"{name}.kind" in settings:
            below = _below(settings, name)
            inner = str(below.pop("kind"))
            given[name] = build(inner, below)
            if kind == "Bidirectional" and name == "layer":
                given["backward_layer"] = build(inner, below)
    for name in WRAPPED_LISTS:
        while f"{name}.{len(given.get(name, ()))}.kind" in settings:
            below = _below(settings, f"{name}.{len(given.get(name, ()))}")
            given.setdefault(name, []).append(build(str(below.pop("kind")), below))
    for name, value in settings.items():
        # An activation changes neither a shape nor a count.
        if name in known and name not in given and name not in ("activation", "recurrent_activation"):
            given[name] = value
    if entry.is_layer and "dtype" in settings:
        given["dtype"] = settings["dtype"]
    if "unroll" in known:
        # An LSTM that is not to be unrolled asks for the machine's GPUs, which starts TensorFlow's runtime.
        given["unroll"] = True
    if kind == "Bidirectional":
        return _bidirectional(entry.cls, given)
    if kind in LOOKUPS:
        return _lookup(entry.cls, settings)
    made = entry.cls(**given)
    if kind == "Normalization":
        # It computes with its weights when it is built, which starts TensorFlow's runtime.
        made.finalize_state = lambda: None
        if given.get("mean") is not None:
            made.build = lambda _: None
    return made


def _lookup(cls: type, settings: Mapping[str, Setting]) -> Any:
    """Return a lookup layer that can only compute shapes.

    Its own constructor would start TensorFlow's runtime and open files.
    """
    import keras

    told = {name: settings.get(name) for name in ("output_mode", "max_tokens", "pad_to_max_tokens")}
    made: Any = object.__new__(cls)
    known = {**told, "_frozen_vocab_size": settings.get("vocabulary_size")}
    if cls is keras.layers.TextVectorization:
        inside: Any = object.__new__(keras.layers.StringLookup)
        vars(inside).update(known)
        known = {
            "_output_mode": settings.get("output_mode"),
            "_split": settings.get("split"),
            "_output_sequence_length": settings.get("output_sequence_length"),
            "_lookup_layer": inside,
        }
    vars(made).update(known)
    return made


def _below(settings: Mapping[str, Setting], name: str) -> dict[str, Setting]:
    """Return the settings of the wrapped layer `name`."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in settings.items() if key.startswith(prefix)}


def _bidirectional(cls: type, given: Mapping[str, Any]) -> Any:
    """Return a `Bidirectional` around the given layers: its own constructor would deserialise copies."""
    import keras

    made: Any = cls.__new__(cls, given["layer"])
    keras.layers.Layer.__init__(made)
    made.forward_layer = given["layer"]
    made.backward_layer = given["backward_layer"]
    made.merge_mode = given.get("merge_mode", "concat")
    made.return_state = given["layer"].return_state
    return made


def arguments(
    kind: str, settings: Mapping[str, Setting], inputs: Sequence[Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return a call's positional and keyword arguments: `inputs` and constants, each in its place."""
    constants = {
        key.removeprefix("call."): value for key, value in settings.items() if key.startswith("call.")
    }
    roles = constants.pop("roles", None)
    if roles is None and not constants:
        return ([list(inputs)], {}) if kind in _TAKES_LIST else (list(inputs), {})
    entry = allowed.by_kind(kind)
    names = [name for name, _ in allowed.parameters_of(entry.cls, "call")] if entry is not None else []
    if not names:
        # Its `call` names no parameters and takes one tensor after another, like that of `Einsum`.
        return list(inputs), {}
    if not isinstance(roles, tuple):
        free = [name for name in names if name not in constants]
        first = free[0] if free else "inputs"
        roles = (
            tuple(f"{first}.{index}" for index in range(len(inputs))) if kind in _TAKES_LIST else tuple(free)
        )
    placed: dict[str, Any] = {}
    for role, value in [
        *zip(map(str, roles), inputs, strict=False),
        *((k, _python(v)) for k, v in constants.items()),
    ]:
        name, _, index = role.partition(".")
        if index:
            placed.setdefault(name, {})[tuple(int(part) for part in index.split("."))] = value
        else:
            placed[name] = value
    return [], {
        name: [value[key] for key in sorted(value)] if isinstance(value, dict) else value
        for name, value in placed.items()
    }


def _python(value: Setting) -> Any:
    """Return a constant as Keras takes it: slices as slices, arrays as arrays."""
    if not isinstance(value, tuple):
        return Ellipsis if value == "..." else value
    if value[:1] == ("slice",) and len(value) == 4:
        return slice(*value[1:])
    if value[:1] == ("array",) and len(value) == 4:
        return _array(value)
    return tuple(_python(item) for item in value)


def _array(value: tuple[Any, ...]) -> Any:
    """Return an array again; of one that was too long for evidence, only the shape is right."""
    import numpy as np

    _, shape, values, dtype = value
    return np.resize(np.asarray(values, dtype=str(dtype)), shape)


def as_shapes(found: Any) -> tuple[Shape, ...]:
    """Return output shapes as a tuple with one entry each; Keras returns one, or a list, tuple or dict."""
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    if all(size is None or isinstance(size, int) for size in found):
        return (tuple(None if size is None else int(size) for size in found),)
    return tuple(shape for item in found for shape in as_shapes(item))
