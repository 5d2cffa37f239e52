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
    naming,
    settings,
    statements,
    values,
)
from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Choices

# Steps first, while they still look like the reference's; names last, for the other rules need them.
_IN_ORDER: tuple[tuple[Mapping[str, str], Callable[[Cell, Choices], None]], ...] = (
    (branches.RULES, branches.comprehend),
    (branches.RULES, branches.write_chains),
    (branches.RULES, branches.wrap_shared),
    (statements.RULES, statements.single_names),
    (statements.RULES, statements.inline),
    (activations.RULES, activations.write_activations),
    (merging.RULES, merging.write_merges),
    (statements.RULES, statements.outline),
    (statements.RULES, statements.pass_on),
    (compiling.RULES, compiling.write_compiling),
    (settings.RULES, settings.write_settings),
    (calls.RULES, calls.write_calls),
    (naming.RULES, naming.name_layers),
    (values.RULES, values.write_values),
    (naming.RULES, naming.write_names),
    (statements.RULES, statements.reorder),
    (statements.RULES, statements.rename_variables),
    (enclosing.RULES, enclosing.enclose),
)

RULES: Mapping[str, str] = {
    **statements.RULES,
    **branches.RULES,
    **activations.RULES,
    **merging.RULES,
    **settings.RULES,
    **calls.RULES,
    **naming.RULES,
    **compiling.RULES,
    **values.RULES,
    **enclosing.RULES,
}
"""What each rule changes, by its name."""


def rewrite(cell: Cell, choices: Choices) -> str:
    """Return another text of an answer, whose syntax tree is changed in place."""
    for rules, change in _IN_ORDER:
        if choices.allow_any(rules):
            change(cell, choices)
    return cell.text()
