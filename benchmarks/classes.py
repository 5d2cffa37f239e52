"""Classes to measure on: copies of the example class's notebooks, as many as are wanted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLASS = ROOT / "examples" / "class" / "submitted"
OUR_IMPORT = "from autograder import check, hint"
Notebooks = dict[str, list[Path]]

# Example students whose verdict plain asserts give as well: right, wrong, and untouched.
KINDS = {
    "inception": ("kim-seoyeon", "okafor-chidi", "lee-minjun"),
    "residual-projection": ("kim-seoyeon", "garcia-lucia", "lee-minjun"),
}


def example_notebooks() -> Notebooks:
    """Return the example class's notebooks of those kinds, by assignment."""
    return {
        assignment: [CLASS / student / assignment / f"{assignment}.ipynb" for student in students]
        for assignment, students in KINDS.items()
    }


def make_class(place: Path, notebooks: Notebooks, students: int) -> Path:
    """Make a class of that many students, each with a notebook for every assignment, the kinds in turn."""
    for number in range(students):
        for assignment, paths in notebooks.items():
            target = place / "submitted" / f"student-{number:04}" / assignment / f"{assignment}.ipynb"
            target.parent.mkdir(parents=True)
            shutil.copy(paths[number % len(paths)], target)
    return place


def submissions(place: Path) -> list[Path]:
    """Return the notebooks of a class."""
    return sorted((place / "submitted").glob("*/*/*.ipynb"))


def ported(place: Path, notebooks: Notebooks, imports: str = "", check: str = "") -> Notebooks:
    """Return the same notebooks for another tool: what the learner wrote stays, our import and calls do not.

    Args:
        place: where the notebooks are written.
        imports: what stands in place of the import of `check` and `hint`.
        check: what stands in place of a call of `check`; `{task}` is the task's id.
    """
    return {
        assignment: [
            _port(path, place / assignment / str(number) / path.name, imports, check)
            for number, path in enumerate(paths)
        ]
        for assignment, paths in notebooks.items()
    }


def _port(source: Path, target: Path, imports: str, check: str) -> Path:
    notebook = json.loads(source.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        text = "".join(cell["source"])
        if settings.get("grade"):
            cell["source"] = check.format(task=settings["grade_id"])
        elif OUR_IMPORT in text:
            cell["source"] = text.replace(OUR_IMPORT, imports)
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    return target
