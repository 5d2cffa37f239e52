"""The script that writes the tables of docs/vocabulary.md, which is in no package, as a module."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]


def module_at(path: Path) -> ModuleType:
    """A script as a module."""
    name = f"script_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def vocabulary() -> ModuleType:
    """`deploy/vocabulary.py`."""
    return module_at(ROOT / "deploy" / "vocabulary.py")
