"""Whether what looks at a learner's model is still what it was: it shares its interpreter with learner code.

This is no wall. Who writes the evidence of a right model by hand gets past it, and has to know the right
model for that. It keeps a word of Python's, of Keras's or of the course's that was given another meaning from
deciding a score unnoticed.
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

# The shell takes these away and puts its own in their place.
_THE_SHELLS = {"input", "exit", "quit", "copyright", "credits", "license", "help"}
# What the capture asks of a class of Keras.
_METHODS = ("get_config", "call", "__call__", "__getattribute__", "compute_output_shape", "name")
# What the capture asks of a plot (`evidence.plots`), of matplotlib's classes by their modules.
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
# What the capture asks a module for is this module's, as long as these are the ones that were imported.
_PACKAGES = ("autograder", "builtins", "json", "keras", "matplotlib", "numpy", "os", "sys")
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


class _Sealed(NamedTuple):
    """One name of a module or a class, what it led to, and that function's code."""

    owner: Mapping[str, Any]
    key: str
    thing: object
    code: CodeType | None
    name: str


class Seal:
    """What the capture relies on, as it was before any learner code ran."""

    def __init__(self, modules: Iterable[ModuleType] = ()) -> None:
        """Seals everything as it is now; what is not imported yet is not sealed.

        Args:
            modules: what else takes part in building a learner's model.
        """
        named = (sealed for module in modules for sealed in _module(module, module.__name__))
        self._sealed = (*_everything(), *named)
        self._collected: Sequence[object] = tuple(gc.callbacks)

    def broken(self) -> str:
        """The first name that leads to something else now, like `json.dumps`; empty where there is none."""
        for owner, key, thing, code, name in self._sealed:
            found = owner.get(key)
            if found is not thing or (code is not None and _code(found) is not code):
                return name
        as_before = len(gc.callbacks) == len(self._collected) and all(map(is_, gc.callbacks, self._collected))
        return "" if as_before else "gc.callbacks"


def without_interruptions() -> None:
    """Take away what would run a learner's code in the middle of the capture: tracing and timers.

    Another thread of the learner's cannot be taken away.
    """
    sys.settrace(None)
    sys.setprofile(None)
    for timer in _TIMERS:
        signal.setitimer(timer, 0)


def _everything() -> Iterator[_Sealed]:
    for key, thing in vars(builtins).items():
        if not key.startswith("_") and key not in _THE_SHELLS:
            yield _Sealed(vars(builtins), key, thing, None, key)
    for name, module in sorted(sys.modules.items()):
        if name.startswith("autograder.evidence"):
            yield from _module(module, name)
        if name.partition(".")[0] in _PACKAGES:
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
        # What a module has from another is the same thing there: its inside is sealed where it was written.
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
        # What a class has from its base is sealed there; here it must go on being missing.
        thing = vars(kind).get(key)
        yield _Sealed(vars(kind), key, thing, _code(thing), f"{name}.{key}")


def _code(thing: object) -> CodeType | None:
    return thing.__code__ if type(thing) is FunctionType else None
