"""Reads what a student has handed in on Gradescope: files in a folder, and what Gradescope says of them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.gradebook.archives import LEFT_BEHIND, STUDENT_LIMITS, ArchiveError, stem_of, unpack
from autograder.grading import Submission, UnreadableNotebook, load_notebook, submission_in
from autograder.grading.submission import task_ids
from autograder.messages import Localized, Message, message, name_in_text
from autograder.regular import read_bytes

_FILES = 2_000
_DEPTH = 8
_NOTEBOOKS = 32
_ARCHIVES = 4
"""How many files, nested folders, notebooks and archives of a submission are looked at, at most."""
_METADATA_BYTES = 16 * 1024**2
_NAMED = 5
_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")


@dataclass(frozen=True)
class Metadata:
    """What Gradescope says of a submission, as far as results repeat it; empty where it says nothing.

    `users` are the names of those who handed in together, `before` is the score of the submission before, and
    `due` the time from which what is shown after the due date is shown.
    """

    users: tuple[str, ...] = ()
    before: float | None = None
    due: datetime | None = None


@dataclass
class _Notebooks:
    """The notebooks of a submission: ours, those of the course's other assignments, and all others."""

    ours: list[Path] = field(default_factory=list)
    elsewhere: dict[Path, Localized] = field(default_factory=dict)
    unknown: list[Path] = field(default_factory=list)


def read_metadata(path: Path) -> Metadata:
    """Return what `submission_metadata.json` says; a faulty part of it is left out."""
    try:
        content = json.loads(read_bytes(path, _METADATA_BYTES))
    except (OSError, ValueError, RecursionError):
        return Metadata()
    content = content if isinstance(content, dict) else {}
    users = [user.get("name") for user in _dicts(content.get("users"))]
    scores = [one.get("score") for one in _dicts(content.get("previous_submissions"))]
    before = next((score for score in reversed(scores) if _is_number(score)), None)
    assignment = content.get("assignment")
    said = assignment if isinstance(assignment, dict) else {}
    times = [_time(said.get(key)) for key in ("late_due_date", "due_date")]
    return Metadata(
        users=tuple(name for name in users if isinstance(name, str) and name.strip()),
        before=None if before is None else float(before),
        due=next((time for time in times if time is not None), None),
    )


def find_submission(folder: Path, course: Course, others: Mapping[str, Localized], place: Path) -> Submission:
    """Return the submission in the folder that Gradescope has put it into; `refused` says what is wrong.

    Which notebook is meant is told by its cells, wherever it is and whatever it is called.

    Args:
        folder: what was handed in.
        course: the course, of one assignment.
        others: the tasks of the course's other assignments, each with its assignment's title.
        place: an existing folder, where archives are unpacked, and notebooks of several folders put together.
    """
    (assignment,) = course.assignments
    expected = folder / f"{assignment.id}.ipynb"
    files, notes = _files(folder, place)
    paths = [path for path in files if path.name.lower().endswith(_ENDINGS)]
    found = _sorted_out(paths[:_NOTEBOOKS], {task.id for task in assignment.tasks}, others)
    if len(found.ours) > 1:
        chosen = submission_in("", assignment, _together(found.ours, place))
        return Submission("", assignment.id, chosen.path, (*notes, *chosen.notes), chosen.refused)
    if found.ours:
        return Submission("", assignment.id, found.ours[0], (*notes, *_called(found.ours[0], expected)))
    if found.elsewhere:
        path, title = next(iter(found.elsewhere.items()))
        reason = message(
            "{file} is the notebook of another assignment, {other}: hand in {wanted} here.",
            file=name_in_text(path.name),
            other=Message(text=title.in_language("en"), translations=title.root),
            wanted=expected.name,
        )
    elif len(found.unknown) == 1:
        # Reading it shows what is wrong with it, or its answers are recognised by their places.
        return Submission("", assignment.id, found.unknown[0], tuple(notes))
    elif found.unknown:
        reason = message(
            "None of the {count} notebooks belongs to this assignment: {names}. Hand in {wanted}.",
            count=len(found.unknown),
            names=_names(found.unknown),
            wanted=expected.name,
        )
    elif files:
        reason = message(
            "There is no notebook among what was handed in: {names}. Hand in {wanted}.",
            names=_names(files),
            wanted=expected.name,
        )
    else:
        reason = message("Nothing was handed in. Hand in {wanted}.", wanted=expected.name)
    return Submission("", assignment.id, expected, tuple(notes), refused=reason)


def _files(folder: Path, place: Path) -> tuple[list[Path], list[Message]]:
    """Return the files that were handed in, archives unpacked, and what to say of archives that were not."""
    files, notes = list(_walked(folder)), []
    archives = [path for path in files if stem_of(path.name) is not None]
    for number, archive in enumerate(archives[:_ARCHIVES]):
        unpacked = place / f"archive-{number}"
        try:
            unpack(archive, unpacked, STUDENT_LIMITS)
        except ArchiveError as error:
            notes.append(error.message)
        else:
            files += _walked(unpacked)
    return files, notes


def _walked(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, the nearest first; links are not followed."""
    left, level = _FILES, [] if folder.is_symlink() else [folder]
    for _ in range(_DEPTH):
        below: list[Path] = []
        for one in level:
            try:
                entries = sorted(os.scandir(one), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries:
                left -= 1
                if left < 0:
                    return
                if entry.name in LEFT_BEHIND or entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    yield Path(entry.path)
        level = below


def _sorted_out(paths: list[Path], tasks: set[str], others: Mapping[str, Localized]) -> _Notebooks:
    found = _Notebooks()
    for path in paths:
        try:
            named = task_ids(load_notebook(path).notebook)
        except (UnreadableNotebook, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            found.unknown.append(path)
            continue
        title = next((others[task] for task in sorted(named) if task in others), None)
        if named & tasks:
            found.ours.append(path)
        elif title is not None:
            found.elsewhere[path] = title
        else:
            found.unknown.append(path)
    return found


def _together(paths: list[Path], place: Path) -> Path:
    """Return a folder with copies of those notebooks, to choose among as notebooks of one folder."""
    folder = place / "notebooks"
    folder.mkdir()
    for path in paths:
        name, number = path.name, 1
        while os.path.lexists(folder / name):
            number += 1
            name = f"{number}-{path.name}"
        shutil.copyfile(path, folder / name)
    return folder


def _called(path: Path, expected: Path) -> tuple[Message, ...]:
    if path.name == expected.name:
        return ()
    return (
        message(
            "The notebook is called {found}, not {wanted}; it was graded anyway.",
            found=name_in_text(path.name),
            wanted=expected.name,
        ),
    )


def _names(paths: list[Path]) -> str:
    shown = [name_in_text(path.name) for path in paths[:_NAMED]]
    return ", ".join([*shown, *(["…"] if len(paths) > _NAMED else [])])


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None
