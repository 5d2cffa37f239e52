"""The code of one cell, to be looked at and to be changed in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import libcst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

Node = TypeVar("Node", bound=libcst.CSTNode)
Replacement = libcst.CSTNode | libcst.FlattenSentinel[libcst.CSTNode] | libcst.RemovalSentinel
Changes = Mapping[Any, Replacement]
"""The code that replaces a node."""
Scope = libcst.FunctionDef | libcst.Lambda | libcst.Module

_LONGEST = 60


@dataclass(frozen=True)
class Change:
    """A cell's code with one slip: its operator, where and what it is, and the resulting code."""

    operator: str
    line: int
    what: str
    text: str


class Code:
    """A cell's code as a syntax tree that keeps all white space.

    `earlier` are the variables that the cells before it have made.
    """

    def __init__(self, text: str, earlier: Sequence[str] = ()) -> None:
        wrapper = MetadataWrapper(libcst.parse_module(text))
        self.text = text
        self.earlier = tuple(earlier)
        self.module = wrapper.module
        self._ranges: Mapping[libcst.CSTNode, CodeRange] = wrapper.resolve(PositionProvider)
        self._parents: Mapping[libcst.CSTNode, libcst.CSTNode] = wrapper.resolve(ParentNodeProvider)
        self._places = {
            node: (place.start.line, place.start.column, -place.end.line, -place.end.column)
            for node, place in self._ranges.items()
        }

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Return all nodes of a kind, from the top down."""
        found = [node for node in self._ranges if isinstance(node, kind)]
        return sorted(found, key=lambda node: self._places[node])

    def line(self, node: libcst.CSTNode) -> int:
        """Return the line that a node begins on, counted from 1."""
        return self._ranges[node].start.line

    def last_line(self, node: libcst.CSTNode) -> int:
        """Return the line that a node ends on, counted from 1."""
        return self._ranges[node].end.line

    def parent(self, node: libcst.CSTNode) -> libcst.CSTNode | None:
        """Return the node that contains a node; None for the module."""
        return self._parents.get(node)

    def around(self, node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
        """Yield the nodes around a node, from the innermost to the module."""
        found = self.parent(node)
        while found is not None:
            yield found
            found = self.parent(found)

    def scope(self, node: libcst.CSTNode) -> Scope:
        """Return the function that a node belongs to, or else the module."""
        return next(
            found
            for found in self.around(node)
            if isinstance(found, (libcst.FunctionDef, libcst.Lambda, libcst.Module))
        )

    def block(self, node: libcst.CSTNode) -> libcst.IndentedBlock | libcst.Module:
        """Return the block of statements that a node belongs to."""
        return next(
            found for found in self.around(node) if isinstance(found, (libcst.IndentedBlock, libcst.Module))
        )

    def statement(self, node: libcst.CSTNode) -> libcst.BaseStatement:
        """Return the innermost statement that a node belongs to."""
        return next(found for found in self.around(node) if isinstance(found, libcst.BaseStatement))

    def said(self, node: libcst.CSTNode) -> str:
        """Return a node's code on one line, shortened where it is long."""
        text = re.sub(r"\s+", " ", self.module.code_for_node(_bare(node))).strip()
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def change(
        self,
        operator: str,
        place: libcst.CSTNode,
        what: str,
        changes: Changes,
        before: tuple[libcst.BaseStatement, libcst.BaseStatement] | None = None,
    ) -> Change:
        """Return the code with some nodes replaced; the line that is reported is that of the node `place`.

        `before` are a statement and one that is put in front of it.
        """
        places = [*changes, *(before[:1] if before is not None else ())]
        touched = {holder for node in places for holder in (node, *self.around(node))}
        changed = self.module.visit(_Replacing(changes, before, touched))
        assert isinstance(changed, libcst.Module)
        return Change(operator, self.line(place), what, changed.code)

    def swap(
        self, operator: str, old: libcst.BaseExpression, new: str, *, instead: str | None = None
    ) -> Change:
        """Return the code with another expression for one, in brackets where it needs them."""
        put = libcst.parse_expression(new)
        if isinstance(put, libcst.BinaryOperation | libcst.UnaryOperation) and isinstance(
            self.parent(old), libcst.BinaryOperation
        ):
            put = put.with_changes(lpar=[libcst.LeftParen()], rpar=[libcst.RightParen()])
        what = f"{self._before(old)}{new} instead of {instead or self.said(old)}"
        return self.change(operator, old, what, {old: put})

    def _before(self, node: libcst.BaseExpression) -> str:
        """Return what tells an expression from others on its line: its keyword, its key or its call."""
        inside: libcst.CSTNode = node
        for holder in self.around(node):
            if isinstance(holder, libcst.Arg) and holder.keyword is not None:
                return holder.keyword.value + ("=" if holder.value is node else ": ")
            if isinstance(holder, libcst.DictElement) and holder.value is inside:
                return f"{self.said(holder.key)}: "
            if isinstance(holder, libcst.Call):
                return f"{self.said(holder.func)}: " if isinstance(inside, libcst.Arg) else ""
            if isinstance(holder, libcst.BaseStatement):
                break
            inside = holder
        return ""


class _Replacing(libcst.CSTTransformer):
    """A transformer that replaces nodes by identity; nodes that are not `touched` stay as they are."""

    def __init__(
        self,
        changes: Changes,
        before: tuple[libcst.BaseStatement, libcst.BaseStatement] | None,
        touched: Collection[libcst.CSTNode],
    ) -> None:
        super().__init__()
        self._changes = changes
        self._before = before
        self._touched = touched

    def on_visit(self, node: libcst.CSTNode) -> bool:
        # Every visited node is made anew, which took most of the time of making mutants.
        return node in self._touched

    def on_leave(self, original_node: libcst.CSTNode, updated_node: libcst.CSTNode) -> Any:
        if self._before is not None and original_node is self._before[0]:
            return libcst.FlattenSentinel([self._before[1], updated_node])
        return self._changes.get(original_node, updated_node)


def _bare(node: libcst.CSTNode) -> libcst.CSTNode:
    """Return a node without the comma behind it and the comment above it."""
    if isinstance(node, libcst.Arg | libcst.BaseElement | libcst.BaseDictElement):
        return node.with_changes(comma=libcst.MaybeSentinel.DEFAULT)
    if isinstance(node, libcst.BaseStatement):
        return node.with_changes(leading_lines=())
    return node
