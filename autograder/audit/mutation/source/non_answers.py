"""Makes answers that are none: whatever a check may get instead of what it asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.audit.mutation.source.code import Change

OPERATOR = "no answer"
"""The operator of such answers, which must get not a single point, whereas others need only lose one."""

NON_ANSWERS = (
    *("None", "0", "3", '"x"', "[]", "{}", "lambda x: x", "object()"),
    *("keras.Input((4,))", "keras.Sequential()"),
)


def non_answers(text: str, check: str) -> Iterator[Change]:
    """Yield a cell's code with each of them under the name that the graded cell `check` hands over.

    What else the cell defines stays, for the cells behind it.
    """
    name = handed_over(check)
    if name is None:
        return
    line = len(text.splitlines()) + 1
    for nothing in NON_ANSWERS:
        imports = "import keras\n" if "keras" in nothing else ""
        yield Change(OPERATOR, line, f"{name} = {nothing}", f"{text.rstrip()}\n{imports}{name} = {nothing}")


def pasted(prompts: Sequence[str]) -> Iterator[Change]:
    """Yield each block of code of the notebook's own text, in place of an answer."""
    for prompt in prompts:
        yield Change(OPERATOR, 1, f"the text's own code: {prompt.splitlines()[0]}", prompt)


def handed_over(check: str) -> str | None:
    """Return the name of what a graded cell hands over; None where it is no name."""
    statement = ast.parse(check).body[-1]
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        for argument in statement.value.args[1:]:
            if isinstance(argument, ast.Name):
                return argument.id
    return None
