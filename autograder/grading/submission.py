"""Submissions as they lie on disk, in nbgrader's layout, and reading one safely."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.course.tags import nbgrader
from autograder.messages import AutograderError, Message, message

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
    """One learner's notebook for one assignment; `path` may not exist."""

    student: str
    assignment: str
    path: Path
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a folder holds: submissions in the order of student and assignment, and what was left out."""

    submissions: tuple[Submission, ...]
    left_out: tuple[Message, ...] = ()


@dataclass
class Loaded:
    """A submission's notebook, its digest (SHA-256 of the file), and what had to be said while reading it."""

    notebook: NotebookNode
    digest: str
    notes: list[Message] = field(default_factory=list)


def find_submissions(folder: Path, course: Course) -> Found:
    """The submissions below a class's folder, or below its `submitted` folder.

    Raises:
        GradingError: the folder is not there, may not be read, or holds no submission.
    """
    # os.path says no where the folder may not be looked into; what is wrong is said below.
    top = folder / "submitted" if os.path.isdir(folder / "submitted") else folder
    known = {assignment.id: assignment for assignment in course.assignments}
    submissions: list[Submission] = []
    left_out: list[Message] = []
    for student in _folders(top):
        for place in _folders(student):
            if place.name not in known:
                left_out.append(
                    message(
                        "{student}: the course has no assignment `{assignment}`; it has {known}.",
                        student=student.name,
                        assignment=place.name,
                        known=", ".join(f"`{name}`" for name in sorted(known)),
                    )
                )
                continue
            submissions.append(submission_in(student.name, known[place.name], place))
    if not submissions:
        raise GradingError(
            message(
                "{folder} holds no submission: nbgrader's layout is "
                "`submitted/<student>/<assignment>/<assignment>.ipynb`.",
                folder=str(folder),
            )
        )
    return Found(tuple(submissions), tuple(left_out))


def _folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        raise GradingError(
            message("{folder} does not exist: name the class's folder.", folder=str(parent))
        ) from None
    except NotADirectoryError:
        raise GradingError(
            message("{folder} is a file: name the folder of a class.", folder=str(parent))
        ) from None
    except PermissionError:
        raise GradingError(
            message("{folder} cannot be read: ask its owner for permission.", folder=str(parent))
        ) from None
    return [parent / name for name in sorted(names)]


def submission_in(student: str, assignment: Assignment, place: Path) -> Submission:
    """The submission in a learner's folder: the notebook named after the assignment, or else the only one
    that can be meant."""
    expected = place / f"{assignment.id}.ipynb"
    others = sorted(path for path in _listed(place) if path.suffix == ".ipynb" and path != expected)
    there = os.path.lexists(expected)
    if there:
        # nbgrader insists on the name, so a renamed notebook lies there twice (`gradebook.submissions`).
        meant = [path for path in others if _same_file(path, expected)]
    elif len(others) > 1:
        meant = [path for path in others if _has_tasks_of(path, assignment)]
    else:
        meant = others
    if len(meant) != 1:
        return Submission(student, assignment.id, expected)
    note = message(
        "The notebook is called {found}, not {wanted}; it was graded anyway.",
        found=meant[0].name,
        wanted=expected.name,
    )
    return Submission(student, assignment.id, expected if there else meant[0], (note,))


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.stat().st_size == other.stat().st_size and path.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _has_tasks_of(path: Path, assignment: Assignment) -> bool:
    """Whether a notebook has one of the assignment's graded cells."""
    try:
        return bool(task_ids(load_notebook(path).notebook) & {task.id for task in assignment.tasks})
    except UnreadableNotebook:
        return False


def assignment_of(notebook: NotebookNode, course: Course, wanted: str = "") -> str | None:
    """Return the assignment whose tasks a notebook has most of; None where it has none of the course's.

    Its cells tell, whatever it is called; where two assignments have a claim alike, it is `wanted`.
    """
    tasks = {task.id: assignment.id for assignment in course.assignments for task in assignment.tasks}
    # A copied cell counts once: a task is there or it is not.
    count = Counter(tasks[task] for task in task_ids(notebook) & tasks.keys())
    return max(count, key=lambda name: (count[name], name == wanted), default=None)


def task_ids(notebook: NotebookNode) -> set[str]:
    """Return what a notebook's code cells call themselves, and the tasks that they check."""
    code = [cell for cell in notebook.cells if cell.get("cell_type") == "code"]
    named = {nbgrader(cell).get("grade_id") for cell in code}
    checked = {task for cell in code for task in _CHECK.findall(cell.source)}
    return {name for name in named if isinstance(name, str)} | checked


def _listed(place: Path) -> Iterator[Path]:
    try:
        yield from place.iterdir()
    except OSError:
        return


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
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableNotebook(_not_json(path, error)) from None
    notes: list[Message] = []
    if not isinstance(content, dict) or not (
        isinstance(content.get("nbformat"), int)
        and isinstance(content.get("cells", content.get("worksheets")), list)
    ):
        raise UnreadableNotebook(
            message(
                "{file} is JSON but not a notebook: it has no list of cells. "
                "Save the notebook from Jupyter again and hand that in.",
                file=path.name,
            )
        )
    version = content["nbformat"]
    try:
        notebook = nbformat.reader.reads(data.decode("utf-8"))
        notebook = nbformat.convert(notebook, 4)
    except Exception as error:
        raise UnreadableNotebook(
            message(
                "{file} is not a notebook that Jupyter can read ({reason}). "
                "Open it in Jupyter, save it again and hand that in.",
                file=path.name,
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


def notebook_digest(path: Path) -> str:
    """The SHA-256 of a submission's file, as `load_notebook` gives it.

    Raises:
        UnreadableNotebook: the file is missing, a link, or too large.
    """
    return hashlib.sha256(notebook_bytes(path)).hexdigest()


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
                "There is no {file} in the submission. Hand in the notebook under that name.", file=path.name
            )
        ) from None
    except PermissionError:
        raise UnreadableNotebook(
            message("{file} may not be read: its owner must allow it.", file=path.name)
        ) from None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise _irregular(path) from None
        raise UnreadableNotebook(
            message("{file} is a link, not a file. Hand in the notebook itself.", file=path.name)
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
                    file=path.name,
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
        message("{file} is not a regular file. Hand in the notebook itself.", file=path.name)
    )


def _not_json(path: Path, error: Exception) -> Message:
    if isinstance(error, json.JSONDecodeError):
        return message(
            "{file} is not a notebook: its JSON breaks off or goes wrong at line {line}. "
            "Open it in Jupyter, save it again and hand that in.",
            file=path.name,
            line=error.lineno,
        )
    return message(
        "{file} is not a notebook: it is not text that JSON allows. "
        "Open it in Jupyter, save it again and hand that in.",
        file=path.name,
    )
