"""Finds the notebook that a learner's repository has for an assignment, and its cells, each with its line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Assignment
from autograder.messages import Message, message, name_in_text
from autograder.regular import read_text

_ENTRIES = 5_000
_NOTEBOOKS = 32
"""How many entries of a repository, and how many notebooks, are looked at, at most."""
_NAMED = 5
_CHECK = re.compile(r"""\s*check\(\s*["']([a-z0-9-]+)["']""")
_SPACE = re.compile(r"[ \t\r\n]*")
_FAULTS = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading a file that is no notebook may raise."""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, the task that it checks, the line of the file that it begins in.

    `named` is what nbgrader calls it; `runs` says whether it is code, `answers` whether it is an answer.
    """

    source: str
    task: str | None
    line: int
    named: str | None = None
    runs: bool = True
    answers: bool = False


@dataclass(frozen=True)
class Found:
    """The notebook that counts, and its cells.

    `refused` says why none is run, `notes` are what is to be said besides.
    """

    path: Path
    cells: tuple[Cell, ...] = ()
    notes: tuple[Message, ...] = ()
    refused: Message | None = None


def find_notebook(expected: Path, assignment: Assignment) -> Found:
    """Return the notebook of an assignment: the one that is called as it was given out, or else its only one.

    Args:
        expected: where it was given out, at the top of the repository.
        assignment: which one it should belong to.
    """
    tasks = {task.id for task in assignment.tasks}
    if os.path.lexists(expected):
        found = _read(expected)
        if found.refused is None and not _named(found) & tasks:
            return replace(found, cells=(), refused=_of_another(expected, expected.name))
        return found
    others = [_read(path) for path in _notebooks(expected.parent)]
    ours = [one for one in others if _named(one) & tasks]
    if len(ours) == 1:
        said = message(
            "The notebook is called {found}, not {wanted}; it was graded anyway.",
            found=name_in_text(ours[0].path.relative_to(expected.parent).as_posix()),
            wanted=expected.name,
        )
        return replace(ours[0], notes=(said,))
    return Found(expected, refused=_why_none(ours or others, bool(ours), expected.name))


def cells_of(text: str) -> Iterator[Cell]:
    """Yield the cells of a notebook's file, each with its line there.

    Raises:
        ValueError, LookupError, TypeError, AttributeError, RecursionError: it is no notebook.
    """
    # Places are looked for in what is known to be JSON.
    notebook = json.loads(text)
    for cell, place in zip(notebook["cells"], _sources(text), strict=True):
        source, runs = "".join(cell["source"]), cell["cell_type"] == "code"
        data = cell.get("metadata", {}).get("nbgrader", {})
        checks = _CHECK.match(source) if runs else None
        named = data.get("grade_id")
        yield Cell(
            source,
            checks[1] if checks else None,
            text.count("\n", 0, place) + 1,
            named if isinstance(named, str) else None,
            runs,
            bool(data.get("solution")),
        )


def _read(path: Path) -> Found:
    try:
        return Found(path, tuple(cells_of(read_text(path))))
    except _FAULTS as fault:
        reason = type(fault).__name__
        said = message("{file} is not a notebook that can be run ({reason}).", file=path.name, reason=reason)
        return Found(path, refused=said)


def _named(found: Found) -> set[str]:
    """Return the tasks that a notebook's cells name."""
    return {name for cell in found.cells for name in (cell.task, cell.named) if name is not None}


def _of_another(path: Path, wanted: str) -> Message:
    return message(
        "No cell of {file} belongs to this assignment. Put its notebook there, called {wanted}.",
        file=name_in_text(path.name),
        wanted=wanted,
    )


def _why_none(notebooks: list[Found], ours: bool, wanted: str) -> Message:
    """Return why there is no notebook that counts, and the cure."""
    names = [name_in_text(one.path.name) for one in notebooks[:_NAMED]]
    shown = ", ".join([*names, *(["…"] if len(notebooks) > _NAMED else [])])
    if ours:
        return message(
            "There are {count} notebooks of this assignment: {names}. Keep the one that counts, at the top "
            "of the repository, called {wanted}.",
            count=len(notebooks),
            names=shown,
            wanted=wanted,
        )
    if notebooks:
        return message(
            "There is no {wanted} in the repository, and none of its notebooks belongs to this assignment: "
            "{names}. Put it at the top of the repository.",
            wanted=wanted,
            names=shown,
        )
    return message(
        "There is no {wanted} in the repository. Put it at the top, under that name and not in an archive.",
        wanted=wanted,
    )


def _notebooks(folder: Path) -> list[Path]:
    """Return the notebooks below a folder, hidden folders and links left out."""
    found: list[Path] = []
    left = _ENTRIES
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        left -= len(folders) + len(files)
        paths = (Path(place, name) for name in sorted(files) if name.lower().endswith(".ipynb"))
        found += [path for path in paths if not path.is_symlink()]
        if left < 0 or len(found) > _NOTEBOOKS:
            break
    return found[:_NOTEBOOKS]


def _sources(text: str) -> Iterator[int]:
    """Yield where in a notebook's file the text of each cell begins, in any order of the keys."""
    for start in _items(text, _value_of("cells", text, _skipped(text, 0))):
        source = _value_of("source", text, start)
        # The first line of a list of lines, which an editor shows as the cell's first.
        yield next(_items(text, source), source) if text[source] == "[" else source


def _value_of(wanted: str, text: str, start: int) -> int:
    """Return where the value of a key begins in a JSON object that begins at `start`."""
    for key, place in _members(text, start):
        if key == wanted:
            return place
    raise KeyError(wanted)


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield the keys of a JSON object that begins at `start`, each with where its value begins."""
    at = _skipped(text, start + 1)
    while text[at] != "}":
        key, at = _decoder.raw_decode(text, at)
        at = _skipped(text, _skipped(text, at) + 1)
        yield key, at
        at = _skipped(text, _decoder.raw_decode(text, at)[1])
        at = _skipped(text, at + 1) if text[at] == "," else at


def _items(text: str, start: int) -> Iterator[int]:
    """Yield where each item of a JSON list begins that begins at `start`."""
    at = _skipped(text, start + 1)
    while text[at] != "]":
        yield at
        at = _skipped(text, _decoder.raw_decode(text, at)[1])
        at = _skipped(text, at + 1) if text[at] == "," else at


def _skipped(text: str, at: int) -> int:
    """Return the first place from `at` on that is no space."""
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


_decoder = json.JSONDecoder()
