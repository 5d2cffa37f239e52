"""Puts a submission's notebook in order: locked cells as in the source, metadata as nbgrader wants it.

The source alone decides which cells are locked or graded and what they are worth, whatever the learner's copy
says. What is the learner's own is kept as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.course.first_cell import is_first_cell
from autograder.course.tags import is_afterwards, nbgrader
from autograder.grading.recognise import GivenOut, Recognised, SourceCell, recognise
from autograder.grading.setup import set_up
from autograder.messages import Message, message, unbroken

if TYPE_CHECKING:
    from nbformat import NotebookNode


_KINDS = ("code", "markdown", "raw")
_ID_LENGTH = 64


@dataclass(frozen=True)
class RestoredCell:
    """A code cell to be run: `position` is its place in the restored notebook.

    `setup` is what was given out and has to run before it. `lenient` says that the cell is the learner's own
    set-up, in which each statement runs even if an earlier one fails.
    """

    id: str
    source: str
    position: int
    task: str | None = None
    setup: str = ""
    lenient: bool = False


@dataclass
class Restored:
    """A submission's notebook in order, those of its code cells that are run, and what was repaired.

    `texts` are the cells that a person grades, by their `grade_id`.
    """

    notebook: NotebookNode
    cells: list[RestoredCell]
    notes: list[Message] = field(default_factory=list)
    texts: dict[str, NotebookNode] = field(default_factory=dict)


def restore(notebook: NotebookNode, source: GivenOut, tasks: Iterable[str]) -> Restored:
    """Return a submission's notebook with every cell that nbgrader knows as in the source.

    Args:
        notebook: the submission, which is not changed.
        source: the notebook as it was given out.
        tasks: the assignment's task ids; a graded cell with such an id belongs to that task.
    """
    from nbformat import NotebookNode as Node

    wanted = set(tasks)
    recognised = recognise(notebook.cells, source)
    whole = Node(nbformat=4, nbformat_minor=5, metadata=copy.deepcopy(source.metadata), cells=[])
    restored = Restored(whole, [], _notes(notebook.cells, recognised, source.cells))
    taken: set[str] = set()
    order = _order(len(notebook.cells), recognised, source.cells)
    setup = set_up(notebook.cells, order, source)
    restored.notes += setup.notes
    language = _language(notebook)
    for place, (position, origin) in enumerate(order):
        submitted = notebook.cells[position] if position is not None else None
        cell = _cell(submitted, origin, position, taken, language)
        whole.cells.append(cell)
        if origin is not None and origin.by_hand:
            restored.texts[origin.grade_id] = cell
        if cell.cell_type != "code" or position in recognised.copies or _is_afterwards(submitted):
            continue
        task = origin.grade_id if origin and origin.graded and origin.grade_id in wanted else None
        number, own = len(whole.cells) - 1, position in setup.own
        restored.cells.append(RestoredCell(cell.id, cell.source, number, task, setup.due(place), own))
    last = max((number for number, cell in enumerate(restored.cells) if cell.task), default=-1)
    # Cells after the last graded one (an experiment, a plot) can no longer change any evidence.
    del restored.cells[last + 1 :]
    return restored


def _language(notebook: NotebookNode) -> str | None:
    """Return the language that a submission's metadata names."""
    about = notebook.get("metadata", {}).get("autograder")
    found = about.get("language") if isinstance(about, dict) else None
    return found if isinstance(found, str) else None


def _is_afterwards(submitted: NotebookNode | None) -> bool:
    return submitted is not None and is_afterwards(submitted)


def _order(
    count: int, recognised: Recognised, source: Sequence[SourceCell]
) -> list[tuple[int | None, SourceCell | None]]:
    """Return the submission's positions in order, each with its source cell, and missing cells among them, if
    they are locked or texts that a person grades.

    A missing cell goes behind the last cell before it in the source that is there. Where there is none, a
    text goes before the next cell that is there, a graded cell to the end, and any other to the beginning.
    """
    order: list[tuple[int | None, SourceCell | None]] = [
        (position, recognised.claims.get(position)) for position in range(count)
    ]
    for number, origin in enumerate(source):
        if not (origin.locked or origin.by_hand) or origin in recognised.claims.values():
            continue
        places = {there.grade_id: place for place, (_, there) in enumerate(order) if there is not None}
        before = [places[cell.grade_id] for cell in source[:number] if cell.grade_id in places]
        after = [places[cell.grade_id] for cell in source[number + 1 :] if cell.grade_id in places]
        first = after[0] if origin.by_hand and after else (len(order) if origin.graded else 0)
        place = before[-1] + 1 if before else first
        order.insert(place, (None, origin))
    return order


