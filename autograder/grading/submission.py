"""A submission's file, whatever it is: read safely, and as the notebook that it can be meant to be."""

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

# A graded cell is this one line; it tells the task where an editor has dropped the metadata.
_CHECK = re.compile(r"""^\s*check\(\s*["']([a-z0-9-]+)["']""", re.MULTILINE)


class GradingError(AutograderError):
    """Grading cannot go on: what is in the way, and the cure."""


class UnreadableNotebook(AutograderError):  # noqa: N818 - the submission's outcome, not an error of the program
    """A submission's file is no notebook that could be graded: what it is instead, and the cure."""


@dataclass(frozen=True)
class Submission:
    """One learner's notebook for one assignment; `path` may not exist.

    `student` is text, whatever bytes the folder's name has (`messages.name_in_text`). `refused` says why
    nothing is read at `path`, where what lies there is not to be looked into.
    """

    student: str
    assignment: str
    path: Path
    notes: tuple[Message, ...] = ()
    refused: Message | None = None

    def content(self) -> bytes:
        """Return what the submission's file holds.

        Raises:
            UnreadableNotebook: there is nothing to be read.
        """
        if self.refused is not None:
            raise UnreadableNotebook(self.refused)
        return notebook_bytes(self.path)


@dataclass
class Loaded:
    """A submission's notebook, its digest (SHA-256 of the file), and what had to be said while reading it."""

    notebook: NotebookNode
    digest: str
    notes: list[Message] = field(default_factory=list)


def assignment_of(notebook: NotebookNode, course: Course, wanted: str = "") -> str | None:
    """Return the assignment whose tasks a notebook has most of; None where it has none of the course's.

    Its cells tell, whatever it is called; where two assignments have a claim alike, it is `wanted`.
    """
    tasks = {task.id: assignment.id for assignment in course.assignments for task in assignment.tasks}
    # A copied cell counts once: a task is there or it is not.
    count = Counter(tasks[task] for task in task_ids(notebook) & tasks.keys())
    return max(count, key=lambda name: (count[name], name == wanted), default=None)


def task_ids(notebook: NotebookNode) -> set[str]:
    """Return what a notebook's cells call themselves, and the tasks that its code checks.

    Of other cells than code it is those alone that a person grades.
    """
    code = [cell for cell in notebook.cells if cell.get("cell_type") == "code"]
    texts = [cell for cell in notebook.cells if cell.get("cell_type") != "code" and is_by_hand(cell)]
    named = [nbgrader(cell).get("grade_id") for cell in (*code, *texts)]
    checked = {task for cell in code for task in _CHECK.findall(cell.source)}
    return {name for name in named if isinstance(name, str)} | checked


def load_notebook(path: Path) -> Loaded:
    """A submission's notebook in the current notebook format.

    Raises:
        UnreadableNotebook: the file is missing, a link, too large, not JSON, or not a notebook.
    """
    return loaded(notebook_bytes(path), path)


def loaded(data: bytes, path: Path) -> Loaded:
    """The notebook that those bytes are, which a file of that path held somewhere.

    Raises:
        UnreadableNotebook: they are not JSON, or not a notebook.
    """
    # Its import takes longer than the rest of the command line together: only those pay who read a notebook.
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
    """What a notebook's bytes say: UTF-8, UTF-16 or UTF-32, with a byte order mark or without, or CP949.

    Raises:
        UnreadableNotebook: they are no text.
    """
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass"), []
    except UnicodeDecodeError:
        pass
    try:
        # What editors on Korean Windows write where nobody tells them otherwise.
        text = data.decode("cp949")
    except UnicodeDecodeError as error:
        raise UnreadableNotebook(_not_json(path, error)) from None
    return text, [message("The notebook was not written in UTF-8; it was read as CP949.")]


def _completed(content: Any, path: Path, notes: list[Message]) -> int:
    """The version of a notebook's format; what the notebook does not say of itself is filled in.

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
        # Whatever else stands there names no cell; some of it cannot even be looked up.
        cell.pop("id", None)
    if "outputs" in cell:
        # They are made anew, and need not even be outputs.
        cell["outputs"] = []


def _whole(said: Any) -> int | None:
    """A number of a version, which other programs write as a text or with a point."""
    try:
        return int(said) if isinstance(said, (int, float, str)) and not isinstance(said, bool) else None
    except (ValueError, OverflowError):
        return None


def _mend(cell: NotebookNode, identity: str | None) -> None:
    """Give a cell the keys that other editors leave out, and an id that is the same at every reading."""
    if identity is not None:
        cell["id"] = identity
    source = cell.get("source", "")
    cell["source"] = "".join(source) if isinstance(source, list) else str(source)
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}


def notebook_bytes(path: Path) -> bytes:
    """What a submission's file holds; links are not followed.

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
        # Room for as much as may be read takes longer to make than the file to read.
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
