"""Keeps nbgrader from submissions at which a whole batch would stop, or wait for ever.

nbgrader follows links, opens pipes, and grades nobody where one folder's name has a line break or bytes that
are no text. Whatever in a submission can cost the others is looked for before.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Assignment
from autograder.gradebook.archives import STUDENT_LIMITS
from autograder.gradebook.autograded import graded_digest
from autograder.gradebook.roster import Roster
from autograder.gradebook.scores import withdrawn
from autograder.gradebook.stale import FeedbackPage, stale_pages
from autograder.grading import submission_in
from autograder.messages import AutograderError, Message, message, name_in_text, render, wished_language


def prepare_batch(converter: Any, assignments: Collection[Assignment], roster: Roster | None) -> None:
    """Remove submissions that a converter must not begin with, and add those that it has overlooked.

    What it has graded before is noted by student and assignment (`graded_before`), since it deletes that
    first. Each submission that is removed is named in the log, and the command ends with 1. One that cannot
    be graded loses its scores; a student who is not on the roster keeps what the gradebook has, since nothing
    was looked at. At the end, feedback pages that show an earlier grading are named.

    Args:
        converter: nbgrader's, which has found its submissions and not begun with them.
        assignments: those of the course that it is to convert.
        roster: the class list, if there is one.
    """
    known = {assignment.id: assignment for assignment in assignments}
    refused: dict[str, Message] = {}
    for assignment in assignments:
        refused |= _overlooked(converter, assignment)
    ignored = (*converter.coursedir.ignore, "*.ipynb")
    for folder in converter.assignments:
        student, name = _whose(folder)
        if name in known and (reason := _looked_at(Path(folder), known[name], ignored)) is not None:
            refused[folder] = reason
    for folder, reason in refused.items():
        converter.assignments.pop(folder, None)
        student, name = _whose(folder)
        _say(converter, student, name, reason)
        _withdraw(converter, student, name)
    strangers = _strangers(converter, known, roster)
    for folder, reason in strangers.items():
        converter.assignments.pop(folder)
        _say(converter, *_whose(folder), reason)
    pages = [
        FeedbackPage.of(converter.coursedir, student, name)
        for student, name in map(_whose, converter.assignments)
        if name in known
    ]
    converter.graded_before = {
        (page.student, page.assignment): graded_digest(page.notebook) for page in pages
    }
    converter.convert_notebooks = _with_ending(converter, pages, len(refused) + len(strangers))


def _whose(folder: str) -> tuple[str, str]:
    """Return the student and the assignment of a submission's folder."""
    return Path(folder).parent.name, Path(folder).name


def _strangers(converter: Any, known: Collection[str], roster: Roster | None) -> dict[str, Message]:
    """Return why submissions of students who are not on the roster are not graded, by folder."""
    if roster is None:
        return {}
    found = {}
    for folder in converter.assignments:
        student, name = _whose(folder)
        if name in known and (reason := roster.not_listed(student)) is not None:
            found[folder] = reason
    return found


def _say(converter: Any, student: str, assignment: str, reason: Message) -> None:
    """Say in the log that a submission is not graded."""
    said = message(
        "{student}, {assignment}: {reason}",
        student=name_in_text(student),
        assignment=assignment,
        reason=reason,
    )
    converter.log.error("%s", render(said, wished_language()))


def _withdraw(converter: Any, student: str, assignment: str) -> None:
    """Withdraw what an earlier submission was given: it does not stand for one that cannot be graded."""
    if name_in_text(student) == student:
        withdrawn(converter.coursedir.db_url, student, assignment, None)
    with suppress(RecursionError):
        shutil.rmtree(converter._format_dest(assignment, student), ignore_errors=True)


def _with_ending(converter: Any, pages: Sequence[FeedbackPage], refused: int) -> Callable[[], None]:
    """Return a conversion that then names stale feedback pages, and fails if submissions were refused."""
    convert: Callable[[], None] = converter.convert_notebooks

    def convert_and_say() -> None:
        try:
            convert()
        except NbGraderException:
            _name_stale(converter, pages)
            raise
        _name_stale(converter, pages)
        if refused:
            raise NbGraderException(f"{refused} submissions were not graded; the log says which, and why.")

    return convert_and_say


def _name_stale(converter: Any, pages: Sequence[FeedbackPage]) -> None:
    """Say in the log how many feedback pages show an earlier grading."""
    if not any(page.page.is_file() for page in pages):
        return
    # Where the gradebook cannot be read, grading has failed because of that and has said so.
    with suppress(SQLAlchemyError, AutograderError), Gradebook(converter.coursedir.db_url) as gradebook:
        for said in stale_pages(gradebook.db, pages):
            converter.log.warning("%s", render(said, wished_language()))


def _overlooked(converter: Any, assignment: Assignment) -> dict[str, Message]:
    """Look for submissions in which nbgrader has found no notebook, and return why those are not graded.

    One whose notebook has a name that nbgrader does not recognise (`<assignment>.ipynb.txt`) is added.
    """
    refused: dict[str, Message] = {}
    if converter.coursedir.student_id != "*":
        return refused
    wanted = f"{assignment.id}.ipynb"
    top = Path(converter._format_source(assignment.id, "*")).parents[1]
    for student in sorted(os.listdir(top)) if top.is_dir() else ():
        folder = top / student / assignment.id
        if student.startswith(".") or str(folder) in converter.assignments or not os.path.lexists(folder):
            continue
        found = submission_in(name_in_text(student), assignment, folder)
        if found.refused is None and found.path.name != wanted:
            # The hook before the conversion copies it there (`submissions.recognise_renamed`).
            converter.assignments[str(folder)] = [str(folder / wanted)]
        else:
            refused[str(folder)] = found.refused or message(
                "There is no {file} in the submission. Hand in the notebook under that name.", file=wanted
            )
    return refused


def _looked_at(folder: Path, assignment: Assignment, ignored: Collection[str]) -> Message | None:
    """Return why nbgrader must not begin with a submission, even where looking for reasons fails."""
    try:
        found = submission_in(name_in_text(folder.parent.name), assignment, folder)
        return found.refused or refusal(folder, ignored)
    except (OSError, RecursionError) as error:
        return message(
            "{folder} cannot be looked into ({reason}).", folder=str(folder), reason=type(error).__name__
        )


def refusal(folder: Path, ignored: Collection[str]) -> Message | None:
    """Return why nbgrader must not begin with what is in a submission's folder; None where it may.

    `ignored` are the patterns of names that it does not copy.
    """
    if name_in_text(folder.parent.name) != folder.parent.name:
        return message(
            "the gradebook names students by their folders, and this folder's name is not text that it could "
            "keep. Rename the folder and grade again."
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
    """Return how many bytes nbgrader would copy, which follows links; None for no file or an endless one."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None
