"""Reads a submission's file safely, whatever it is, as the notebook that it was probably meant to be."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Course
from autograder.course.tags import is_by_hand, nbgrader
from autograder.messages import AutograderError, Message, message, name_in_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

NOTEBOOK_BYTES = 32 * 1024**2

# A graded cell is this one line, which names the task even where an editor has dropped the metadata.
_CHECK = re.compile(r"""^\s*check\(\s*["']([a-z0-9-]+)["']""", re.MULTILINE)


class GradingError(AutograderError):
    """A reason why grading cannot go on, and the cure."""


class UnreadableNotebook(AutograderError):  # noqa: N818 - the submission's outcome, not an error of the program
    """A reason why a submission's file is no notebook that could be graded, and the cure."""


@dataclass(frozen=True)
class Submission:
    """One learner's notebook for one assignment; `path` may not exist.

    `student` is text, whatever bytes the folder's name has (`messages.name_in_text`). `refused` says why
    nothing is read at `path`, where that must not be opened.
    """

    student: str
    assignment: str
    path: Path
    notes: tuple[Message, ...] = ()
    refused: Message | None = None

    def content(self) -> bytes:
        """Return the content of the submission's file.

        Raises:
            UnreadableNotebook: there is nothing to read.
        """
        if self.refused is not None:
            raise UnreadableNotebook(self.refused)
        return notebook_bytes(self.path)


@dataclass
class Loaded:
    """A submission's notebook, its digest (SHA-256 of the file), and the notes made while reading it."""

    notebook: NotebookNode
    digest: str
    notes: list[Message] = field(default_factory=list)


def assignment_of(notebook: NotebookNode, course: Course, wanted: str = "") -> str | None:
    """Return the assignment of which a notebook has the most tasks; None where it has none of the course's.

    Its cells decide, whatever its name; where two assignments have equally many, it is `wanted`.
    """
    tasks = {task.id: assignment.id for assignment in course.assignments for task in assignment.tasks}
    # A copied cell counts once, because a task is either there or not.
    count = Counter(tasks[task] for task in task_ids(notebook) & tasks.keys())
    return max(count, key=lambda name: (count[name], name == wanted), default=None)


def task_ids(notebook: NotebookNode) -> set[str]:
    """Return the `grade_id`s of a notebook's cells, and the tasks that its code checks.

    Of the cells that are not code, only those that a person grades count.
    """
    code = [cell for cell in notebook.cells if cell.get("cell_type") == "code"]
    texts = [cell for cell in notebook.cells if cell.get("cell_type") != "code" and is_by_hand(cell)]
    named = [nbgrader(cell).get("grade_id") for cell in (*code, *texts)]
    checked = {task for cell in code for task in _CHECK.findall(cell.source)}
    return {name for name in named if isinstance(name, str)} | checked


def load_notebook(path: Path) -> Loaded:
    """Return a submission's notebook in the current notebook format.

    Raises:
        UnreadableNotebook: the file is missing, a link, too large, not JSON, or not a notebook.
    """
    return loaded(notebook_bytes(path), path)


def loaded(data: bytes, path: Path) -> Loaded:
    """Return the notebook in those bytes, the content of a file named `path`, maybe on another machine.

    Raises:
        UnreadableNotebook: they are not JSON, or not a notebook.
    """
    # Importing it takes longer than all the rest of the command line, so only reading a notebook does.
    import nbformat

    digest = hashlib.sha256(data).hexdigest()
    text, notes = _text(data, path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableNotebook(_not_json(path, error)) from None
    version = _completed(content, path, notes)
    try:
        notebook = nbformat.versions[version].to_notebook_json(content, minor=content["nbformat_minor"])
        notebook = nbformat.convert(notebook, 4)
    except Exception as error:
        raise UnreadableNotebook(
            message(
                "{file} is not a notebook that Jupyter can read ({reason}). "
                "Open it in Jupyter, save it again and hand that in.",
                file=name_in_text(path.name),
                reason=type(error).__name__,
            )
        ) from None
    if version != 4:
        notes.append(
            message("The notebook was in the older format {version} and has been converted.", version=version)
        )
    named = all(isinstance(cell, dict) and cell.get("id") for cell in content.get("cells", [{}]))
    for position, cell in enumerate(notebook.cells):
        _mend(cell, None if named else f"cell-{position + 1}")
    return Loaded(notebook, digest, notes)


def _text(data: bytes, path: Path) -> tuple[str, list[Message]]:
    """Decode a notebook's bytes: UTF-8, UTF-16 or UTF-32, with or without a byte order mark, or CP949.

    Raises:
        UnreadableNotebook: they are no text.
    """
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass"), []
    except UnicodeDecodeError:
        pass
    try:
        # Editors on Korean Windows write this encoding by default.
        text = data.decode("cp949")
    except UnicodeDecodeError as error:
        raise UnreadableNotebook(_not_json(path, error)) from None
    return text, [message("The notebook was not written in UTF-8; it was read as CP949.")]


def _completed(content: Any, path: Path, notes: list[Message]) -> int:
    """Return the version of a notebook's format, and fill in what the notebook lacks.

    Raises:
        UnreadableNotebook: it is not a notebook.
    """
    cells = content.get("cells", content.get("worksheets")) if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise UnreadableNotebook(
            message(
                "{file} is JSON but not a notebook: it has no list of cells. "
                "Save the notebook from Jupyter again and hand that in.",
                file=name_in_text(path.name),
            )
        )
    said = content.get("nbformat")
    version = _whole(said)
    if version is None:
        version = 4 if "cells" in content else 3
        notes.append(
            message(
                "The notebook does not say which format it has; it was read as format {version}.",
                version=version,
            )
        )
    content["nbformat"], content["nbformat_minor"] = version, _whole(content.get("nbformat_minor")) or 0
    if not isinstance(content.get("metadata"), dict):
        content["metadata"] = {}
    if version >= 4:
        for cell in cells:
            _complete_cell(cell)
    return version


def _complete_cell(cell: Any) -> None:
    if not isinstance(cell, dict):
        return
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}
    if not isinstance(cell.get("id"), str):
        # Anything but a string is no id, and some values cannot even be looked up in a set.
        cell.pop("id", None)
    if "outputs" in cell:
        # Grading makes them anew, and what stands there need not even be outputs.
        cell["outputs"] = []


def _whole(said: Any) -> int | None:
    """Return a version's number, which other programs write as a string or a float; None if it is none."""
    try:
        return int(said) if isinstance(said, (int, float, str)) and not isinstance(said, bool) else None
    except (ValueError, OverflowError):
        return None


def _mend(cell: NotebookNode, identity: str | None) -> None:
    """Give a cell the keys that other editors leave out, and an id that is the same whenever it is read."""
    if identity is not None:
        cell["id"] = identity
    source = cell.get("source", "")
    cell["source"] = "".join(source) if isinstance(source, list) else str(source)
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}


def notebook_bytes(path: Path) -> bytes:
    """Return the content of a submission's file, without following links.

    Raises:
        UnreadableNotebook: the file is missing, a link, or too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UnreadableNotebook(
            message(
                "There is no {file} in the submission. Hand in the notebook under that name.",
                file=name_in_text(path.name),
            )
        ) from None
    except PermissionError:
        raise UnreadableNotebook(
            message("{file} may not be read: its owner must allow it.", file=name_in_text(path.name))
        ) from None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise _irregular(path) from None
        raise UnreadableNotebook(
            message(
                "{file} is a link, not a file. Hand in the notebook itself.", file=name_in_text(path.name)
            )
        ) from None
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise _irregular(path)
    with os.fdopen(descriptor, "rb") as stream:
        if state.st_size > NOTEBOOK_BYTES:
            raise UnreadableNotebook(
                message(
                    "{file} is larger than {limit} MiB. Clear its outputs and hand it in again.",
                    file=name_in_text(path.name),
                    limit=NOTEBOOK_BYTES // 1024**2,
                )
            )
        # A buffer of the largest size allowed would take longer to allocate than the file to read.
        content = stream.read(state.st_size + 1)
        if len(content) > state.st_size:
            content += stream.read(NOTEBOOK_BYTES + 1 - len(content))
        return content


def _irregular(path: Path) -> UnreadableNotebook:
    return UnreadableNotebook(
        message("{file} is not a regular file. Hand in the notebook itself.", file=name_in_text(path.name))
    )


def _not_json(path: Path, error: Exception) -> Message:
    if isinstance(error, json.JSONDecodeError):
        return message(
            "{file} is not a notebook: its JSON breaks off or goes wrong at line {line}. "
            "Open it in Jupyter, save it again and hand that in.",
            file=name_in_text(path.name),
            line=error.lineno,
        )
    return message(
        "{file} is not a notebook: it is not text that JSON allows. "
        "Open it in Jupyter, save it again and hand that in.",
        file=name_in_text(path.name),
    )
