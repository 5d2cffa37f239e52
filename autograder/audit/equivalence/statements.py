"""Writes the same steps with other names, in another order, in one expression or in several."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import cast

from autograder.audit.equivalence.cell import Cell, assign, assigned, blocks, load, reads, writes
from autograder.audit.equivalence.choices import Choices

RULES = {
    "single names": "Every tensor has a name of its own, where one name was given to several in turn.",
    "renamed variable": "A variable that only this cell uses has another name.",
    "other order": "Steps that do not depend on each other come in another order.",
    "inlined": "A step that one other step reads is written inside of that.",
    "outlined": "A layer, or a step inside of an expression, has a name and a line of its own.",
    "passed on": "A result has another name first, and is then given its own.",
}
_SCOPES = (ast.Lambda, ast.FunctionDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ONE_LINE = (ast.Assign, ast.Return, ast.Expr)


def single_names(cell: Cell, choices: Choices) -> None:
    """Give each tensor a name of its own."""
    for block in blocks(cell.tree):
        targets = [name for statement in block if (name := assigned(statement)) is not None]
        for name in dict.fromkeys(targets):
            parameter = name in _parameters(cell.tree)
            plain = all(
                assigned(one) == name or name not in writes(one) or _is_call(one) for one in block
            ) and not any(name in reads(inner) for inner in _later(block))
            repeated = targets.count(name) + parameter > 1
            if plain and repeated and choices.pick(False, [("single names", True)]):
                _number(cell, block, name)


def _number(cell: Cell, block: list[ast.stmt], name: str) -> None:
    """Give numbered names to all meanings of a name except the last, which others may use."""
    left = sum(assigned(statement) == name for statement in block)
    current = name
    for statement in block:
        target = assigned(statement) == name
        _rename(statement.value if target else statement, name, current)  # type: ignore[attr-defined]
        if target:
            left -= 1
            current = cell.fresh(*(f"{name}_{number}" for number in range(1, 10))) if left else name
            statement.targets = [ast.Name(current, ast.Store())]  # type: ignore[attr-defined]


def rename_variables(cell: Cell, choices: Choices) -> None:
    """Give variables other names."""
    scopes: list[ast.AST] = [node for node in ast.walk(cell.tree) if isinstance(node, ast.FunctionDef)]
    for scope in [*scopes, cell.tree]:
        body: list[ast.stmt] = scope.body  # type: ignore[attr-defined]
        stored = {one.id for one in ast.walk(scope) if isinstance(one, ast.Name) and _is_stored(one)}
        if scope is cell.tree:
            stored = {name for statement in body for name in _targets(statement)} - cell.kept
        for name in sorted(stored - _parameters(cell.tree)):
            others = [("renamed variable", style) for style in (f"my_{name}", f"{name}_here", f"the_{name}")]
            chosen = choices.pick(name, others)
            if chosen != name:
                new = cell.fresh(chosen)
                for statement in body:
                    _rename(statement, name, new)


def _targets(statement: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and _is_stored(one)}


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _parameters(tree: ast.AST) -> set[str]:
    return {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}


def _rename(node: ast.AST, name: str, new: str) -> None:
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id == name:
            one.id = new


def _later(block: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the parts of a block that may run later than where they stand."""
    for statement in block:
        for node in ast.walk(statement):
            if isinstance(node, ast.Lambda | ast.FunctionDef | ast.GeneratorExp):
                yield node


def _is_call(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr)


def reorder(cell: Cell, choices: Choices) -> None:
    """Put the steps of each block into another order that serves as well."""
    for block in blocks(cell.tree):
        waiting = list(range(len(block)))
        before = {later: {one for one in range(later) if _in_order(block, one, later)} for later in waiting}
        order: list[int] = []
        while waiting:
            ready = [one for one in waiting if not before[one] & set(waiting)]
            chosen = choices.pick(ready[0], [("other order", one) for one in ready[1:]])
            order.append(chosen)
            waiting.remove(chosen)
        block[:] = [block[number] for number in order]


def _in_order(block: Sequence[ast.stmt], one: int, later: int) -> bool:
    """Return whether one statement must stay before a later one."""
    first, second = block[one], block[later]
    if is_barrier(first) or is_barrier(second):
        return True
    touched = _all_reads(block, second) | writes(second)
    return bool(writes(first) & touched or _all_reads(block, first) & writes(second))


