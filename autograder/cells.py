"""Tells which names a code cell makes, and which of them it did not reach when it stopped with an error."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# Methods that change an existing model; all others only look at it, train it, or draw it.
_CHANGING = ("add", "build", "compile", "pop")

# The same for text that is not Python: a line that begins with an assignment, a definition or a change.
_WRITTEN = re.compile(
    rf"^[ \t]{{0,40}}(?:([^\W\d]\w{{0,100}})[ \t]{{0,40}}=(?!=)|def[ \t]{{1,40}}(\w{{1,100}})|"
    rf"([^\W\d]\w{{0,100}})\.(?:{'|'.join(_CHANGING)})\b)",
    re.MULTILINE,
)


def made_by(source: str) -> set[str]:
    """Return the names that a cell makes; none where it is not Python, as with a magic."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {name for statement in tree.body for name in _bound(statement)}


def given_in(source: str) -> set[str]:
    """Return every name that a cell gives to something, in its functions too; none where it is not Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return set(_given(tree))


def _given(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]


def named_in(source: str) -> set[str]:
    """Return the names that a cell uses or makes, except `check`; none where it is not Python."""
    try:
        return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)} - {"check"}
    except SyntaxError:
        return set()


def changed_by(source: str) -> set[str]:
    """Return the names that a cell makes, and those of models that it compiles or adds to."""
    return left_by(source, 0)


def left_by(source: str, line: int | None) -> set[str]:
    """Return the names that a cell would have made or changed, had it not stopped at a line.

    Args:
        source: the cell's text. Where it is not Python, nothing of it has run, and all of it counts.
        line: the line that raised, from 1; None where it is not known, and all of the cell counts.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {name for found in _WRITTEN.finditer(source) for name in found.groups() if name}
    left = set()
    for statement in tree.body:
        if _last_line(statement) >= (line or 0):
            left |= {*_bound(statement), *_changed(statement)}
    return left


def _last_line(statement: ast.stmt) -> int:
    """Return the last line of a statement that runs with it: a function's body runs only when called."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return statement.body[0].lineno - 1
    return statement.end_lineno or 0


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds, but not those inside a function that it defines."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name


def _changed(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in _CHANGING:
                yield from _owner(called.value)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
            yield from _owner(node.value)


def _owner(node: ast.expr) -> Iterator[str]:
    """Yield the name at the beginning of an expression such as `model.layers[0].trainable`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def empty_lines(source: str) -> int:
    """Return how many empty lines a cell begins with: IPython removes them before it counts lines."""
    lines = source.splitlines()
    return next((number for number, line in enumerate(lines) if line.strip()), 0)
