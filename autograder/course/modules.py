"""Loads a course's own Python files by path, each course in a namespace of its own.

Two courses in one process may have assignments with the same id: their modules must not be confused.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Literal

Kind = Literal["public", "hidden", "training"]

_hidden: list[str] = []


def load_module(
    source: str, path: Path, kind: Kind, rewritten: Callable[[ast.Module], ast.Module] | None = None
) -> ModuleType:
    """Return the module that a file of a course defines, executed once while its text stays the same.

    No bytecode is kept: a file that is saved twice within a second would be taken for its older self, and the
    folder that students get would fill with files that they cannot read.

    Args:
        source: the text of the file.
        path: where it lies, or should: the module is named after its folder, and tracebacks show it.
        kind: what the file is to the course.
        rewritten: changes its syntax tree before it is executed.

    Raises:
        Exception: whatever the file raises.
    """
    folder = hashlib.blake2s(str(path.parent).encode(), digest_size=8).hexdigest()
    name = f"course_{folder}.{kind}.{path.stem}"
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__source__", None) == source:
        return loaded
    module = ModuleType(name)
    module.__file__ = str(path)
    module.__dict__["__source__"] = source
    # A traceback shows these lines, although the file may lie elsewhere or nowhere.
    linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
    # This comes before it is executed, for dataclasses look up their own module.
    sys.modules[name] = module
    if kind == "hidden":
        _hidden.append(name)
    try:
        tree = ast.parse(source, str(path))
        if rewritten is not None:
            tree = rewritten(tree)
        exec(compile(tree, str(path), "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def hidden_modules() -> list[str]:
    """Return the names of the modules with hidden checks that this process has loaded."""
    # To look through all modules would write to thousands of pages that forks share, for the names' sake.
    return [name for name in _hidden if name in sys.modules]
