"""Finds public names of Keras: where one is, and which one may have been meant."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

# Where several modules have a name, the one that a learner is likely to mean comes first.
_FIRST = ("keras", "keras.layers", "keras.ops", "keras.optimizers", "keras.losses", "keras.metrics")
_ALIKE = 0.72
"""How much of two names must agree; with less, `merge` would be taken for `average`."""


def public(module: str) -> str:
    """Return a module's public name: older versions of Keras call `keras.layers` `keras.api.layers`."""
    return module.replace("keras.api", "keras").replace("keras._tf_keras.", "").removeprefix("tensorflow.")


@cache
def names_by_module() -> Mapping[str, tuple[str, ...]]:
    """Return the names in every public module of Keras, by module; none where Keras cannot be imported."""
    try:
        keras = importlib.import_module("keras")
    except ImportError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, ModuleType]] = [("keras", keras)]
    while waiting:
        name, module = waiting.pop()
        names = [one for one in dir(module) if not one.startswith("_")]
        found[name] = tuple(one for one in names if not isinstance(getattr(module, one, None), ModuleType))
        for one in names:
            inner = getattr(module, one, None)
            place = f"{name}.{one}"
            if not isinstance(inner, ModuleType) or one in ("src", "api", "legacy") or place in found:
                continue
            # A module of another package, such as `sys`, is no part of Keras.
            if public(inner.__name__).startswith("keras"):
                waiting.append((place, inner))
    order = sorted(found, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
    return {name: found[name] for name in order}


def homes(name: str) -> list[str]:
    """Return the modules of Keras that have that name."""
    return [module for module, names in names_by_module().items() if name in names]


@lru_cache(256)
def alike(name: str, module: str) -> Sequence[str]:
    """Return what may have been meant in a module: one name, or layers for one, two and three axes.

    The results are cached, since a class makes few slips, those of the starter code, and each of them often.
    """
    known = names_by_module().get(module, ())
    with_axes = [one for one in known if re.fullmatch(re.escape(name) + r"[123]D", one, re.IGNORECASE)]
    if with_axes:
        return with_axes
    return closest(name, known)


def closest(name: str, known: Sequence[str]) -> Sequence[str]:
    """Return the name that is most like another, as a list of one; empty where none is alike enough."""
    lower = {one.lower().replace("_", ""): one for one in reversed(known)}
    near = difflib.get_close_matches(name.lower().replace("_", ""), list(lower), n=1, cutoff=_ALIKE)
    return [lower[near[0]]] if near else []


def attributes(name: str) -> list[str]:
    """Return the public attributes of something public, such as `Dense` or `Model`."""
    return next(([one for one in dir(found) if not one.startswith("_")] for found in _objects(name)), [])


def _objects(name: str) -> Iterator[Any]:
    """Yield what has that name in the modules of Keras that have it."""
    return (getattr(importlib.import_module(module), name) for module in homes(name))


@lru_cache(256)
def parameters(function: str) -> tuple[str, ...]:
    """Return the names of the parameters of something public, such as `Dense` or `Model.compile`."""
    owner, _, method = function.partition(".")
    for found in _objects(owner):
        try:
            signature = inspect.signature(getattr(found, method) if method else found)
        except (AttributeError, TypeError, ValueError):
            continue
        kept = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        return tuple(
            name for name, one in signature.parameters.items() if name != "self" and one.kind not in kept
        )
    return ()
