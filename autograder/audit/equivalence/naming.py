"""Writes things of Keras by other names, and names layers that need no name."""

from __future__ import annotations

import ast
from typing import Any

from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import argument, is_plain, literal, placed

RULES = {
    "alias": "A class or function of Keras is called by another of its names.",
    "imported": "A class or function of Keras is imported under a name of its own.",
    "keywords": "Arguments are given by keyword instead of by position, or the other way round.",
    "layer name": "A layer, input or model gets a name of its own, or another one, or none.",
}


def write_names(cell: Cell, choices: Choices) -> None:
    """Write what Keras offers by other names; this comes last, for other rules would not recognise them."""

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
            # An import names modules, whatever the notebook calls them.
            module = ast.unparse(func.value).removeprefix(cell.names.root())
            cell.imports[f"from keras{module} import {func.attr}{as_name}"] = None
            func = ast.Name(name, ast.Load())
        return ast.Call(func, node.args, node.keywords)

    cell.rewrite(change)


def _spelled_arguments(choices: Choices, node: ast.Call, thing: Any) -> ast.Call:
    """Return a call with arguments by keyword, or by position as far as that is possible."""
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


def name_layers(cell: Cell, choices: Choices) -> None:
    """Name layers without a name that are made once: outside functions, loops and comprehensions."""

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


def _renamed(cell: Cell, choices: Choices, node: ast.expr) -> ast.expr:
    """Return a layer, perhaps under another name or without one, if the task leaves its name open."""
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
