"""What nbgrader does not begin with: submissions at which a whole batch would stop, or wait for ever.

nbgrader follows links, opens pipes, and gives up everybody where one folder's name has a line break or bytes
that are no text. What of a submission can cost the others is looked at before.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbgrader.converters.base import NbGraderException

from autograder.course import Assignment
from autograder.gradebook.archives import STUDENT_LIMITS
from autograder.gradebook.scores import withdrawn
from autograder.grading import submission_in
from autograder.messages import Message, message, name_in_text, render, wished_language


def prepare_batch(converter: Any, assignment: Assignment) -> None:
    """Take out of a converter's submissions what it must not begin with, and put in what it has overlooked.

    Each that is taken out is said in the log, its scores become pending, and the command ends with 1.

    Args:
        converter: nbgrader's, which has found its submissions and not begun with them.
        assignment: the assignment that it is to convert.
    """
    _take_in_renamed(converter, assignment)
    ignored = (*converter.coursedir.ignore, "*.ipynb")
    looked_at = {folder: _looked_at(Path(folder), ignored) for folder in converter.assignments}
    refused = {folder: reason for folder, reason in looked_at.items() if reason is not None}
    for folder, reason in refused.items():
        student = Path(folder).parent.name
        said = message(
            "{student}, {assignment}: {reason}",
            student=name_in_text(student),
            assignment=assignment.id,
            reason=reason,
        )
        converter.log.error("%s", render(said, wished_language()))
        del converter.assignments[folder]
        if name_in_text(student) == student:
            withdrawn(converter.coursedir.db_url, student, assignment.id)
        # What was made of an earlier submission is not this one's.
        with suppress(RecursionError):
            shutil.rmtree(converter._format_dest(assignment.id, student), ignore_errors=True)
    if refused:
        converter.convert_notebooks = _failing(converter.convert_notebooks, len(refused))


def _failing(convert: Callable[[], None], count: int) -> Callable[[], None]:
    """Converting the others, which then ends as nbgrader ends where a submission has failed."""

    def convert_and_fail() -> None:
        convert()
        raise NbGraderException(f"{count} submissions were not graded; the log says which, and why.")

    return convert_and_fail


def _take_in_renamed(converter: Any, assignment: Assignment) -> None:
    """Folders whose notebook has no name that nbgrader takes for a notebook's (`<assignment>.ipynb.txt`)."""
    pattern = Path(converter._format_source(assignment.id, converter.coursedir.student_id))
    if converter.coursedir.student_id != "*":
        return
    top = pattern.parent.parent
    for student in os.listdir(top) if top.is_dir() else ():
        folder = top / student / assignment.id
        if student.startswith(".") or str(folder) in converter.assignments or not folder.is_dir():
            continue
        found = submission_in(name_in_text(student), assignment, folder)
        if found.path.name != f"{assignment.id}.ipynb":
            # The hook before the conversion copies it there (`submissions.recognise_renamed`).
            converter.assignments[str(folder)] = [str(folder / f"{assignment.id}.ipynb")]


def _looked_at(folder: Path, ignored: Collection[str]) -> Message | None:
    """Why nbgrader must not begin with a submission; also where looking for reasons comes to no end."""
    try:
        return refusal(folder, ignored)
    except (OSError, RecursionError) as error:
        return message(
            "{folder} cannot be looked into ({reason}).", folder=str(folder), reason=type(error).__name__
        )


def refusal(folder: Path, ignored: Collection[str]) -> Message | None:
    """Return why nbgrader must not begin with the submission in a folder; None where it may.

    `ignored` are the patterns of names that it does not copy.
    """
    if name_in_text(folder.parent.name) != folder.parent.name:
        return message(
            "the gradebook names students by their folders, and this folder's name is not text that it could "
            "keep. Rename the folder and grade again."
        )
    for place in (folder, folder.parent):
        if place.is_symlink():
            return message(
                "{folder} is a link, and links are not followed. Put the folder itself there.",
                folder=str(place),
            )
    left = STUDENT_LIMITS.size
    for number, path in enumerate(_files(folder, ignored)):
        size = _copied_size(path)
        if size is None:
            return message(
                "{file} is not a regular file, and nbgrader would copy it. Delete it and grade again.",
                file=str(path),
            )
        left -= size
        if left < 0 or number >= STUDENT_LIMITS.files:
            return message(
                "the files in {folder} are more than nbgrader should copy: at most {files}, of {size} MiB. "
                "Delete what is not needed and grade again.",
                folder=str(folder),
                files=STUDENT_LIMITS.files,
                size=STUDENT_LIMITS.size // 1024**2,
            )
    return None


def _files(folder: Path, ignored: Collection[str]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _matches(name, ignored)]
        yield from (Path(place, name) for name in names if not _matches(name, ignored))


def _matches(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _copied_size(path: Path) -> int | None:
    """How many bytes nbgrader would copy, which follows links; None where it is no file, or endless."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None
