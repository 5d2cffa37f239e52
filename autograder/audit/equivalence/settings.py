"""Writes the settings of layers and inputs in other ways."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from typing import Any

from autograder.audit.equivalence.cell import Cell, assigned
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import argument, is_plain, literal, parameters, with_argument

RULES = {
    "default": "A setting that is the default anyway is spelled out.",
    "pair": "A window or a stride is written as a tuple or list, one number an axis.",
    "capitals": "The padding of a convolution is written in capitals.",
    "no padding needed": "Where a window of one pixel needs no padding, there is the other of the two.",
    "pooling strides": "The strides of a pooling that moves by its own size are told, or left out.",
    "list of one": "The one input of a model is in a list.",
    "shape": "The shape of an input is a list, or told with its batch axis.",
}
_PER_AXIS = ("kernel_size", "pool_size", "strides", "dilation_rate")
_POOLING = re.compile(r"(Max|Average)Pooling\dD")
# Defaults that Keras replaces, or accepts only in the place of other arguments.
_NOT_SPELLED = ("dtype", "batch_shape", "tensor", "batch_size", "sparse", "ragged", "seed", "lora_rank")


def write_settings(cell: Cell, choices: Choices) -> None:
    """Write the settings of layers, inputs and models in other ways."""
    entrances = _entrances(cell)
    cell.rewrite(lambda node: _settings(cell, choices, node, entrances))


def _entrances(cell: Cell) -> set[str]:
    """Return the names of single inputs."""
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
    # Pooling layers accept only small letters.
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and "Conv" in kind.__name__:
        words = (value.value.upper(), value.value.title())
        capitals = [with_argument(node, kind, "padding", literal(word)) for word in words]
        return choices.pick(node, [("capitals", one) for one in capitals])
    return node


def _ends(choices: Choices, node: ast.Call, kind: Any, entrances: Collection[str]) -> ast.Call:
    """Return a model's call with its inputs, or an input's with its shape, perhaps written otherwise."""
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
