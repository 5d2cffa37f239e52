"""A layer, or another thing of Keras's, by another of its names, its arguments given in other ways."""

from __future__ import annotations

import ast
import copy
import inspect
import re
from collections.abc import Collection
from typing import Any

from autograder.audit.equivalence.cell import Cell, assigned
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import argument, is_plain, literal, parameters, placed, with_argument
from autograder.graph.construction import takes_list

RULES = {
    "alias": "A class or function of Keras is called by another of its names.",
    "imported": "A class or function of Keras is imported under a name of its own.",
    "keywords": "Arguments are given by keyword instead of by position, or the other way round.",
    "called by keyword": "The tensor that a layer is called on is given by keyword.",
    "default": "A setting that is the default anyway is spelled out.",
    "pair": "A window or a stride is written as a tuple or list, one number an axis.",
    "capitals": "The padding is written in capitals.",
    "no padding needed": "Where a window of one pixel needs no padding, there is the other of the two.",
    "pooling strides": "The strides of a pooling that moves by its own size are told, or left out.",
    "training": "A call is told `training=False`.",
    "identity": "A layer or operation that changes nothing is put in between.",
    "layer name": "A layer, input or model gets a name of its own, or another one, or none.",
    "list of one": "The one input of a model is in a list.",
    "shape": "The shape of an input is a list, or told with its batch axis.",
}
_PER_AXIS = ("kernel_size", "pool_size", "strides", "dilation_rate")
_POOLING = re.compile(r"(Max|Average)Pooling\dD")
# Defaults that Keras replaces, or takes only in the place of others.
_NOT_SPELLED = ("dtype", "batch_shape", "tensor", "batch_size", "sparse", "ragged", "seed", "lora_rank")


def write_layers(cell: Cell, choices: Choices) -> None:
    """Write layers and inputs that are made, and their calls, in other ways."""
    entrances = _entrances(cell)
    cell.rewrite(lambda node: _settings(cell, choices, node, entrances))
    cell.rewrite(lambda node: _call(cell, choices, node))
    _name_layers(cell, choices)


def write_names(cell: Cell, choices: Choices) -> None:
    """Call what Keras offers by other names; the last rewriting, for it knows no more than names."""

    def change(node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Call):
            return node
        thing = cell.names.of(node.func)
        if thing is None or not callable(thing):
            return node
        node = _spelled_arguments(choices, node, thing)
        told = ast.dump(node.func)
        spellings = {ast.unparse(one): one for one in cell.names.spellings(thing) if ast.dump(one) != told}
        others: list[tuple[str, ast.expr]] = [("alias", one) for one in spellings.values()]
        others += [("imported", one) for one in list(spellings.values())[:1]]
        chosen = choices.pick(None, [(rule, (rule, one)) for rule, one in others])
        if chosen is None:
            return node
        rule, func = chosen
        if rule == "imported" and isinstance(func, ast.Attribute):
            name = cell.fresh(func.attr, f"My{func.attr}")
            as_name = f" as {name}" if name != func.attr else ""
            cell.imports[f"from {ast.unparse(func.value)} import {func.attr}{as_name}"] = None
            func = ast.Name(name, ast.Load())
        return ast.Call(func, node.args, node.keywords)

    cell.rewrite(change)


def _spelled_arguments(choices: Choices, node: ast.Call, thing: Any) -> ast.Call:
    """Arguments by keyword, or by position as far as that goes."""
    names = placed(thing)
    if not names or not is_plain(node) or len(node.args) > len(names):
        return node
    keyworded = [ast.keyword(name, one) for name, one in zip(names, node.args, strict=False)] + node.keywords
    args, left = list(node.args), {str(one.arg): one for one in node.keywords}
    while len(args) < len(names) and names[len(args)] in left:
        args.append(left.pop(names[len(args)]).value)
    others = []
    if node.args:
        others.append(("keywords", ast.Call(node.func, [], keyworded)))
    if len(args) > len(node.args):
        others.append(("keywords", ast.Call(node.func, args, list(left.values()))))
    return choices.pick(node, others)