def _all_reads(block: Sequence[ast.stmt], statement: ast.stmt) -> set[str]:
    """Return what a statement reads, and what those of the block's functions read that it uses."""
    found: set[str] = set()
    waiting = reads(statement)
    functions = {one.name: one for one in block if isinstance(one, ast.FunctionDef)}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += reads(functions[name]) if name in functions else []
    return found


def is_barrier(statement: ast.stmt) -> bool:
    """Return whether a statement may change something that others read, or ends its block."""
    if isinstance(statement, ast.FunctionDef):
        return False
    return any(
        isinstance(one, ast.Expr | ast.AugAssign | ast.Return)
        or (isinstance(one, ast.Subscript | ast.Attribute) and isinstance(one.ctx, ast.Store))
        for one in ast.walk(statement)
    )


def dead_after(cell: Cell, block: list[ast.stmt], place: int, name: str) -> bool:
    """Return whether a name's value is never read after a place in a block."""
    for statement in block[place + 1 :]:
        if name in reads(statement):
            return False
        if assigned(statement) == name:
            return True
    return block is not cell.tree.body or name not in cell.kept


def inline(cell: Cell, choices: Choices) -> None:
    """Write a step inside the one step that reads it."""
    for block in blocks(cell.tree):
        place = 0
        while place < len(block):
            reader = _only_reader(cell, block, place)
            if reader is not None and choices.pick(False, [("inlined", True)]):
                name, value = assigned(block[place]), block[place].value  # type: ignore[attr-defined]
                block[reader] = _Put(str(name), value).visit(block[reader])
                del block[place]
            else:
                place += 1


def _only_reader(cell: Cell, block: list[ast.stmt], place: int) -> int | None:
    """Return the place of the one statement that reads what is made here, if it can also make it itself."""
    name = assigned(block[place])
    if name is None:
        return None
    needed = set(reads(block[place].value))  # type: ignore[attr-defined]
    for later in range(place + 1, len(block)):
        statement = block[later]
        if name in reads(statement):
            inside = [one for one in ast.walk(statement) if isinstance(one, _SCOPES)]
            once = reads(statement).count(name) == 1 and not any(name in reads(one) for one in inside)
            dead = assigned(statement) == name or dead_after(cell, block, later, name)
            return later if once and dead and isinstance(statement, _ONE_LINE) else None
        if is_barrier(statement) or writes(statement) & (needed | {name}):
            return None
    return None


class _Put(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self._name, self._value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._value if node.id == self._name and isinstance(node.ctx, ast.Load) else node


def outline(cell: Cell, choices: Choices) -> None:
    """Give layers, and steps inside expressions, lines of their own."""
    for block in blocks(cell.tree):
        for statement in list(block):
            if isinstance(statement, _ONE_LINE) and statement.value is not None:
                before: list[ast.stmt] = []
                outliner = _Outliner(cell, choices, before, statement.value)
                statement.value = cast(ast.expr, outliner.visit(statement.value))
                where = block.index(statement)
                block[where:where] = before


class _Outliner(ast.NodeTransformer):
    def __init__(self, cell: Cell, choices: Choices, before: list[ast.stmt], whole: ast.expr) -> None:
        self._cell, self._choices, self._before, self._whole = cell, choices, before, whole

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, _SCOPES):
            return node
        made = super().generic_visit(node)
        if not isinstance(made, ast.Call):
            return made
        names = self._cell.names
        makes = names.made_layer(made) is not None
        step = names.made_layer(made.func) is not None and made is not self._whole
        if (makes or step) and self._choices.pick(False, [("outlined", True)]):
            name = self._cell.fresh("layer" if makes else "step")
            self._before.append(assign(name, made))
            return load(name)
        return made


def pass_on(cell: Cell, choices: Choices) -> None:
    """Give results another name first."""
    for block in blocks(cell.tree):
        for place in reversed(range(len(block))):
            name = assigned(block[place])
            if name is not None and choices.pick(False, [("passed on", True)]):
                made = cell.fresh("made", "result", "found")
                value = block[place].value  # type: ignore[attr-defined]
                block[place : place + 1] = [assign(made, value), assign(name, load(made))]
