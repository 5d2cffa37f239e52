"""Writes plain values in other ways: numbers that are computed, dicts and lists that are made otherwise."""

from __future__ import annotations

import ast
import copy

from autograder.audit.equivalence.cell import Cell, assign, assigned, blocks, called, load
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import literal, parsed

RULES = {
    "computed number": "A number is computed.",
    "number type": "A number is of another type: 1.0 for 1, or a number of numpy's.",
    "dict order": "The entries of a dict come in another order.",
    "dict": "A dict is made by `dict(...)`, from pairs, or from two lists.",
    "list": "A list is made from a tuple, or the other way round.",
    "step by step": "A dict or a list is filled entry by entry.",
}


def write_values(cell: Cell, choices: Choices) -> None:
    """Write numbers, dicts and lists in other ways."""
    _fill(cell, choices)
    for statement in cell.tree.body:
        # Such a dict is handed over as it is; a number that a layer is made with must keep its type.
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict):
            statement.value = _typed(cell, choices, statement.value)
    cell.rewrite(lambda node: _value(choices, node))


def _value(choices: Choices, node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 1:
        return choices.pick(node, [("computed number", one) for one in _computed(node.value)])
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return _dict(choices, node)
    if isinstance(node, ast.List) and not any(isinstance(one, ast.Starred) for one in node.elts):
        tuple_ = ast.Tuple(node.elts, ast.Load())
        made: list[ast.expr] = [
            ast.Call(load("list"), [tuple_], []),
            ast.List([ast.Starred(tuple_, ast.Load())], ast.Load()),
        ]
        return choices.pick(node, [("list", one) for one in made])
    return node


def _computed(number: int) -> list[ast.expr]:
    factor = next((n for n in range(2, 100) if number % n == 0 and n < number), None)
    product = [parsed(f"{factor} * {number // factor}")] if factor else []
    return [*product, parsed(f"{number - 1} + 1"), parsed(f"int('{number}')")]


def _dict(choices: Choices, node: ast.Dict) -> ast.expr:
    left, order = list(zip(node.keys, node.values, strict=True)), []
    while left:
        order.append(left.pop(choices.pick(0, [("dict order", n) for n in range(1, len(left))])))
    keys, values = [key for key, _ in order if key is not None], [value for _, value in order]
    usual = ast.Dict(list(keys), values)
    pairs = ast.List([ast.Tuple([key, value], ast.Load()) for key, value in order if key], ast.Load())
    listed = [ast.List(list(one), ast.Load()) for one in (keys, values)]
    others: list[ast.expr] = [
        called("dict", pairs),
        called("dict", called("zip", *listed)),
        ast.Dict([None, None], [ast.Dict(list(keys[:1]), values[:1]), ast.Dict(list(keys[1:]), values[1:])]),
    ]
    names = [str(key.value) for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    if len(names) == len(keys) and all(name.isidentifier() for name in names):
        given = [ast.keyword(name, value) for name, value in zip(names, values, strict=True)]
        others.append(ast.Call(load("dict"), [], given))
    return choices.pick(usual, [("dict", one) for one in others])


def _typed(cell: Cell, choices: Choices, node: ast.Dict) -> ast.Dict:
    """Return a dict that is handed over, perhaps with its numbers and shapes in other types."""
    values: list[ast.expr] = []
    for value in node.values:
        others: list[ast.expr] = []
        if isinstance(value, ast.Tuple):
            others = [ast.List(value.elts, ast.Load())]
        elif _is_whole(value):
            cell.taken.add("np")
            given = copy.deepcopy(value)
            numpy_number = ast.Call(parsed("np.int64"), [given], [])
            others = [numpy_number, called("float", given)]
        rule = "list" if isinstance(value, ast.Tuple) else "number type"
        chosen = choices.pick(value, [(rule, one) for one in others])
        if isinstance(chosen, ast.Call) and isinstance(chosen.func, ast.Attribute):
            cell.imports["import numpy as np"] = None
        values.append(chosen)
    return ast.Dict(node.keys, values)


def _is_whole(node: ast.expr) -> bool:
    """Return whether an expression is a whole number, or is computed from whole numbers."""
    if isinstance(node, ast.BinOp):
        return _is_whole(node.left) and _is_whole(node.right)
    return isinstance(node, ast.Constant) and type(node.value) is int


def _fill(cell: Cell, choices: Choices) -> None:
    """Fill dicts and lists entry by entry."""
    for block in blocks(cell.tree):
        for place in reversed(range(len(block))):
            statement = block[place]
            name = assigned(statement)
            value = statement.value if isinstance(statement, ast.Assign) else None
            if name is None or not _has_entries(value):
                continue
            if choices.pick(False, [("step by step", True)]):
                block[place : place + 1] = _steps(name, value)


def _has_entries(value: ast.expr | None) -> bool:
    """Return whether a value is a dict or a list whose entries are written one by one."""
    if isinstance(value, ast.Dict):
        return bool(value.keys) and all(isinstance(key, ast.Constant) for key in value.keys)
    return isinstance(value, ast.List) and not any(isinstance(one, ast.Starred) for one in value.elts)


def _steps(name: str, value: ast.expr | None) -> list[ast.stmt]:
    if isinstance(value, ast.Dict):
        made: list[ast.stmt] = [assign(name, ast.Dict([], []))]
        for key, entry in zip(value.keys, value.values, strict=True):
            assert key is not None
            made.append(ast.Assign([ast.Subscript(load(name), key, ast.Store())], entry, lineno=0))
        return made
    assert isinstance(value, ast.List)
    filled = [ast.Expr(ast.Call(parsed(f"{name}.append"), [entry], [])) for entry in value.elts]
    return [assign(name, literal([])), *filled]
