"""The rules by which an answer may be written in another way without becoming another answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.audit.equivalence import (
    activations,
    branches,
    calls,
    compiling,
    enclosing,
    merging,
    statements,
    values,
)
from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Choices

# Steps first, as long as they look like the reference's; names last, when nothing more is to be recognised.
_IN_ORDER: tuple[Callable[[Cell, Choices], None], ...] = (
    branches.comprehend,
    branches.write_chains,
    branches.wrap_shared,
    statements.single_names,
    statements.inline,
    activations.write_activations,
    merging.write_merges,
    statements.outline,
    statements.pass_on,
    compiling.write_compiling,
    calls.write_layers,
    values.write_values,
    calls.write_names,
    statements.reorder,
    statements.rename_variables,
    enclosing.enclose,
)

RULES: Mapping[str, str] = {
    **statements.RULES,
    **branches.RULES,
    **activations.RULES,
    **merging.RULES,
    **calls.RULES,
    **compiling.RULES,
    **values.RULES,
    **enclosing.RULES,
}
"""What each rule changes, by its name."""


def rewrite(cell: Cell, choices: Choices) -> str:
    """Another text of an answer; its syntax tree is changed in place."""
    for change in _IN_ORDER:
        change(cell, choices)
    return cell.text()