def _entrances(cell: Cell) -> set[str]:
    """The names of single inputs."""
    import keras

    return {
        name
        for one in ast.walk(cell.tree)
        if isinstance(one, ast.Assign)
        and isinstance(one.value, ast.Call)
        and cell.names.of(one.value.func) is keras.Input
        and (name := assigned(one)) is not None
    }


def _settings(cell: Cell, choices: Choices, node: ast.expr, entrances: Collection[str]) -> ast.expr:
    if not isinstance(node, ast.Call) or not is_plain(node):
        return node
    kind = cell.names.of(node.func)
    if cell.names.layer(node.func) is None:
        return _ends(choices, node, kind, entrances)
    assert isinstance(kind, type)
    made = _padding(choices, _pooling(choices, node, kind), kind)
    for name in _PER_AXIS:
        made = _pair(choices, made, kind, name)
    return _default(choices, made, kind)


def _default(choices: Choices, node: ast.Call, kind: Any) -> ast.Call:
    others = [
        ("default", with_argument(node, kind, name, literal(default)))
        for name, default in parameters(kind)
        if argument(node, kind, name) is None
        and name not in _NOT_SPELLED
        and (default is None or isinstance(default, bool | int | float | str | tuple))
    ]
    return choices.pick(node, others)


def _pair(choices: Choices, node: ast.Call, kind: type, name: str) -> ast.Call:
    axes = re.search(r"(\d)D", kind.__name__)
    value = argument(node, kind, name)
    if axes is None or not isinstance(value, ast.Constant) or not isinstance(value.value, int):
        return node
    many = [value.value] * int(axes[1])
    others = [with_argument(node, kind, name, literal(one)) for one in (tuple(many), many)]
    return choices.pick(node, [("pair", one) for one in others])


def _pooling(choices: Choices, node: ast.Call, kind: type) -> ast.Call:
    if not _POOLING.fullmatch(kind.__name__):
        return node
    size, strides = argument(node, kind, "pool_size"), argument(node, kind, "strides")
    if not isinstance(size, ast.Constant):
        return node
    if strides is None:
        return choices.pick(node, [("pooling strides", with_argument(node, kind, "strides", size))])
    if ast.dump(strides) == ast.dump(size):
        return choices.pick(node, [("pooling strides", with_argument(node, kind, "strides", None))])
    return node


def _padding(choices: Choices, node: ast.Call, kind: type) -> ast.Call:
    value = argument(node, kind, "padding")
    told = value.value if isinstance(value, ast.Constant) else None
    if value is not None and not isinstance(told, str):
        return node
    window = argument(node, kind, "kernel_size")
    if kind.__name__.startswith("Conv") and isinstance(window, ast.Constant) and window.value == 1:
        others = [literal("valid"), None] if told == "same" else [literal("same")]
        changed = [with_argument(node, kind, "padding", other) for other in others]
        node = choices.pick(node, [("no padding needed", one) for one in changed])
        value = argument(node, kind, "padding")
    # Pooling layers take small letters only.
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and "Conv" in kind.__name__:
        words = (value.value.upper(), value.value.title())
        capitals = [with_argument(node, kind, "padding", literal(word)) for word in words]
        return choices.pick(node, [("capitals", one) for one in capitals])
    return node


def _ends(choices: Choices, node: ast.Call, kind: Any, entrances: Collection[str]) -> ast.Call:
    """The ends of a model, and the shape of an input."""
    import keras

    if kind is keras.Model:
        value = argument(node, kind, "inputs")
        if isinstance(value, ast.Name) and value.id in entrances:
            alone = with_argument(node, kind, "inputs", ast.List([value], ast.Load()))
            return choices.pick(node, [("list of one", alone)])
        return node
    if kind is keras.Input:
        shape = argument(node, kind, "shape")
        if isinstance(shape, ast.Tuple):
            bare = with_argument(node, kind, "shape", None)
            batch = ast.Tuple([literal(None), *shape.elts], ast.Load())
            others = [
                with_argument(node, kind, "shape", ast.List(shape.elts, ast.Load())),
                ast.Call(node.func, [], [ast.keyword("batch_shape", batch), *_keyworded(bare, kind)]),
            ]
            return choices.pick(node, [("shape", one) for one in others])
    return node


