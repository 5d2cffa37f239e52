"""Notices whether the code that captures evidence was altered: it shares its interpreter with learner code.

This is no security boundary. Somebody who writes the evidence of a right model by hand gets past it, but has
to know the right model for that. It makes sure that no redefined name of Python, Keras or the course decides
a score unnoticed.
"""

from __future__ import annotations

import builtins
import gc
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import is_
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

# The shell replaces these by its own.
_THE_SHELLS = {"input", "exit", "quit", "copyright", "credits", "license", "help"}
# What the capture calls or reads on a class of Keras.
_METHODS = ("get_config", "call", "__call__", "__getattribute__", "compute_output_shape", "name")
# The classes of matplotlib, by module, whose methods the capture of a plot calls (`evidence.plots`).
_OF_PLOTS = {
    "matplotlib.axes": ("Axes",),
    "matplotlib.lines": ("Line2D",),
    "matplotlib.text": ("Text",),
}
_PLOT_METHODS = (
    "get_label",
    "get_legend",
    "get_lines",
    "get_position",
    "get_text",
    "get_title",
    "get_xdata",
    "get_xlabel",
    "get_xlim",
    "get_xscale",
    "get_ydata",
    "get_ylabel",
    "get_ylim",
    "get_yscale",
)
_STATE = {"_current"}
# The capture gets what it looks up in these modules as long as they are the ones that were imported.
_PACKAGES = ("autograder", "builtins", "json", "keras", "matplotlib", "numpy", "os", "sys")


class _Sealed(NamedTuple):
    """One name of a module or a class, what it referred to, and the code if that was a function."""

    owner: Mapping[str, Any]
    key: str
    thing: object
    code: CodeType | None
    name: str


class Seal:
    """Everything that the capture relies on, as it was before any learner code ran."""

    def __init__(self, modules: Iterable[ModuleType] = ()) -> None:
        """Seal everything as it is now; what is not imported yet is not sealed.

        Args:
            modules: other modules that take part in building a learner's model.
        """
        named = (sealed for module in modules for sealed in _module(module, module.__name__))
        self._sealed = (*_everything(), *named)
        self._collected: Sequence[object] = tuple(gc.callbacks)

    def broken(self) -> str:
        """Return the first name that refers to something else now, such as `json.dumps`; empty for none."""
        for owner, key, thing, code, name in self._sealed:
            found = owner.get(key)
            if found is not thing or (code is not None and _code(found) is not code):
                return name
        as_before = len(gc.callbacks) == len(self._collected) and all(map(is_, gc.callbacks, self._collected))
        return "" if as_before else "gc.callbacks"


def without_interruptions() -> None:
    """Turn off tracing and timers, which would run a learner's code in the middle of the capture.

    Another thread of the learner's cannot be stopped.
    """
    sys.settrace(None)
    sys.setprofile(None)
    if sys.platform != "win32":
        # Windows has no timers that run code of a process's own.
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)


def _everything() -> Iterator[_Sealed]:
    for key, thing in vars(builtins).items():
        if not key.startswith("_") and key not in _THE_SHELLS:
            yield _Sealed(vars(builtins), key, thing, None, key)
    # To look at every module that was imported would write to the pages that forks share with whoever has
    # imported them: to count who refers to it.
    for name in sorted(name for name in sys.modules if name.partition(".")[0] in _PACKAGES):
        module = sys.modules[name]
        if name.startswith("autograder.evidence"):
            yield from _module(module, name)
        yield _Sealed(sys.modules, name, module, None, f"sys.modules[{name!r}]")
    for module in (json, json.encoder):
        yield from _module(module, module.__name__)
    encoder = vars(json.encoder)["JSONEncoder"]
    for key in ("default", "encode", "iterencode"):
        yield _Sealed(vars(vars(json)["_default_encoder"]), key, None, None, f"{encoder.__name__}.{key}")
    yield _Sealed(vars(os), "write", os.write, None, "os.write")
    if "keras" in sys.modules:
        keras = sys.modules["keras"]
        yield from _keras_classes(keras)
        for module in (keras.activations, sys.modules[keras.activations.relu.__module__]):
            yield from _module(module, module.__name__)
    for place, names in _OF_PLOTS.items():
        for kind in (vars(sys.modules[place])[name] for name in names if place in sys.modules):
            for base in (base for base in kind.__mro__ if base is not object):
                yield from _class(base, f"{base.__module__}.{base.__qualname__}", _PLOT_METHODS)


def _module(module: ModuleType, name: str) -> Iterator[_Sealed]:
    for key, thing in vars(module).items():
        if key.startswith("__") or key in _STATE or isinstance(thing, ModuleType):
            continue
        # What a module imports from another is sealed inside in the module that defines it.
        own = getattr(thing, "__module__", None) == name
        yield _Sealed(vars(module), key, thing, _code(thing) if own else None, f"{name}.{key}")
        if own and isinstance(thing, type):
            yield from _class(thing, f"{name}.{key}", tuple(vars(thing)))


def _keras_classes(keras: Any) -> Iterator[_Sealed]:
    exported = [thing for thing in vars(keras.layers).values() if isinstance(thing, type)]
    exported += [keras.Model, keras.Sequential, keras.KerasTensor]
    known = {base: None for kind in exported for base in kind.__mro__ if base is not object}
    for kind in known:
        yield from _class(kind, f"{kind.__module__}.{kind.__qualname__}", _METHODS)


def _class(kind: type, name: str, keys: tuple[str, ...]) -> Iterator[_Sealed]:
    for key in keys:
        # What a class inherits is sealed in its base; here it must stay missing, or it would be overridden.
        thing = vars(kind).get(key)
        yield _Sealed(vars(kind), key, thing, _code(thing), f"{name}.{key}")


def _code(thing: object) -> CodeType | None:
    return thing.__code__ if type(thing) is FunctionType else None
