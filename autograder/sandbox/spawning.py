"""How a new process of this interpreter finds the package that started it."""

from __future__ import annotations

import os
from pathlib import Path

_PLACE = str(Path(__file__).parents[2])


def python_path() -> str:
    """`PYTHONPATH` for it: where this process has the package from, first."""
    return os.pathsep.join([_PLACE, *filter(None, [os.environ.get("PYTHONPATH")])])
