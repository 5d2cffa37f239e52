"""Calls layers and models in other ways, and adds calls that change nothing."""

from __future__ import annotations

import ast
import copy
import inspect
from typing import Any

from autograder.audit.equivalence.cell import Cell, assigned
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import literal
from autograder.graph.construction import takes_list

RULES = {
    "called by keyword": "The tensor that a layer or model is called on is given by keyword.",
    "training": "A call is told `training=False`.",
    "identity": "A layer that changes nothing is put in between.",
    "tuple": "Several tensors are given in a tuple instead of a list.",
}


def write_calls(cell: Cell, choices: Choices) -> None:
    """Write the calls of layers and models in other ways."""
    known = _known(cell)
    cell.rewrite(lambda node: _call(cell, choices, node, known))
    cell.rewrite(lambda node: _tuples(cell, choices, node))


def _known(cell: Cell) -> dict[str, type]:
    """Return the names that always stand for one layer or model, with its class."""
    meanings: dict[str, list[type | None]] = {}
    for node in ast.walk(cell.tree):
        name = assigned(node) if isinstance(node, ast.stmt) else None
        if name is not None and isinstance(node, ast.Assign):
            meanings.setdefault(name, []).append(_made(cell, node.value))
    return {name: kinds[0] for name, kinds in meanings.items() if len(kinds) == 1 and kinds[0] is not None}


def _made(cell: Cell, value: ast.expr) -> type | None:
    """Return the class of the layer or model that an expression makes; None if it makes none."""
    import keras

    made = cell.names.of(value.func) if isinstance(value, ast.Call) else None
    if made in (keras.Model, keras.Sequential) or getattr(keras.applications, _name(made), None) is made:
        return keras.Model if made is not None else None
    return cell.names.made_layer(value)


def _name(thing: Any) -> str:
    name = getattr(thing, "__name__", "")
    return name if isinstance(name, str) else ""


def _call(cell: Cell, choices: Choices, node: ast.expr, known: dict[str, type]) -> ast.expr:
    """Return the call of a layer or model on a tensor, or on a list of them, perhaps written otherwise."""
    import keras

    if not isinstance(node, ast.Call) or node.keywords or len(node.args) != 1:
        return node
    kind = known.get(node.func.id) if isinstance(node.func, ast.Name) else cell.names.made_layer(node.func)
    if kind is None:
        return node
    signature = inspect.signature(kind.call)  # type: ignore[attr-defined]
    # A model accepts whatever its graph takes, under this name.
    first = "inputs" if kind is keras.Model else next(name for name in signature.parameters if name != "self")
    (tensor,) = node.args
    others: list[tuple[str, ast.expr]] = [
        ("called by keyword", ast.Call(node.func, [], [ast.keyword(first, tensor)])),
        ("training", ast.Call(node.func, node.args, [ast.keyword("training", literal(False))])),
    ]
    # What reads several tensors at once may be given a variable that holds a list of them.
    if (
        isinstance(tensor, ast.Name | ast.Call)
        and not takes_list(kind.__name__)
        and "Model" not in kind.__name__
    ):
        others += [("identity", ast.Call(node.func, [one], [])) for one in _identities(cell, tensor)]
    return choices.pick(node, others)


def _identities(cell: Cell, tensor: ast.expr) -> list[ast.expr]:
    identity = ast.Call(cell.names.spelled("layers", "Identity"), [], [])
    linear = ast.Call(cell.names.spelled("layers", "Activation"), [literal("linear")], [])
    return [ast.Call(one, [copy.deepcopy(tensor)], []) for one in (identity, linear)]


def _tuples(cell: Cell, choices: Choices, node: ast.expr) -> ast.expr:
    """Return a call with the tensors that a merge joins, or the ends of a model, perhaps in tuples."""
    import keras

    if not isinstance(node, ast.Call):
        return node
    kind = cell.names.made_layer(node.func)
    thing = cell.names.of(node.func)
    merges = kind is not None and takes_list(kind.__name__)
    merges = merges or takes_list(_name(thing).capitalize()) or thing is keras.Model
    if not merges:
        return node

    def turned(value: ast.expr) -> ast.expr:
        if not isinstance(value, ast.List):
            return value
        return choices.pick(value, [("tuple", ast.Tuple(value.elts, ast.Load()))])

    keywords = [ast.keyword(one.arg, turned(one.value)) for one in node.keywords]
    return ast.Call(node.func, [turned(one) for one in node.args], keywords)
