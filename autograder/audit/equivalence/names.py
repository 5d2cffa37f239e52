"""Resolves the names in a notebook's code to things of Keras, and finds their other names in Keras."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

# Where a learner finds layers, functions and objects, the most usual place first.
_PLACES = ("layers", "ops", "activations", "losses", "metrics", "optimizers", "models", "")
_TAKEN_TOGETHER = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Names:
    """The names that a notebook's cells import from Keras."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._known: dict[str, Any] = {}
        for source in sources:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        if alias.name == "keras" or (alias.name.startswith("keras.") and alias.asname):
                            self._known[alias.asname or "keras"] = importlib.import_module(alias.name)
                elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "keras":
                    module = importlib.import_module(str(node.module))
                    for alias in node.names:
                        self._known[alias.asname or alias.name] = getattr(module, alias.name, None)

    def of(self, node: ast.AST) -> Any:
        """Return what an expression such as `layers.Dense` means in Keras; None for anything else."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.of(node.value)
            return None if owner is None else getattr(owner, node.attr, None)
        return None

    def layer(self, node: ast.AST) -> type | None:
        """Return the layer class that an expression names; None for a model's class and anything else."""
        found = self.of(node)
        return found if isinstance(found, type) and is_layer(found) else None

    def made_layer(self, node: ast.AST) -> type | None:
        """Return the class of the layer that an expression makes: `layers.Dense` for `layers.Dense(3)`."""
        return self.layer(node.func) if isinstance(node, ast.Call) else None

    def spelled(self, place: str, name: str) -> ast.expr:
        """Return `keras.PLACE.NAME` as this notebook would write it."""
        module = importlib.import_module(f"keras.{place}" if place else "keras")
        prefix = next((known for known, found in self._known.items() if found is module), None)
        if prefix is None and name in self._known:
            return ast.Name(name, ast.Load())
        return parsed(f"{prefix}.{name}" if prefix else ".".join(filter(None, (self.root(), place, name))))

    def spellings(self, thing: Any) -> list[ast.expr]:
        """Return every way to write a thing of Keras's as an attribute of its modules."""
        found = []
        for path in paths_of(thing):
            place, _, name = path.rpartition(".")
            found.append(parsed(f"{self.root()}.{path}"))
            found.append(self.spelled(place, name))
        return found

    def root(self) -> str:
        """Return an expression for the module `keras`: the notebook's name for it, if it has imported it."""
        keras = importlib.import_module("keras")
        return next((known for known, found in self._known.items() if found is keras), "__import__('keras')")


def is_layer(kind: type) -> bool:
    """Return whether a class of Keras is a layer and not a model."""
    import keras

    return issubclass(kind, keras.layers.Layer) and not issubclass(kind, keras.Model)


def parsed(code: str) -> ast.expr:
    """Return an expression's tree."""
    return ast.parse(code, mode="eval").body


def literal(value: Any) -> ast.expr:
    """Return a plain value as an expression."""
    return parsed(repr(value))


def paths_of(thing: Any) -> Sequence[str]:
    """Return where Keras offers a thing: `layers.Conv2D`, `layers.Convolution2D`."""
    return _paths().get(id(thing), ())


@cache
def _paths() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for place in _PLACES:
        module = importlib.import_module(f"keras.{place}" if place else "keras")
        for name, thing in sorted(vars(module).items()):
            if not name.startswith("_"):
                found.setdefault(id(thing), []).append(".".join(filter(None, (place, name))))
    return found


@cache
def _signature(thing: Any) -> tuple[tuple[str, Any], ...]:
    import keras

    if thing in (keras.Model, keras.models.Model):
        # The arguments of a functional model, which its signature does not show.
        return (("inputs", inspect.Parameter.empty), ("outputs", inspect.Parameter.empty), ("name", None))
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return ()
    return tuple(
        (parameter.name, parameter.default)
        for parameter in signature.parameters.values()
        if parameter.kind in _TAKEN_TOGETHER and parameter.name != "self"
    )


def placed(thing: Any) -> Sequence[str]:
    """Return the parameters that a callable of Keras's also takes by position."""
    import keras

    if thing in (keras.Model, keras.models.Model):
        return ("inputs", "outputs")
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return ()
    return [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
    ]


def parameters(thing: Any) -> Sequence[tuple[str, Any]]:
    """Return the parameters that a callable of Keras's takes by name, with their defaults."""
    return _signature(thing)


def argument(call: ast.Call, thing: Any, name: str) -> ast.expr | None:
    """Return what a call passes for one parameter; None if it passes nothing."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    names = [known for known, _ in parameters(thing)]
    place = names.index(name) if name in names else len(call.args)
    return call.args[place] if place < len(call.args) else None


def with_argument(call: ast.Call, thing: Any, name: str, value: ast.expr | None) -> ast.Call:
    """Return a call with another value for one parameter; None leaves it out."""
    names = [known for known, _ in parameters(thing)]
    args, keywords = list(call.args), [one for one in call.keywords if one.arg != name]
    place = names.index(name) if name in names else len(args)
    if place < len(args):
        if value is not None:
            args[place] = value
            return ast.Call(call.func, args, keywords)
        behind = zip(names[place + 1 :], args[place + 1 :], strict=False)
        return ast.Call(call.func, args[:place], [*(ast.keyword(*one) for one in behind), *keywords])
    if value is not None:
        where = next((n for n, one in enumerate(call.keywords) if one.arg == name), len(keywords))
        keywords.insert(where, ast.keyword(name, value))
    return ast.Call(call.func, args, keywords)


def is_plain(call: ast.Call) -> bool:
    """Return whether a call has neither `*` nor `**` in it."""
    return not any(isinstance(one, ast.Starred) for one in call.args) and all(
        keyword.arg is not None for keyword in call.keywords
    )
