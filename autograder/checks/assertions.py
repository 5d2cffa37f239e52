"""Rewrites the plain `assert`s of a check, so that a learner reads what they compare.

An `assert` that does not hold would make the check broken, since an `AssertionError` does not say what was
compared. So the `assert`s of a grader's file are rewritten before it runs: each keeps its two sides, which
are evaluated once, as in any `assert`.
"""

from __future__ import annotations

import ast

from autograder.checks.values import shown
from autograder.checks.verdict import CheckFailure, Failure
from autograder.messages import Message, message, verbatim

_FAILED = "@failed"
_FOUND, _WANTED = "@found", "@wanted"


def rewritten(tree: ast.Module) -> ast.Module:
    """Return a grader's file with its `assert`s rewritten."""
    made: ast.Module = _Rewriting().visit(tree)
    place = _after_what_comes_first(made)
    imported = ast.ImportFrom(__name__, [ast.alias(failed.__name__, _FAILED)], 0)
    made.body.insert(place, imported)
    return ast.fix_missing_locations(made)


def failed(operator: str, found: object, wanted: object, said: object = None) -> CheckFailure:
    """Return the failure of an `assert` that does not hold.

    Args:
        operator: the name of the comparison in `ast`; empty where nothing is compared.
        found: its left side, or the condition.
        wanted: its right side.
        said: what follows the comma, a message or a text.
    """
    told, right = _text(found), _text(wanted)
    return CheckFailure(
        Failure(
            rationale=_rationale(operator, said),
            found=verbatim(told) if operator and told is not None else None,
            wanted=_wanted(operator, right) if right is not None else None,
        )
    )


def _rationale(operator: str, said: object) -> Message:
    if said is not None:
        return said if isinstance(said, Message) else verbatim(str(said))
    if operator:
        return message("The value is not what this check asks for.")
    return message("What this check asks for does not hold.")


def _wanted(operator: str, value: str) -> Message | None:
    """Return what a learner reads of the right side of a comparison that does not hold."""
    match operator:
        case "Eq" | "Is":
            return verbatim(value)
        case "NotEq" | "IsNot":
            return message("anything but {value}", value=value)
        case "Lt":
            return message("less than {value}", value=value)
        case "LtE":
            return message("at most {value}", value=value)
        case "Gt":
            return message("more than {value}", value=value)
        case "GtE":
            return message("at least {value}", value=value)
        case "In":
            return message("something in {value}", value=value)
        case "NotIn":
            return message("nothing in {value}", value=value)
        case _:
            return None


def _text(value: object) -> str | None:
    """Return a value as a learner would type it; None where it has no such form, as a subject has none."""
    try:
        text = shown(value)
    except Exception:
        return None
    return None if " object at 0x" in text or text.startswith(("Subject(", "Model(", "<")) else text


class _Rewriting(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        conditions = (
            node.test.values
            if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
            else [node.test]
        )
        return [ast.copy_location(_raising(condition, node.msg), node) for condition in conditions]


def _raising(condition: ast.expr, said: ast.expr | None) -> ast.stmt:
    """Return `if not condition: raise ...`, with the two sides of a comparison kept in variables."""
    operator = ""
    found: ast.expr = ast.Constant(None)
    wanted: ast.expr = ast.Constant(None)
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        operator = type(condition.ops[0]).__name__
        condition = ast.Compare(
            ast.NamedExpr(ast.Name(_FOUND, ast.Store()), condition.left),
            condition.ops,
            [ast.NamedExpr(ast.Name(_WANTED, ast.Store()), condition.comparators[0])],
        )
        found, wanted = ast.Name(_FOUND, ast.Load()), ast.Name(_WANTED, ast.Load())
    arguments = [ast.Constant(operator), found, wanted, *([said] if said is not None else [])]
    raised = ast.Raise(ast.Call(ast.Name(_FAILED, ast.Load()), arguments, []), None)
    return ast.If(ast.UnaryOp(ast.Not(), condition), [raised], [])


def _after_what_comes_first(tree: ast.Module) -> int:
    """Return the place for an import: after the docstring and the imports from `__future__`."""
    place = 1 if ast.get_docstring(tree) is not None else 0
    for number, statement in enumerate(tree.body):
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            place = number + 1
    return place
