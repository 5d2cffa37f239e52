"""Writes the arguments of `compile` as names, functions or objects; by list, by dict, or one by one."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import Any

from autograder.audit.equivalence.cell import Cell, called, load
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import is_plain, literal, parsed, paths_of

RULES = {
    "loss alias": "A loss is called by another of its names.",
    "loss object": "A loss is given as a function or an object.",
    "metric alias": "A metric is called by another of its names.",
    "metric object": "A metric is given as an object.",
    "optimizer": "The optimizer is given by another name, or as an object.",
    "list for dict": "Losses, weights and metrics are given by list instead of dict, or the other way round.",
    "weight type": "A weight is a number of another type.",
    "compile keywords": "The arguments of `compile` are given by position.",
}
_PARAMETERS = ("optimizer", "loss", "loss_weights", "metrics")


def write_compiling(cell: Cell, choices: Choices) -> None:
    """Write the arguments of `compile` in other ways."""

    def change(node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return node
        if node.func.attr != "compile" or not is_plain(node) or len(node.args) > len(_PARAMETERS):
            return node
        given = dict(zip(_PARAMETERS, node.args, strict=False))
        given |= {str(one.arg): one.value for one in node.keywords}
        if not isinstance(node.func.value, ast.Name) or not given.keys() <= set(_PARAMETERS):
            return node
        return _compile(cell, choices, node, given)

    cell.rewrite(change)


def _compile(cell: Cell, choices: Choices, node: ast.Call, given: dict[str, ast.expr]) -> ast.Call:
    assert isinstance(node.func, ast.Attribute)
    given = dict(given)
    if "optimizer" in given:
        given["optimizer"] = _optimizer(cell, choices, given["optimizer"])
    if "loss" in given:
        given["loss"] = _each(given["loss"], lambda one: _loss(cell, choices, one))
    if "metrics" in given:
        given["metrics"] = _each(given["metrics"], lambda one: _metric(cell, choices, one))
    if "loss_weights" in given:
        given["loss_weights"] = _each(given["loss_weights"], lambda one: _weight(cell, choices, one))
    model = ast.unparse(node.func.value)
    kinds = {type(value) for name, value in given.items() if name != "optimizer"}
    # Keras would put a dict of weights beside a list of losses into another order: all are turned, or none.
    if kinds == {ast.Dict} and choices.pick(False, [("list for dict", True)]):
        for name in given.keys() - {"optimizer"}:
            given[name] = _listed(given[name], model)
    elif kinds == {ast.List} and "metrics" not in given and choices.pick(False, [("list for dict", True)]):
        for name in given.keys() - {"optimizer"}:
            outputs = parsed(f"{model}.output_names")
            given[name] = called("dict", called("zip", outputs, given[name]))
    elif isinstance(given.get("loss"), ast.Constant | ast.Call):
        alone = ast.List([given["loss"]], ast.Load())
        given["loss"] = choices.pick(given["loss"], [("list for dict", alone)])
    args: list[ast.expr] = []
    for place, name in enumerate(_PARAMETERS):
        if name not in given:
            break
        if place >= len(node.args) and not choices.pick(False, [("compile keywords", True)]):
            break
        args.append(given.pop(name))
    keywords = [ast.keyword(name, given[name]) for name in _PARAMETERS if name in given]
    return ast.Call(node.func, args, keywords)


def _each(value: ast.expr, change: Any) -> ast.expr:
    """Return a value with every entry of its lists and dicts changed."""
    if isinstance(value, ast.Dict):
        return ast.Dict(value.keys, [_each(one, change) for one in value.values])
    if isinstance(value, ast.List):
        return ast.List([_each(one, change) for one in value.elts], ast.Load())
    changed: ast.expr = change(value)
    return changed


def _listed(value: ast.expr, model: str) -> ast.expr:
    """Return a dict's entries as a list in the order of the outputs."""
    entry = ast.Subscript(value, load("each"), ast.Load())
    outputs = ast.comprehension(ast.Name("each", ast.Store()), parsed(f"{model}.output_names"), [], 0)
    return ast.ListComp(entry, [outputs])