def _keyworded(call: ast.Call, thing: Any) -> list[ast.keyword]:
    names = [name for name, _ in parameters(thing)]
    return [ast.keyword(name, one) for name, one in zip(names, call.args, strict=False)] + call.keywords


def _call(cell: Cell, choices: Choices, node: ast.expr) -> ast.expr:
    """The call of a layer on a tensor, which gives one tensor back."""
    kind = cell.names.made_layer(node.func) if isinstance(node, ast.Call) else None
    if kind is None or not isinstance(node, ast.Call) or node.keywords or len(node.args) != 1:
        return node
    called = inspect.signature(kind.call)  # type: ignore[attr-defined]
    first = next(name for name in called.parameters if name != "self")
    training = [*node.keywords, ast.keyword("training", literal(False))]
    others: list[tuple[str, ast.expr]] = [
        ("called by keyword", ast.Call(node.func, [], [ast.keyword(first, node.args[0])])),
        ("training", ast.Call(node.func, node.args, training)),
    ]
    (tensor,) = node.args
    # What reads several tensors at once may be given them as a list with a name.
    if isinstance(tensor, ast.Name | ast.Call) and not takes_list(kind.__name__):
        others += [("identity", ast.Call(node.func, [one], [])) for one in _identities(cell, tensor)]
    return choices.pick(node, others)


def _identities(cell: Cell, tensor: ast.expr) -> list[ast.expr]:
    identity = ast.Call(cell.names.spelled("layers", "Identity"), [], [])
    linear = ast.Call(cell.names.spelled("layers", "Activation"), [literal("linear")], [])
    return [ast.Call(one, [copy.deepcopy(tensor)], []) for one in (identity, linear)]


def _renamed(cell: Cell, choices: Choices, node: ast.expr) -> ast.expr:
    """A layer whose name is free under another name, or without one."""
    import keras

    if not isinstance(node, ast.Call) or not is_plain(node):
        return node
    if cell.names.of(node.func) is not keras.Input and cell.names.layer(node.func) is None:
        return node
    name = next((one.value for one in node.keywords if one.arg == "name"), None)
    if not isinstance(name, ast.Constant) or name.value not in cell.free_names:
        return node
    left = [one for one in node.keywords if one.arg != "name"]
    other = ast.keyword("name", literal(f"my_{name.value}"))
    made = [ast.Call(node.func, node.args, keywords) for keywords in (left, [*left, other])]
    return choices.pick(node, [("layer name", one) for one in made])


def _name_layers(cell: Cell, choices: Choices) -> None:
    """Name what has no name, where it is made once: outside of functions, loops and comprehensions."""

    def change(node: ast.expr) -> ast.expr:
        import keras

        if not isinstance(node, ast.Call) or not is_plain(node):
            return node
        thing = cell.names.of(node.func)
        nameable = thing in (keras.Model, keras.Input, keras.Sequential) or cell.names.layer(node.func)
        if not nameable or any(one.arg == "name" for one in node.keywords):
            return node
        if thing is keras.Input and argument(node, thing, "name") is not None:
            return node
        stem = thing.__name__.lower()
        named = [*node.keywords, ast.keyword("name", literal(f"the_{stem}"))]
        made = choices.pick(None, [("layer name", ast.Call(node.func, node.args, named))])
        if made is None:
            return node
        made.keywords[-1] = ast.keyword("name", literal(cell.fresh(f"the_{stem}")))
        return made

    cell.rewrite(lambda node: _renamed(cell, choices, node))
    for number, statement in enumerate(cell.tree.body):
        if isinstance(statement, ast.Assign | ast.Expr):
            one = Cell(ast.Module([statement], []), cell.names, cell.kept, cell.taken)
            if not any(isinstance(inner, ast.ListComp | ast.GeneratorExp) for inner in ast.walk(statement)):
                one.rewrite(change)
                cell.tree.body[number] = one.tree.body[0]
