"""Small notebooks, and a class's downloads of them."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

TASKS = {"inception": "inception-module", "multi-input": "merge-inputs"}


def notebook(*tasks: str, marked: bool = True) -> str:
    """A notebook with a cell for each task, marked by nbgrader's metadata or only by its first line."""
    cells = [
        new_code_cell(
            "pass" if marked else f'check("{task}", answer)',
            id=f"cell-{number}",
            metadata={"nbgrader": {"grade_id": task}} if marked else {},
        )
        for number, task in enumerate(tasks)
    ]
    return str(nbformat.writes(new_notebook(cells=cells)))


def put(root: Path, name: str, content: str | bytes) -> Path:
    """A file below `root`, its folders made."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path
