"""Reading what a run gave back."""

from __future__ import annotations

from collections.abc import Callable

from autograder.sandbox import Run

RunCells = Callable[..., Run]


def printed(run: Run, cell: int = 0) -> str:
    """What a cell wrote to its standard output."""
    outputs = run.cells[cell].outputs
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


def errors(run: Run) -> list[str | None]:
    """The name of each cell's exception."""
    return [cell.error.name if cell.error else None for cell in run.cells]


def states(run: Run) -> list[str]:
    return [cell.state for cell in run.cells]
