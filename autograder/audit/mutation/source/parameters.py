"""Makes functions that ignore one of their parameters: right for one value, and for no other."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.audit.mutation.source.code import Change
from autograder.evidence import ProbeRequest


def parameter_changes(text: str, probes: Sequence[ProbeRequest]) -> Iterator[Change]:
    """Yield a cell's code with a parameter of its function fixed at the value that it is tried with.

    Args:
        text: the cell's code.
        probes: what the task's function is called with; the first one's values are the fixed ones.
    """
    given = [entry.get("value") for entry in probes[0]] if probes else []
    lines = text.splitlines(keepends=True)
    for function in ast.parse(text).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = function.args.args
        defaults = [None] * (len(parameters) - len(function.args.defaults)) + [
            ast.unparse(default) for default in function.args.defaults
        ]
        for place, parameter in enumerate(parameters):
            tried = repr(given[place]) if place < len(given) and isinstance(given[place], int) else None
            value = tried or defaults[place]
            if value is None:
                continue
            first = function.body[0]
            fixed = f"{' ' * first.col_offset}{parameter.arg} = {value}\n"
            changed = [*lines[: first.lineno - 1], fixed, *lines[first.lineno - 1 :]]
            what = f"{parameter.arg} is {value}, whatever is given"
            yield Change("parameter not read", first.lineno, what, "".join(changed))
