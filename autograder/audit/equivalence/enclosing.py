"""Writes an answer inside a function or a class."""

from __future__ import annotations

import ast

from autograder.audit.equivalence.cell import Cell, reads, writes
from autograder.audit.equivalence.choices import Choices

RULES = {
    "in a function": "What the cell makes is made by a function that is called once.",
    "in a class": "What the cell makes is made by a class.",
    "in a method": "A function is a method of an object.",
}


def enclose(cell: Cell, choices: Choices) -> None:
    """Put the cell's steps into a function or a class."""
    made = sorted({name for statement in cell.tree.body for name in _bound(statement)})
    results = [name for name in made if name in cell.kept]
    if _reads_before(cell, made):
        return
    ways = [("in a function", way) for way in ("function", "lambda")]
    ways += [("in a class", way) for way in ("class", "object")]
    (only, *others) = cell.tree.body
    if isinstance(only, ast.FunctionDef) and not others:
        ways.append(("in a method", "method"))
    way = choices.pick(None, ways)
    if way is None:
        return
    body = "\n".join(ast.unparse(ast.fix_missing_locations(one)) for one in cell.tree.body)
    cell.tree = ast.parse(_written(cell, way, body, results))


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement itself assigns; one that only changes something assigns none."""
    if isinstance(statement, ast.Expr):
        return set()
    return {name for name in writes(statement) if not _inner(statement, name)}


def _reads_before(cell: Cell, made: list[str]) -> bool:
    """Return whether a name is read with its meaning in the notebook before it is assigned here."""
    bound: set[str] = set()
    for statement in cell.tree.body:
        own = set() if isinstance(statement, ast.Assign) else _targets(statement)
        if (set(reads(statement)) - bound - own) & set(made):
            return True
        bound |= _bound(statement)
    return False


def _targets(statement: ast.stmt) -> set[str]:
    """Return the names that a statement, or a function that it defines, assigns."""
    return set() if isinstance(statement, ast.Expr) else writes(statement)


def _inner(statement: ast.stmt, name: str) -> bool:
    """Return whether a name belongs to a function that the statement defines."""
    return isinstance(statement, ast.FunctionDef) and name != statement.name


def _written(cell: Cell, way: str, body: str, results: list[str]) -> str:
    told = ", ".join(results)
    if way == "method":
        name = cell.fresh("Answer")
        signature, _, rest = body.partition("(")
        joint = "" if rest.startswith(")") else ", "
        return (
            f"class {name}:\n{_indented(f'{signature}(self{joint}{rest}')}\n"
            f"{results[0]} = {name}().{results[0]}"
            if results
            else body
        )
    if way in ("function", "lambda"):
        name = cell.fresh("build", "make", "answer")
        back = f"    return {told}\n" if results else ""
        function = f"def {name}():\n{_indented(body)}\n{back}"
        called = f"{name}()" if way == "function" else f"(lambda: {name}())()"
        return function + (f"{told} = {called}" if results else called)
    name = cell.fresh("Answer", "Builder")
    if way == "class":
        back = f"    return {told}\n" if results else ""
        method = f"@staticmethod\ndef build():\n{_indented(body)}\n{back}"
        called = f"{name}.build()"
        return f"class {name}:\n{_indented(method)}\n" + (f"{told} = {called}" if results else called)
    kept = "\n".join(f"self.{one} = {one}" for one in results)
    method = f"def __init__(self):\n{_indented(body)}\n{_indented(kept)}"
    made = cell.fresh("answer", "built")
    back = "\n".join(f"{one} = {made}.{one}" for one in results)
    return f"class {name}:\n{_indented(method)}\n{made} = {name}()\n{back}"


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in code.split("\n"))
