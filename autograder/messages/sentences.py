"""Finds the sentences in source code: those in calls of `message`, and the titles of a grader's checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.messages.errors import AutograderError
from autograder.messages.rendering import GAP


class UnextractableError(AutograderError):
    """A call of `message` whose sentence is not written out as a literal."""


def said_by(source: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield the literal sentences of `message(...)`, each with its line.

    Raises:
        UnextractableError: a sentence is not a literal; `name` says in which file.
    """
    for node in ast.walk(ast.parse(source, name)):
        if isinstance(node, ast.Call) and _called(node) == "message" and node.args:
            for text in _literals(node.args[0]):
                if text is None:
                    raise UnextractableError(f"{name}:{node.lineno}: write the sentence out in message(...)")
                yield node.lineno, text


def said_by_grader(source: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a grader's file: those that `said_by` finds, and the titles of its checks.

    Raises:
        UnextractableError: a sentence is not a literal.
    """
    yield from said_by(source, name)
    for node in ast.parse(source, name).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.lineno, first_paragraph(ast.get_docstring(node) or "")


def first_paragraph(docstring: str) -> str:
    """Return the first paragraph of a docstring on one line: it is a check's title."""
    return " ".join(docstring.split("\n\n")[0].split())


def wants_translation(text: str) -> bool:
    """Return whether a sentence has words of its own besides its gaps."""
    return any(map(str.isalpha, GAP.sub("", text)))


def _called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _literals(node: ast.expr) -> Iterator[str | None]:
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    else:
        yield node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
