"""Makes variables and attributes that are others, or do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst

from autograder.audit.mutation.source.code import Change, Code, Scope
from autograder.audit.mutation.source.spelling import misspelt, misspelt_kinds

_MODULES = ("keras", "layers")


def name_changes(code: Code) -> Iterator[Change]:
    """Yield the code with a variable read as another or made under a wrong name, or an attribute misspelt."""
    for name in code.nodes(libcst.Name):
        if is_read(code, name) and not isinstance(code.parent(name), libcst.Return):
            for other in others(code, name, name.value):
                yield code.swap("variable changed", name, other)
    for attribute in code.nodes(libcst.Attribute):
        for other in misspelt_kinds(attribute.attr.value):
            what = f"{other} instead of {attribute.attr.value}"
            changed = {attribute.attr: attribute.attr.with_changes(value=other)}
            yield code.change("attribute misspelt", attribute, what, changed)
    for named in _named(code):
        other = misspelt(named.value)
        what = f"{other} instead of {named.value} is given a value"
        yield code.change("name misspelt", named, what, {named: named.with_changes(value=other)})


def others(code: Code, place: libcst.CSTNode, name: str) -> list[str]:
    """Return the variables that can be read at a place instead of one."""
    line, scope = code.line(place), code.scope(place)
    near = [made for made, since in _made(code, scope) if since <= line]
    if not isinstance(scope, libcst.Module):
        return [other for other in dict.fromkeys(near) if other != name]
    return [other for other in dict.fromkeys((*near, *code.earlier)) if other != name]


def is_read(code: Code, name: libcst.Name) -> bool:
    """Return whether a name is a variable of the cells that is read here."""
    match code.parent(name):
        case libcst.Attribute(attr=attribute) if attribute is name:
            return False
        case libcst.Arg(keyword=keyword) if keyword is name:
            return False
        case libcst.AssignTarget() | libcst.Param() | libcst.FunctionDef() | libcst.ImportAlias():
            return False
        case libcst.For(target=target) | libcst.CompFor(target=target) if target is name:
            return False
    known = {made for scope in _scopes(code, name) for made, _ in _made(code, scope)}
    return name.value in known or name.value in code.earlier


def _scopes(code: Code, name: libcst.Name) -> list[Scope]:
    return [
        found
        for found in code.around(name)
        if isinstance(found, libcst.FunctionDef | libcst.Lambda | libcst.Module)
    ]


def _made(code: Code, scope: Scope) -> list[tuple[str, int]]:
    """Return the variables of a function or of the cell, each with the first line where it can be read."""
    found = []
    if not isinstance(scope, libcst.Module):
        line = code.line(scope.params) if scope.params.params else code.line(scope)
        found = [(parameter.name.value, line) for parameter in scope.params.params]
    for named in _named(code):
        if code.scope(named) is scope:
            holder = code.parent(named)
            looping = isinstance(holder, libcst.For | libcst.CompFor)
            after = code.line(named) if looping else code.last_line(code.statement(named)) + 1
            found.append((named.value, after))
    return found


def _named(code: Code) -> list[libcst.Name]:
    """Return the names that are assigned a value, or that name a function."""
    found = []
    for name in code.nodes(libcst.Name):
        holder = code.parent(name)
        target: Any = getattr(holder, "target", None)
        given = isinstance(holder, libcst.AssignTarget | libcst.For | libcst.CompFor) and target is name
        defined = isinstance(holder, libcst.FunctionDef) and holder.name is name
        if (given or defined) and name.value != "_":
            found.append(name)
    return found
