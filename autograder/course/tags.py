"""Reads what a cell's metadata says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.course.cells import Cell


def nbgrader(cell: Cell) -> dict[str, Any]:
    """Return the cell's nbgrader metadata, empty where it has none."""
    found = cell.metadata.get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def is_by_hand(cell: Cell) -> bool:
    """Return whether a person grades what a learner writes in the cell: nbgrader's free response."""
    data = nbgrader(cell)
    return bool(data.get("grade")) and bool(data.get("solution"))


def is_afterwards(cell: Cell) -> bool:
    """Return whether the cell is only for learners with full marks."""
    return "afterwards" in cell.metadata


def answer_of(task_id: str) -> str:
    """Return the id of the cell that a task's answer is written in."""
    return f"{task_id}-answer"