def _cell(
    submitted: NotebookNode | None,
    origin: SourceCell | None,
    position: int | None,
    taken: set[str],
    language: str | None,
) -> NotebookNode:
    """Return one cell with only what nbformat knows; `taken` holds the ids that are in use."""
    from nbformat import NotebookNode as Node

    kind = "code" if origin is not None else str((submitted or {}).get("cell_type"))
    text = origin.source if origin is not None and (origin.locked or submitted is None) else None
    metadata = origin.metadata if origin is not None else {}
    if origin is not None and origin.by_hand:
        prompt = origin.prompt(None if submitted is None else submitted.source, language)
        kind, metadata = "markdown", prompt.metadata
        text = prompt.source if submitted is None else None
    identity = origin.id if origin is not None else ""
    if submitted is not None:
        text = submitted.source if text is None else text
        identity = identity or str(submitted.get("id") or "")
    cell = Node(
        cell_type=kind if kind in _KINDS else "raw",
        id=_free_id(identity or f"cell-{(position or 0) + 1}", taken),
        metadata=copy.deepcopy(metadata) if origin is not None else Node(),
        source=unbroken(text or ""),
    )
    if cell.cell_type == "code":
        cell["execution_count"], cell["outputs"] = None, []
    elif pictures := _attachments((submitted or {}).get("attachments")):
        cell["attachments"] = pictures
    return cell


def _free_id(wanted: str, taken: set[str]) -> str:
    """Return an id that nbformat allows and that no cell of the notebook has yet."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in wanted)
    candidate, number = plain[:_ID_LENGTH], 2
    while candidate in taken:
        candidate = f"{plain[: _ID_LENGTH - 8]}-{number}"
        number += 1
    taken.add(candidate)
    return candidate


def _attachments(found: Any) -> NotebookNode | None:
    """Return the pictures that are attached to a text, and drop every other attachment."""
    from nbformat import NotebookNode as Node

    if not isinstance(found, dict):
        return None
    kept = Node()
    for name, bundle in found.items():
        pictures = {
            kind: data
            for kind, data in (bundle.items() if isinstance(bundle, dict) else ())
            if kind in ("image/png", "image/jpeg", "image/gif") and isinstance(data, str)
        }
        if pictures:
            kept[unbroken(str(name))] = Node(pictures)
    return kept or None


def _notes(
    cells: Sequence[NotebookNode], recognised: Recognised, source: Sequence[SourceCell]
) -> list[Message]:
    """Return the messages about what was repaired, in the order of the notebook."""
    notes = []
    for position, cell in enumerate(cells):
        origin = recognised.claims.get(position)
        if position in recognised.copies and recognised.copies[position].by_hand:
            notes.append(
                message(
                    "The answer `{cell}` appears twice; the first in which something is written is graded, "
                    "and the other stands in the notebook as a text of its own.",
                    cell=recognised.copies[position].grade_id,
                )
            )
        elif position in recognised.copies:
            notes.append(
                message(
                    "The locked cell `{cell}` appears twice; the first one counts.",
                    cell=recognised.copies[position].grade_id,
                )
            )
        elif origin is not None and origin.locked and cell.source.strip() != origin.source.strip():
            notes.append(
                message(
                    "The locked cell `{cell}` had been changed; the original was restored.",
                    cell=origin.grade_id,
                )
            )
        elif origin is not None and origin.by_hand and cell.get("cell_type") != "markdown":
            notes.append(
                message(
                    "The answer `{cell}` was no longer a text cell; what is written in it is graded as a "
                    "text.",
                    cell=origin.grade_id,
                )
            )
    for origin in source:
        if origin.locked and origin not in recognised.claims.values():
            notes.append(
                message(
                    "The locked cell `{cell}` was missing; the original was restored.", cell=origin.grade_id
                )
            )
        elif origin.by_hand and origin not in recognised.claims.values():
            notes.append(
                message(
                    "The cell of the answer `{cell}` was missing; it was put back as given out.",
                    cell=origin.grade_id,
                )
            )
    mended = sum(
        _differs(nbgrader(cells[position]), origin) for position, origin in recognised.claims.items()
    )
    if mended:
        notes.append(
            message(
                "The metadata of graded cells was missing or changed and has been restored (cells: {count}).",
                count=mended,
            )
        )
    notes += [
        message(
            "A cell has the id `{cell}`, but there is no such graded cell here; it was "
            "kept as an ordinary cell.",
            cell=str(unknown),
        )
        for unknown in recognised.unknown
    ]
    return notes


def _differs(found: Mapping[str, Any], origin: SourceCell) -> bool:
    """Return whether a cell's nbgrader metadata differs from the source's, checksums aside."""
    wanted = origin.metadata.get("nbgrader", {})
    return any(
        found.get(key) != value for key, value in wanted.items() if key not in ("checksum", "cell_type")
    )


def untouched(cells: Sequence[RestoredCell], source: GivenOut) -> frozenset[str]:
    """Return the tasks whose answers are still the starter code, with no cell of the learner's before."""
    texts = {cell.id: cell.source.strip() for cell in cells}
    known = {origin.id for origin in source.cells}
    own = [
        number
        for number, cell in enumerate(cells)
        if cell.id not in known
        and cell.source.strip() not in ("", *source.others)
        and not is_first_cell(cell.id, cell.source)
    ]
    places = {cell.task: number for number, cell in enumerate(cells) if cell.task is not None}
    found: set[str] = set()
    as_given_out: list[bool] = []
    for origin in source.cells:
        if origin.by_hand:
            # A text is not part of the answer in code next to it.
            continue
        if not origin.graded:
            as_given_out.append(texts.get(origin.id) == origin.source.strip())
            continue
        place = places.get(origin.grade_id)
        if as_given_out and all(as_given_out) and place is not None and not any(n < place for n in own):
            found.add(origin.grade_id)
        as_given_out = []
    return frozenset(found)
