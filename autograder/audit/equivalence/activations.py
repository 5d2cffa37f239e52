"""Writes an activation as an argument, string, function, layer or operation."""

from __future__ import annotations

import ast
import copy
from typing import Any

from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import argument, is_plain, literal, with_argument
from autograder.graph.settings import APPLIES_ACTIVATION

RULES = {
    "activation as object": "An activation is given as a function or a layer, not by its name.",
    "activation behind": "An activation is applied behind its layer, by a layer or an operation.",
    "no activation": "That there is no activation is said.",
}
_LAYERS = {"relu": "ReLU", "softmax": "Softmax"}


def write_activations(cell: Cell, choices: Choices) -> None:
    """Write activations in other ways."""

    def change(node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Call):
            return node
        if cell.names.of(node.func) is _sequential():
            return _in_a_list(cell, choices, node)
        told = _told(cell, node.func) if isinstance(node.func, ast.Call) else None
        if told is None or not isinstance(node.func, ast.Call):
            return node
        kind, name = told
        bare = with_argument(node.func, kind, "activation", None)
        named = argument(node.func, kind, "name")
        called = ast.Call(_without_name(bare), node.args, node.keywords)
        behind = [ast.Call(one, [called], []) for one in _appliers(cell, name, named)]
        return choices.pick(node, [("activation behind", one) for one in behind])

    cell.rewrite(change)
    cell.rewrite(lambda node: _as_object(cell, choices, node))


def _sequential() -> Any:
    import keras

    return keras.Sequential


def _told(cell: Cell, node: ast.expr) -> tuple[type, str] | None:
    """Return the class and the activation of a layer that applies one to its result; None otherwise."""
    kind = cell.names.made_layer(node)
    if kind is None or kind.__name__ not in APPLIES_ACTIVATION or not isinstance(node, ast.Call):
        return None
    told = argument(node, kind, "activation") if is_plain(node) else None
    if isinstance(told, ast.Constant) and isinstance(told.value, str) and told.value != "linear":
        return kind, told.value
    return None


def _without_name(call: ast.Call) -> ast.Call:
    return ast.Call(call.func, call.args, [one for one in call.keywords if one.arg != "name"])


def _appliers(cell: Cell, name: str, named: ast.expr | None) -> list[ast.expr]:
    """Return what applies an activation when called; a layer that an output is named after keeps its name."""
    if named is not None:
        return _layers(cell, name, [ast.keyword("name", copy.deepcopy(named))])
    return [*_layers(cell, name, []), *_functions(cell, name)]


def _layers(cell: Cell, name: str, keywords: list[ast.keyword]) -> list[ast.expr]:
    layer = cell.names.spelled("layers", "Activation")
    told = [literal(name), *_functions(cell, name)]
    made: list[ast.expr] = [ast.Call(layer, [one], keywords) for one in told]
    if name in _LAYERS:
        made.append(ast.Call(cell.names.spelled("layers", _LAYERS[name]), [], keywords))
    return made


def _functions(cell: Cell, name: str) -> list[ast.expr]:
    import keras

    return [
        cell.names.spelled(place, name)
        for place, module in (("activations", keras.activations), ("ops", keras.ops))
        if hasattr(module, name)
    ]


def _in_a_list(cell: Cell, choices: Choices, node: ast.Call) -> ast.expr:
    """Return a `Sequential` in whose list of layers some activations are layers of their own."""
    if not node.args or not isinstance(node.args[0], ast.List):
        return node
    found: list[ast.expr] = []
    for layer in node.args[0].elts:
        told = _told(cell, layer)
        if told is not None and isinstance(layer, ast.Call) and argument(layer, told[0], "name") is None:
            bare = with_argument(layer, told[0], "activation", None)
            behind = [("activation behind", [bare, one]) for one in _layers(cell, told[1], [])]
            found += choices.pick([layer], behind)
        else:
            found.append(layer)
    return ast.Call(node.func, [ast.List(found, ast.Load()), *node.args[1:]], node.keywords)


def _as_object(cell: Cell, choices: Choices, node: ast.expr) -> ast.expr:
    kind = cell.names.made_layer(node)
    if kind is None or kind.__name__ not in APPLIES_ACTIVATION or not isinstance(node, ast.Call):
        return node
    if not is_plain(node):
        return node
    told = _told(cell, node)
    if told is not None:
        objects = [*_functions(cell, told[1]), *_layers(cell, told[1], [])]
        get = ast.Call(cell.names.spelled("activations", "get"), [literal(told[1])], [])
        others = [with_argument(node, kind, "activation", one) for one in (*objects, get)]
        return choices.pick(node, [("activation as object", one) for one in others])
    if argument(node, kind, "activation") is None:
        linear = cell.names.spelled("activations", "linear")
        others = [
            with_argument(node, kind, "activation", one) for one in (literal("linear"), literal(None), linear)
        ]
        return choices.pick(node, [("no activation", one) for one in others])
    return node
