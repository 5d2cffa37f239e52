"""The answer that is being rewritten: its syntax tree, and what must be known of the rest of the notebook."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, count

from autograder.audit.equivalence.names import Names


@dataclass
class Cell:
    """An answer while it is rewritten.

    `kept` are the names that other cells use; `taken` all names of the notebook. `rank` is the number of axes
    of every concatenated tensor, where it is the same for all; `order_free` says that the task leaves the
    order of concatenated branches open; `free_names` are the names of layers that it leaves open, too.
    """

    tree: ast.Module
    names: Names
    kept: frozenset[str]
    taken: set[str]
    rank: int | None = None
    order_free: bool = False
    free_names: frozenset[str] = frozenset()
    imports: dict[str, None] = field(default_factory=dict)

    def again(self) -> Cell:
        """Return the same answer, to be rewritten from its beginning."""
        return replace(self, tree=copy.deepcopy(self.tree), taken=set(self.taken), imports=dict(self.imports))

    def fresh(self, *names: str) -> str:
        """Return the first of those names that is not taken, else the last with a number, and take it."""
        numbered = (f"{names[-1]}_{number}" for number in count(2))
        name = next(one for one in chain(names, numbered) if one not in self.taken)
        self.taken.add(name)
        return name

    def text(self) -> str:
        """Return the cell's source."""
        lines = [*self.imports, ast.unparse(ast.fix_missing_locations(self.tree))]
        return "\n".join(lines) + "\n"

    def rewrite(self, change: Callable[[ast.expr], ast.expr]) -> None:
        """Change every expression that is read, from the innermost outwards."""
        self.tree = _Rewriter(change).visit(self.tree)


class _Rewriter(ast.NodeTransformer):
    def __init__(self, change: Callable[[ast.expr], ast.expr]) -> None:
        self._change = change

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Assign):
            # The left side of an assignment is written, not read.
            node.value = self.visit(node.value)
            return node
        node = super().generic_visit(node)
        return self._change(node) if isinstance(node, ast.expr) else node


def reads(node: ast.AST | Iterable[ast.AST]) -> list[str]:
    """Return the names that are read in a piece of code, as often as they are read."""
    return [one.id for one in _names(node) if isinstance(one.ctx, ast.Load)]


def writes(node: ast.AST | Iterable[ast.AST]) -> set[str]:
    """Return the names that a piece of code assigns, or whose meaning it may change."""
    nodes = [node] if isinstance(node, ast.AST) else list(node)
    found = {one.id for one in _names(nodes) if not isinstance(one.ctx, ast.Load)}
    for outer in nodes:
        for inner in ast.walk(outer):
            if isinstance(inner, ast.FunctionDef | ast.ClassDef):
                found.add(inner.name)
            elif isinstance(inner, ast.alias):
                found.add((inner.asname or inner.name).split(".")[0])
    # A statement that is only a call may change what it reads: `model.compile(...)`.
    for statement in nodes:
        if isinstance(statement, ast.Expr):
            found.update(reads(statement))
    return found


def _names(node: ast.AST | Iterable[ast.AST]) -> list[ast.Name]:
    nodes = [node] if isinstance(node, ast.AST) else list(node)
    return [one for outer in nodes for one in ast.walk(outer) if isinstance(one, ast.Name)]


def blocks(tree: ast.Module) -> list[list[ast.stmt]]:
    """Return the lists of statements that run from top to bottom: the cell's own, and each function's."""
    return [tree.body] + [node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def assigned(statement: ast.stmt) -> str | None:
    """Return the name that a plain assignment of one name assigns; None for any other statement."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        (target,) = statement.targets
        return target.id if isinstance(target, ast.Name) else None
    return None


def assign(name: str, value: ast.expr) -> ast.Assign:
    """Return the statement `name = value`."""
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def called(name: str, *args: ast.expr) -> ast.Call:
    """Return the call `name(args)`."""
    return ast.Call(load(name), list(args), [])


def load(name: str) -> ast.Name:
    """Return the expression that reads a name."""
    return ast.Name(name, ast.Load())
