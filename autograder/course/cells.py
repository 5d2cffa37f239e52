"""Reads the cells of a source notebook as they stand: running a solution needs no nbformat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from autograder.regular import read_text


class Cell(Protocol):
    """A notebook's cell: nbformat's own, or a `PlainCell`."""

    @property
    def id(self) -> str: ...
    @property
    def cell_type(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def metadata(self) -> Mapping[str, Any]: ...


AnyCell = TypeVar("AnyCell", bound=Cell)


@dataclass(frozen=True)
class PlainCell:
    """A cell as the file has it."""

    id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


def read_cells(path: Path) -> list[PlainCell]:
    """Return the cells of a notebook in format 4.5; it is `autograder lint` that looks for faults in it.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such notebook.
    """
    try:
        cells = json.loads(read_text(path))["cells"]
        return [
            PlainCell(cell["id"], cell["cell_type"], "".join(cell["source"]), cell["metadata"])
            for cell in cells
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is no notebook in format 4.5: {error!r}") from error


def in_one_language(cells: Iterable[AnyCell]) -> list[AnyCell]:
    """Return a source notebook's cells without those in another language than the first.

    A plot whose labels are in a language has a cell for each language; these do the same, so that running one
    is enough.
    """
    cells = list(cells)
    first = next((lang for cell in cells if (lang := cell.metadata.get("lang")) is not None), None)
    return [cell for cell in cells if cell.metadata.get("lang") in (None, first)]
