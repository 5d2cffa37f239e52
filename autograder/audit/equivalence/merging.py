"""Joins tensors by layers, functions, operators, chains of them, and in another order."""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import argument, literal

RULES = {
    "merge spelling": "Tensors are joined by the other of the layer and its function.",
    "merge operation": "Tensors are joined by an operation of `keras.ops`.",
    "merge operator": "Tensors are joined by an operator of Python, or by `sum`.",
    "merge order": "The operands of a merge come in another order, where no order is asked for.",
    "merge chain": "A merge of several is a merge of merges.",
    "axis": "The axis of a concatenation is written out, from the front or from the end.",
}
_KINDS = {name.lower(): name for name in ("Add", "Multiply", "Maximum", "Minimum", "Average", "Concatenate")}
_OPERATORS = {"Add": ast.Add, "Multiply": ast.Mult}
_ASSOCIATIVE = ("Add", "Multiply", "Maximum", "Minimum")


@dataclass(frozen=True)
class _Merge:
    """A merge: its kind, its settings, and its tensors, listed or as one expression for all."""

    kind: str
    tensors: Sequence[ast.expr] | ast.expr
    settings: Sequence[ast.keyword]

    @property
    def together(self) -> ast.expr:
        if isinstance(self.tensors, ast.expr):
            return copy.deepcopy(self.tensors)
        return ast.List([copy.deepcopy(one) for one in self.tensors], ast.Load())

    def of(self, tensors: Sequence[ast.expr]) -> _Merge:
        return _Merge(self.kind, tensors, self.settings)


def write_merges(cell: Cell, choices: Choices) -> None:
    """Write merges in other ways."""

    def change(node: ast.expr) -> ast.expr:
        merge = _read(cell, node)
        if merge is None:
            return node
        ordered = _ordered(cell, choices, merge)
        split = _split(choices, ordered)
        if split is not None:
            inner, rest = split
            spelled = _spell(cell, choices, inner, None)
            outer = ordered.of([*rest[0], spelled, *rest[1]])
            return _spell(cell, choices, outer, None)
        return _spell(cell, choices, ordered, node if ordered is merge else None)

    cell.rewrite(change)


def _read(cell: Cell, node: ast.expr) -> _Merge | None:
    """Return the merge that an expression is; None if it joins no tensors."""
    import keras

    if not isinstance(node, ast.Call) or any(isinstance(one, ast.Starred) for one in node.args):
        return None
    called, kind = cell.names.of(node.func), None
    for name, of_kind in _KINDS.items():
        if called is getattr(keras.layers, name):
            return _merge(of_kind, node, called, node.keywords)
        if cell.names.made_layer(node.func) is getattr(keras.layers, of_kind):
            kind = of_kind
    if kind is None or not isinstance(node.func, ast.Call) or node.keywords or node.func.args:
        return None
    return _merge(kind, node, called, node.func.keywords)


def _merge(kind: str, node: ast.Call, called: object, keywords: Sequence[ast.keyword]) -> _Merge | None:
    given = argument(node, called, "inputs") if called is not None else node.args[0] if node.args else None
    if given is None or len(node.args) > 1:
        return None
    settings = [one for one in keywords if one.arg != "inputs"]
    if isinstance(given, ast.List | ast.Tuple) and not any(isinstance(x, ast.Starred) for x in given.elts):
        return _Merge(kind, given.elts, settings)
    return _Merge(kind, given, settings)


def _ordered(cell: Cell, choices: Choices, merge: _Merge) -> _Merge:
    if isinstance(merge.tensors, ast.expr) or (merge.kind == "Concatenate" and not cell.order_free):
        return merge
    left, order = list(merge.tensors), []
    while left:
        order.append(left.pop(choices.pick(0, [("merge order", n) for n in range(1, len(left))])))
    return merge.of(order) if order != list(merge.tensors) else merge


def _split(
    choices: Choices, merge: _Merge
) -> tuple[_Merge, tuple[Sequence[ast.expr], Sequence[ast.expr]]] | None:
    """Return neighbours to join first, and the tensors before and behind them; None to join all at once."""
    if isinstance(merge.tensors, ast.expr) or len(merge.tensors) < 3 or merge.settings:
        return None
    if merge.kind not in (*_ASSOCIATIVE, "Concatenate"):
        return None
    many, tensors = len(merge.tensors), list(merge.tensors)
    spans = [(a, b) for a in range(many) for b in range(a + 2, many + 1) if b - a < many]
    span = choices.pick(None, [("merge chain", one) for one in spans])
    if span is None:
        return None
    start, end = span
    return merge.of(tensors[start:end]), (tensors[:start], tensors[end:])


def _spell(cell: Cell, choices: Choices, merge: _Merge, usual: ast.expr | None) -> ast.expr:
    """Return a merge in one of its spellings."""
    layer, function, operation = (
        cell.names.spelled("layers", merge.kind),
        cell.names.spelled("layers", merge.kind.lower()),
        cell.names.spelled("ops", merge.kind.lower()),
    )
    settings = list(merge.settings)
    as_function = ast.Call(function, [merge.together], settings)
    as_layer = ast.Call(ast.Call(layer, [], settings), [merge.together], [])
    others: list[tuple[str, ast.expr]] = [("merge spelling", as_layer), ("merge spelling", as_function)]
    if not settings and merge.kind == "Concatenate":
        others += _concatenations(cell, merge, operation)
        for axis in (-1, *([cell.rank - 1] if cell.rank else [])):
            written = [ast.keyword("axis", literal(axis))]
            others.append(("axis", ast.Call(function, [merge.together], written)))
            others.append(("axis", ast.Call(ast.Call(layer, [], written), [merge.together], [])))
    elif not settings and not isinstance(merge.tensors, ast.expr):
        others += _operators(merge, operation)
    elif not settings and merge.kind == "Add":
        others.append(("merge operator", ast.Call(ast.Name("sum", ast.Load()), [merge.together], [])))
    return choices.pick(usual or as_function, others)


def _concatenations(cell: Cell, merge: _Merge, operation: ast.expr) -> list[tuple[str, ast.expr]]:
    written = [literal(axis) for axis in (-1, *([cell.rank - 1] if cell.rank else []))]
    made: list[ast.expr] = [
        ast.Call(operation, [merge.together], [ast.keyword("axis", axis)]) for axis in written
    ]
    made.append(ast.Call(operation, [merge.together, written[0]], []))
    return [("merge operation", one) for one in made]


def _operators(merge: _Merge, operation: ast.expr) -> list[tuple[str, ast.expr]]:
    assert not isinstance(merge.tensors, ast.expr)
    tensors = [copy.deepcopy(one) for one in merge.tensors]
    made: list[tuple[str, ast.expr]] = []
    if merge.kind in _ASSOCIATIVE:
        chained = functools.reduce(lambda one, other: ast.Call(operation, [one, other], []), tensors)
        made.append(("merge operation", chained))
    if merge.kind in _OPERATORS:
        operator = _OPERATORS[merge.kind]
        joined = functools.reduce(lambda one, other: ast.BinOp(one, operator(), other), tensors)
        made.append(("merge operator", joined))
    if merge.kind == "Add":
        made.append(("merge operator", ast.Call(ast.Name("sum", ast.Load()), [merge.together], [])))
    if merge.kind == "Average":
        total = functools.reduce(lambda one, other: ast.BinOp(one, ast.Add(), other), tensors)
        made.append(("merge operator", ast.BinOp(total, ast.Div(), literal(len(tensors)))))
    return made
