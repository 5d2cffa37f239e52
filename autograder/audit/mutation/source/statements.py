"""Makes lines that are missing or say something else, and turns loops, conditions and operators round."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from itertools import pairwise

import libcst

from autograder.audit.mutation.source.code import Change, Code, Replacement
from autograder.audit.mutation.source.names import others

_OPERATORS: dict[type[libcst.BaseBinaryOp], str] = {
    libcst.Add: "+",
    libcst.Subtract: "-",
    libcst.Multiply: "*",
    libcst.FloorDivide: "//",
}


def statement_changes(code: Code) -> Iterator[Change]:
    """Yield the code with statements deleted, results forgotten, and other returns, loops and conditions."""
    for statement in code.nodes(libcst.SimpleStatementLine):
        if not isinstance(statement.body[0], libcst.Return | libcst.Pass):
            yield code.change(
                "statement deleted", statement, f"without {code.said(statement)}", _deleted(code, statement)
            )
    for assigned in code.nodes(libcst.Assign):
        if isinstance(assigned.value, libcst.Call):
            target = code.said(assigned.targets[0].target)
            what = f"{code.said(assigned.value)} is not assigned to {target}"
            yield code.change("result not assigned", assigned, what, {assigned: libcst.Expr(assigned.value)})
    yield from _returns(code)
    yield from _loops(code)
    yield from _conditions(code)
    for operation in code.nodes(libcst.BinaryOperation):
        for kind, sign in _OPERATORS.items():
            if not isinstance(operation.operator, kind):
                what = f"{sign} instead of {code.said(operation.operator)} in {code.said(operation)}"
                changed = {operation.operator: kind()}
                yield code.change("operator changed", operation, what, changed)


def syntax_errors(text: str) -> Iterator[Change]:
    """Yield the code without its last closing bracket, and without the first colon that ends a header."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    closing = [token for token in tokens if token.type == tokenize.OP and token.string in (")", "]", "}")]
    headers = [
        token
        for token, follows in pairwise(tokens)
        if token.string == ":" and follows.type == tokenize.NEWLINE
    ]
    for operator, found in (("bracket missing", closing[-1:]), ("colon missing", headers[:1])):
        for token in found:
            lines = text.splitlines(keepends=True)
            number, column = token.start
            lines[number - 1] = lines[number - 1][:column] + lines[number - 1][column + 1 :]
            what = f"without the {token.string} of {token.line.strip()}"
            yield Change(operator, number, what, "".join(lines))


def _deleted(code: Code, statement: libcst.BaseStatement) -> dict[libcst.CSTNode, Replacement]:
    block = code.parent(statement)
    if isinstance(block, libcst.IndentedBlock) and len(block.body) == 1:
        return {statement: libcst.SimpleStatementLine([libcst.Pass()])}
    return {statement: libcst.RemoveFromParent()}


def _returns(code: Code) -> Iterator[Change]:
    for returned in code.nodes(libcst.Return):
        if returned.value is None:
            continue
        said = code.said(returned.value)
        forgotten = libcst.Expr(returned.value)
        yield code.change("return deleted", returned, f"{said} is not returned", {returned: forgotten})
        for other in others(code, returned, said):
            changed = {returned.value: libcst.Name(other)}
            yield code.change("return changed", returned, f"return {other} instead of {said}", changed)


def _loops(code: Code) -> Iterator[Change]:
    """Yield each loop with one turn more or fewer, only the first, or none, and its body without the loop."""
    for loop in code.nodes(libcst.For):
        over = code.said(loop.iter)
        other = (
            [f"range({over[6:-1]} + 1)", f"range({over[6:-1]} - 1)", "range(1)"]
            if over.startswith("range(")
            else [f"list({over})[1:]", f"list({over})[:1]", f"2 * list({over})"]
        )
        for changed in other:
            yield code.swap("loop changed", loop.iter, changed)
        if isinstance(loop.body, libcst.IndentedBlock):
            once = libcst.FlattenSentinel(loop.body.body)
            yield code.change("loop removed", loop, f"once instead of for each of {over}", {loop: once})


def _conditions(code: Code) -> Iterator[Change]:
    holders: list[libcst.If | libcst.IfExp | libcst.While] = [
        *code.nodes(libcst.If),
        *code.nodes(libcst.IfExp),
        *code.nodes(libcst.While),
    ]
    for holder in holders:
        test = holder.test
        negated = libcst.UnaryOperation(
            libcst.Not(),
            test.with_changes(lpar=[libcst.LeftParen()], rpar=[libcst.RightParen()]),
        )
        what = f"not ({code.said(test)}) instead of {code.said(test)}"
        yield code.change("condition negated", holder, what, {test: negated})
