"""Which of a kernel's cells has made what is being checked, and whether that is still the starter code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence

from autograder.course.starter import text_digest


def made_by(source: str) -> set[str]:
    """The names that a cell makes; none where it is not Python, as with a magic."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    made = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return made | {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def was_changed(starter: str | None, cells: Sequence[str] | None = None) -> bool:
    """Whether the cell that has made what the running cell checks has another text than the starter code.

    Args:
        starter: the digest of the starter code's cell; nothing is known where there is none.
        cells: the texts of the cells that ran, the running one last; the kernel's own where it is not given.
    """
    cells = _ran() if cells is None else cells
    if starter is None or not cells:
        return False
    checked = _names(cells[-1])
    for source in reversed(cells[:-1]):
        if checked & made_by(source):
            return text_digest(source) != starter
    return False


def _names(source: str) -> set[str]:
    try:
        return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)} - {"check"}
    except SyntaxError:
        return set()


def _ran() -> Sequence[str]:
    if "IPython" not in sys.modules:
        return ()
    from IPython import get_ipython

    shell = get_ipython()
    return () if shell is None else list(shell.history_manager.input_hist_raw)