def _text(value: ast.expr) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _loss(cell: Cell, choices: Choices, value: ast.expr) -> ast.expr:
    from keras.src import losses

    name = _text(value)
    if name is None:
        return value
    same, things = _same(losses.ALL_OBJECTS_DICT, name)
    others: list[tuple[str, ast.expr]] = [("loss alias", literal(one)) for one in same]
    others += [("loss object", one) for one in _objects(cell, "losses", things)]
    return choices.pick(value, others)


def _metric(cell: Cell, choices: Choices, value: ast.expr) -> ast.expr:
    from keras.src import metrics

    name = _text(value)
    if name is None:
        return value
    if name == "accuracy":
        return choices.pick(value, [("metric alias", literal("acc"))])
    same, things = _same(metrics.ALL_OBJECTS_DICT, name)
    others: list[tuple[str, ast.expr]] = [("metric alias", literal(one)) for one in same]
    others += [("metric object", one) for one in _objects(cell, "metrics", things)]
    return choices.pick(value, others)


def _same(table: Mapping[str, Any], name: str) -> tuple[list[str], list[Any]]:
    """Return the other names with the same meaning in a table of Keras's, and their functions and classes."""
    from keras.src.utils.naming import to_snake_case

    meant = table.get(name)
    if meant is None:
        return [], []
    plain = to_snake_case(meant.__name__)
    same = [other for other, thing in table.items() if to_snake_case(thing.__name__) == plain]
    things = dict.fromkeys(table[one] for one in (name, *same))
    return [other for other in same if other != name], list(things)


def _objects(cell: Cell, place: str, things: list[Any]) -> list[ast.expr]:
    made: list[ast.expr] = []
    for thing in things:
        for path in paths_of(thing):
            owner, _, name = path.rpartition(".")
            if owner == place:
                spelled = cell.names.spelled(place, name)
                made.append(ast.Call(spelled, [], []) if isinstance(thing, type) else spelled)
    return made


def _optimizer(cell: Cell, choices: Choices, value: ast.expr) -> ast.expr:
    import keras

    # Making one would start TensorFlow, and this process is to be forked.
    kinds = {kind.lower(): kind for kind in vars(keras.optimizers) if kind[0].isupper()}
    name = _text(value)
    if name is None or name.lower() not in kinds:
        return value
    kind = kinds[name.lower()]
    spelled = cell.names.spelled("optimizers", kind)
    rate = ast.keyword("learning_rate", literal(float(_default_rate(kind))))
    made: list[ast.expr] = [
        literal(kind),
        literal(name.upper()),
        ast.Call(spelled, [], []),
        ast.Call(spelled, [], [rate]),
        ast.Call(cell.names.spelled("optimizers", "get"), [literal(name)], []),
    ]
    return choices.pick(value, [("optimizer", one) for one in made])


def _default_rate(kind: str) -> float:
    import inspect

    import keras

    return float(inspect.signature(getattr(keras.optimizers, kind)).parameters["learning_rate"].default)


def _weight(cell: Cell, choices: Choices, value: ast.expr) -> ast.expr:
    if not isinstance(value, ast.Constant) or type(value.value) not in (int, float):
        return value
    number = value.value
    assert isinstance(number, int | float)
    made = [("weight type", literal(float(number) if isinstance(number, int) else number * 1))]
    if float(number).is_integer():
        made = [("weight type", literal(int(number) if isinstance(number, float) else float(number)))]
    made.append(("weight type", parsed(f"np.float64({number})")))
    made.append(("weight type", parsed(f"np.float32({number})")))
    if float(number).is_integer():
        made.append(("weight type", parsed(f"np.int64({int(number)})")))
    chosen = choices.pick(value, [one for one in made if ast.dump(one[1]) != ast.dump(value)])
    if isinstance(chosen, ast.Call):
        cell.imports["import numpy as np"] = None
    return copy.deepcopy(chosen)
