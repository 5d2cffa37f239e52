"""Calls a learner's function on inputs of given sizes, and records what it made or why it failed."""

from __future__ import annotations

import collections
import linecache
import os
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

from autograder.evidence.models import capture_model
from autograder.evidence.plainly import text, type_name
from autograder.evidence.schema import MAX_ERROR_TEXT, MAX_NAME, ProbeRequest

Tell = Callable[[Any], dict[str, Any]]

WATCHING: list[list[Any]] = []
"""Lists to which every operation that is made now is added."""

_NOT_THE_LEARNERS = tuple(
    os.path.realpath(folder) + os.sep
    for folder in {
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
        os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    }
)


def probe(function: Callable[..., Any], inputs: ProbeRequest, tell: Tell) -> dict[str, Any]:
    """Return the outcome of one call: what the function returns, as evidence, or its error.

    Args:
        function: the learner's function.
        inputs: what it is called with.
        tell: turns a value that is neither a model nor tensors into evidence.
    """
    outcome: dict[str, Any] = {
        "inputs": [
            {"value": entry["value"]}
            if "value" in entry
            else {
                "shape": [None if size is None else int(size) for size in entry["shape"]],
                "dtype": str(entry.get("dtype", "float32")),
            }
            for entry in inputs
        ],
        "result": None,
        "returned": "",
        "error": None,
    }
    with _names_kept():
        try:
            with _weightless():
                result, outcome["returned"] = _call(function, outcome["inputs"], tell)
        except KeyboardInterrupt:
            raise
        except BaseException:
            # The function may need weights (it may call a layer on numbers): try again with them.
            try:
                result, outcome["returned"] = _call(function, outcome["inputs"], tell)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                outcome["error"] = describe_error(error)
                return outcome
    outcome["result"] = result
    return outcome


def _call(
    function: Callable[..., Any], inputs: list[dict[str, Any]], tell: Tell
) -> tuple[dict[str, Any] | None, str]:
    arguments = [_argument(entry) for entry in inputs]
    tensors = [
        argument for argument, entry in zip(arguments, inputs, strict=True) if entry.get("shape") is not None
    ]
    returned = function(*arguments)
    name = _structure(returned)
    if issubclass(type(returned), keras.Model):
        return {"kind": "model", "model": capture_model(returned)}, name
    found = keras.tree.flatten(returned) if returned is not None else []
    if not (tensors and found and all(issubclass(type(tensor), keras.KerasTensor) for tensor in found)):
        return tell(returned), name
    model = keras.Model(tensors[0] if len(tensors) == 1 else tensors, returned)
    return {"kind": "model", "model": capture_model(model)}, name


def _argument(entry: dict[str, Any]) -> Any:
    if "value" in entry:
        value = entry["value"]
        return np.asarray(value) if isinstance(value, (list, tuple)) else value
    return keras.Input(tuple(entry["shape"]), dtype=entry["dtype"])


def _structure(value: Any) -> str:
    if issubclass(type(value), keras.KerasTensor):
        return "KerasTensor"
    return type_name(value).removeprefix("builtins.")


@contextmanager
def _names_kept() -> Iterator[None]:
    """Let the learner's next layer get the number that it would have had without the probe."""
    counters = global_state.get_global_attribute("object_name_uids")
    before = None if counters is None else dict(counters)
    try:
        yield
    finally:
        restored = None if before is None else collections.defaultdict(int, before)
        global_state.set_global_attribute("object_name_uids", restored)


@contextmanager
def _weightless() -> Iterator[None]:
    """Let the probe build layers without allocating their weights.

    What the learner created before keeps its weights. A layer that the learner made outside the function, but
    that is first built inside it, gets its weights when the probe is over, as it would have without one.
    """
    created: list[Any] = []
    before = global_state.get_global_attribute("uninitialized_variables") or []
    global_state.set_global_attribute("uninitialized_variables", [])
    try:
        with _watched(created), keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        waiting = global_state.get_global_attribute("uninitialized_variables") or []
        global_state.set_global_attribute("uninitialized_variables", before)
        if waiting:
            _initialize(waiting, created)


@contextmanager
def _watched(created: list[Any]) -> Iterator[None]:
    """Collect every operation that is made meanwhile in a list."""
    original = keras.Operation.__new__
    tells = original is _tells

    def remember(cls: type, *args: Any, **kwargs: Any) -> Any:
        made = original(cls, *args, **kwargs)
        created.append(made)
        return made

    if tells:
        WATCHING.append(created)
    else:
        keras.Operation.__new__ = staticmethod(remember)
    try:
        yield
    finally:
        if tells:
            WATCHING[:] = [watching for watching in WATCHING if watching is not created]
        else:
            keras.Operation.__new__ = original


_tells: Callable[..., Any] | None = None


def told_by(new: Callable[..., Any]) -> None:
    """Declare that `keras.Operation.__new__` is this function, which adds to the lists in `WATCHING`.

    Otherwise each probe replaces it, and each time Python's caches for all subclasses are lost.
    """
    global _tells
    _tells = new


def _initialize(waiting: list[Any], created: list[Any]) -> None:
    ours: set[int] = set()
    for operation in created:
        values = object.__getattribute__(operation, "__dict__")
        for name in ("_trainable_variables", "_non_trainable_variables"):
            ours.update(id(variable) for variable in values.get(name) or ())
        ours.update(id(seeds.state) for seeds in values.get("_seed_generators") or ())
    for variable in waiting:
        if id(variable) not in ours and variable._value is None:
            variable._deferred_initialize()


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return an error as evidence: its type, its message, and the innermost line of the learner's code."""
    try:
        said = str(error)
    except Exception:
        said = ""
    line, number, function = _learners_line(error.__traceback__)
    return {
        "type": text(type_name(error).removeprefix("builtins."), MAX_NAME),
        "message": text(said, MAX_ERROR_TEXT) if issubclass(type(said), str) else "",
        "line": line,
        "line_number": number,
        "function": function,
    }


def _learners_line(traceback: TracebackType | None) -> tuple[str | None, int | None, str | None]:
    """Return the innermost line of the learner's own code, its number, and the function that it is in."""
    found: tuple[str | None, int | None, str | None] = (None, None, None)
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if _is_learners(code.co_filename):
            source = linecache.getline(code.co_filename, traceback.tb_lineno, traceback.tb_frame.f_globals)
            found = (
                text(source.strip(), MAX_NAME) or None,
                traceback.tb_lineno,
                text(code.co_name, MAX_NAME) or None,
            )
        traceback = traceback.tb_next
    return found


def _is_learners(filename: str) -> bool:
    if filename.startswith("<frozen"):
        return False
    if filename.startswith("<"):
        return True
    return not os.path.realpath(filename).startswith(_NOT_THE_LEARNERS)
