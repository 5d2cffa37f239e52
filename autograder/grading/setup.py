"""Finds what a submission lacks of the set-up that was given out, and the cells of the learner's own set-up.

The cell with the imports is not locked, so that a learner may add to it. On Colab or at home it gains lines
that fail where notebooks are graded, or it is deleted or moved; the answers below it are no worse for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.course.tags import is_afterwards
from autograder.grading.recognise import GivenOut, SetupCell, SourceCell
from autograder.messages import Message, message

if TYPE_CHECKING:
    from nbformat import NotebookNode

Order = Sequence[tuple[int | None, SourceCell | None]]
"""A submission's positions in order, each with its source cell; None where a missing cell was inserted."""


@dataclass
class SetUp:
    """The parts of the set-up that have to run besides the submission's own cells.

    `lost` holds sources, each with the place in the order from which on it has to run; `own` holds the
    positions of the cells that are the learner's own set-up.
    """

    lost: list[tuple[int, str]] = field(default_factory=list)
    own: set[int] = field(default_factory=set)
    notes: list[Message] = field(default_factory=list)

    def due(self, place: int) -> str:
        """Take out the sources that have to run before the cell at a place, and return them as one."""
        texts = [text for begin, text in self.lost if begin <= place]
        self.lost = [(begin, text) for begin, text in self.lost if begin > place]
        return "\n".join(texts)


def set_up(cells: Sequence[NotebookNode], order: Order, source: GivenOut) -> SetUp:
    """Return what a submission lacks of the set-up that was given out, and its own set-up cells."""
    found = SetUp()
    places = {origin.grade_id: place for place, (_, origin) in enumerate(order) if origin is not None}
    for setup in source.setups:
        begin, end = _span(setup, places, len(order))
        there = [position for position, origin in order[:end] if position is not None and origin is None]
        own = [cells[position] for position in there if _is_code(cells[position])]
        if any(cell.source.strip() == setup.source.strip() for cell in own):
            continue
        found.lost.append((begin, setup.source))
        if not any(setup.id and cell.get("id") == setup.id for cell in own):
            found.notes.append(
                message(
                    "The set-up cell `{cell}` was missing where it is needed; it was run as given out.",
                    cell=setup.id or setup.source.strip().split("\n")[0],
                )
            )
    # A text that a person grades may stand before the imports.
    first = min(
        (place for place, (_, origin) in enumerate(order) if origin is not None and not origin.by_hand),
        default=0,
    )
    ids = {setup.id for setup in source.setups if setup.id}
    for place, (position, origin) in enumerate(order):
        if position is None or origin is not None or not _is_code(cells[position]):
            continue
        is_setup = place < first or cells[position].get("id") in ids
        if is_setup and cells[position].source.strip() not in source.others:
            found.own.add(position)
    return found


def _span(setup: SetupCell, places: Mapping[str, int], count: int) -> tuple[int, int]:
    """Return from which place on a set-up cell can run, and before which it must have run."""
    end = min((place for name, place in places.items() if name in setup.precedes), default=count)
    before = [place for name, place in places.items() if name in setup.follows and place < end]
    return max(before, default=-1) + 1, end


def _is_code(cell: NotebookNode) -> bool:
    return cell.get("cell_type") == "code" and not is_afterwards(cell)
