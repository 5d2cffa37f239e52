"""Putting a submission's locked cells back, from the source notebook.

The semantics are those of nbgrader's OverwriteCells: what a learner may not edit is taken from the source.
Where nbgrader would stop the batch (a copied grade cell) or lose a task (a deleted one), the cell is repaired
and the repair is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.course.tags import is_afterwards
from autograder.messages import Message, message

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class RestoredCell:
    """A code cell to be run: `position` is its place in the submitted notebook (-1 where it was missing)."""

    id: str
    source: str
    position: int
    task: str | None = None


@dataclass
class Restored:
    """A submission's code cells, locked ones put back, and what was repaired."""

    cells: list[RestoredCell]
    notes: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class SourceCell:
    """A cell of the source notebook that nbgrader knows: its `grade_id`, and its text if it is locked."""

    grade_id: str
    source: str
    locked: bool
    graded: bool


def source_cells(notebook: NotebookNode) -> list[SourceCell]:
    """The source notebook's code cells with nbgrader metadata, in order."""
    cells = []
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader")
        if cell.cell_type == "code" and settings and settings.get("grade_id"):
            cells.append(
                SourceCell(
                    settings["grade_id"],
                    cell.source,
                    bool(settings.get("locked")),
                    bool(settings.get("grade")),
                )
            )
    return cells


def restore(notebook: NotebookNode, source: Iterable[SourceCell], tasks: Iterable[str]) -> Restored:
    """A submission's code cells up to its last graded one, with every locked cell as in the source.

    Args:
        notebook: the submission.
        source: the source notebook's cells (`source_cells`).
        tasks: the assignment's task ids; the graded cell of that id is the task's.
    """
    known = {cell.grade_id: cell for cell in source}
    wanted = set(tasks)
    restored = Restored([])
    seen: dict[str, int] = {}
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or is_afterwards(cell):
            continue
        identity = str(cell.get("id") or f"cell-{position + 1}")
        origin = known.get(_grade_id(cell, known))
        if origin is None or not origin.locked:
            if origin is not None:
                seen.setdefault(origin.grade_id, len(restored.cells))
            restored.cells.append(RestoredCell(identity, cell.source, position))
            continue
        if origin.grade_id in seen:
            restored.notes.append(
                message(
                    "The locked cell `{cell}` is there twice; the first one counts.", cell=origin.grade_id
                )
            )
            continue
        if cell.source.strip() != origin.source.strip():
            restored.notes.append(
                message("The locked cell `{cell}` was changed; it was put back.", cell=origin.grade_id)
            )
        seen[origin.grade_id] = len(restored.cells)
        restored.cells.append(_locked(identity, origin, position, wanted))
    _insert_missing(restored, list(known.values()), seen, wanted)
    last = max((number for number, cell in enumerate(restored.cells) if cell.task), default=-1)
    # What comes after the last graded cell (an experiment, a plot) can no longer change any evidence.
    del restored.cells[last + 1 :]
    return restored


def _locked(identity: str, origin: SourceCell, position: int, tasks: set[str]) -> RestoredCell:
    task = origin.grade_id if origin.graded and origin.grade_id in tasks else None
    return RestoredCell(identity, origin.source, position, task)


def _grade_id(cell: NotebookNode, known: Mapping[str, SourceCell]) -> str:
    """The cell's `grade_id`; where an editor has stripped it, the locked cell with the same text's."""
    settings = cell.metadata.get("nbgrader")
    if isinstance(settings, dict) and settings.get("grade_id") in known:
        return str(settings["grade_id"])
    text = cell.source.strip()
    for origin in known.values():
        if origin.locked and origin.source.strip() == text:
            return origin.grade_id
    return ""


def _insert_missing(
    restored: Restored, source: list[SourceCell], seen: dict[str, int], tasks: set[str]
) -> None:
    """Put missing locked cells behind the cell that they follow in the source, or at the end."""
    for number, origin in enumerate(source):
        if not origin.locked or origin.grade_id in seen:
            continue
        before = [seen[cell.grade_id] for cell in source[:number] if cell.grade_id in seen]
        place = before[-1] + 1 if before else (0 if not origin.graded else len(restored.cells))
        restored.cells.insert(place, _locked(f"restored-{origin.grade_id}", origin, -1, tasks))
        for grade_id, index in seen.items():
            if index >= place:
                seen[grade_id] = index + 1
        seen[origin.grade_id] = place
        restored.notes.append(
            message("The locked cell `{cell}` is missing; it was put back.", cell=origin.grade_id)
        )
