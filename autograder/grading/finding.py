"""Finds submissions in a class's folder, where students put what they like and can only harm their own work.

No link is followed, nothing is waited for or read without a limit, and what is not graded is reported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autograder.course import Assignment, Course
from autograder.course.tags import nbgrader
from autograder.grading.submission import (
    GradingError,
    Submission,
    UnreadableNotebook,
    loaded,
    notebook_bytes,
    task_ids,
)
from autograder.messages import Message, message, name_in_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Browsers and mail programs may append an extension to a notebook's name.
_NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tar\.gz|7z|rar|alz|egg)$", re.IGNORECASE)
_HANGUL = re.compile(r"[\x20-\x7e가-힣]+")

_ENTRIES = 20_000
"""How many entries of a learner's folder are looked at, at most."""
_NOTEBOOKS = 32
_LOOKED_AT_BYTES = 16 * 1024**2
"""How many notebooks of a folder, and bytes of them, are read at most to tell which one is meant."""

_SAID_AT_MOST = 20

Kind = Literal["folder", "file", "link", "other"]


@dataclass(frozen=True)
class Found:
    """What a folder holds: submissions in the order of student and assignment, and what was left out.

    `withheld` lists the students' folders that cannot be read, and why: no earlier report may still count for
    them.
    """

    submissions: tuple[Submission, ...]
    left_out: tuple[Message, ...] = ()
    withheld: tuple[tuple[str, Path, Message], ...] = ()


def class_folder(folder: Path) -> Path:
    """Return where the students' folders lie: a class's folder, or its `submitted` folder."""
    # os.path says no where the folder may not be read; the error is reported when its entries are read.
    return folder / "submitted" if os.path.isdir(folder / "submitted") else folder


def find_submissions(folder: Path, course: Course) -> Found:
    """Return the submissions below a class's folder, or below its `submitted` folder.

    Raises:
        GradingError: the folder is not there, may not be read, or holds no submission.

    >>> import shutil, tempfile
    >>> from pathlib import Path
    >>> from autograder.course import load_course
    >>> from autograder.grading import find_submissions
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     given_out = shutil.copytree("assignments/en/u-net", Path(folder, "submitted", "kim", "u-net"))
    ...     found = find_submissions(Path(folder), load_course("course.yml"))
    >>> [(submission.student, submission.assignment) for submission in found.submissions]
    [('kim', 'u-net')]
    """
    top = class_folder(folder)
    entries = _top_entries(top)
    search = _Search({assignment.id: assignment for assignment in course.assignments})
    names = _students([name for name, kind in entries if kind in ("folder", "link")])
    for name, kind in entries:
        if name.startswith("."):
            search.look_at_hidden(top / name)
        elif kind == "folder":
            search.look_at_student(names[name], top / name)
        elif kind == "link":
            search.look_at_linked_student(names[name], top / name)
        elif kind == "other" or _handed_in(name):
            search.look_at_loose_file(top / name)
    if not search.submissions:
        raise GradingError(
            message(
                "{folder} holds no submission: nbgrader's layout is "
                "`submitted/<student>/<assignment>/<assignment>.ipynb`.",
                folder=str(folder),
            ),
            *search.left_out[:_SAID_AT_MOST],
        )
    return Found(tuple(search.submissions), tuple(search.left_out), tuple(search.withheld))


class _Search:
    """What has been found of a class so far."""

    def __init__(self, known: Mapping[str, Assignment]) -> None:
        self._known = known
        self.submissions: list[Submission] = []
        self.left_out: list[Message] = []
        self.withheld: list[tuple[str, Path, Message]] = []

    def look_at_student(self, student: str, place: Path) -> None:
        """Add the submissions in a student's folder."""
        try:
            entries = _entries(place)
        except OSError as error:
            reason = message(
                "{student}: the folder {folder} cannot be read ({reason}). Make it readable and grade again.",
                student=student,
                folder=str(place),
                reason=error.strerror or type(error).__name__,
            )
            self.left_out.append(reason)
            self.withheld.append((student, place, reason))
            return
        notes = _name_notes(student, place.name)
        folders = {name for name, kind in entries if kind in ("folder", "link")}
        for name, kind in entries:
            if name.startswith("."):
                continue
            if kind == "folder" and name in self._known:
                found = submission_in(student, self._known[name], place / name)
                self._add(found, notes)
            elif kind == "folder":
                self._unknown_assignment(student, name)
            elif (meant := self._meant(name)) is not None and (meant == name or meant not in folders):
                self._refuse(student, meant, place, _out_of_place(place / name, meant, kind), notes)
            elif kind != "file" or _handed_in(name):
                self.left_out.append(
                    message("{student}: {reason}", student=student, reason=_not_a_folder(place / name, kind))
                )

    def look_at_linked_student(self, student: str, place: Path) -> None:
        """Refuse the submissions behind a link in place of a student's folder, without reading any."""
        reason = _linked(place)
        there = [name for name in self._known if os.path.isdir(place / name)]
        if not there:
            self.left_out.append(message("{student}: {reason}", student=student, reason=reason))
        for name in there:
            self._refuse(student, name, place, reason, _name_notes(student, place.name))

    def look_at_hidden(self, place: Path) -> None:
        """Report a hidden folder that looks like a student's."""
        if any(os.path.isdir(place / name) for name in self._known):
            self.left_out.append(
                message(
                    "{folder} begins with a dot and was left alone: rename it if it is a student's folder.",
                    folder=str(place),
                )
            )

    def look_at_loose_file(self, place: Path) -> None:
        """Report that a file beside the students' folders belongs to nobody."""
        self.left_out.append(
            message(
                "{file} lies beside the students' folders and belongs to nobody: put it where it belongs, "
                "as `<student>/<assignment>/<assignment>.ipynb`.",
                file=str(place),
            )
        )

    def _meant(self, name: str) -> str | None:
        """Return the assignment that a file in a student's own folder is named after."""
        stem = _NOTEBOOK.sub("", name)
        return stem if stem in self._known else None

    def _add(self, found: Submission, notes: tuple[Message, ...]) -> None:
        if notes:
            found = Submission(
                found.student, found.assignment, found.path, (*notes, *found.notes), found.refused
            )
        self.submissions.append(found)

    def _refuse(
        self, student: str, assignment: str, place: Path, reason: Message, notes: tuple[Message, ...]
    ) -> None:
        path = place / assignment / f"{assignment}.ipynb"
        # Two files may be meant for the same assignment, which then needs one refusal only.
        if all((one.student, one.assignment) != (student, assignment) for one in self.submissions[-20:]):
            self._add(Submission(student, assignment, path, refused=reason), notes)

    def _unknown_assignment(self, student: str, name: str) -> None:
        self.left_out.append(
            message(
                "{student}: the course has no assignment `{assignment}`; it has {known}.",
                student=student,
                assignment=name_in_text(name),
                known=", ".join(f"`{known}`" for known in sorted(self._known)),
            )
        )


def _handed_in(name: str) -> bool:
    """Return whether a file looks like somebody's work, and not like what systems leave in folders."""
    return bool(_NOTEBOOK.search(name) or _ARCHIVE.search(name))


def _linked(place: Path) -> Message:
    return message(
        "{folder} is a link, and links are not followed. Put the folder itself there.", folder=str(place)
    )


def _not_a_folder(place: Path, kind: Kind) -> Message:
    if kind == "link":
        return _linked(place)
    return message(
        "{file} lies beside the assignments' folders and was not graded: "
        "put it where it belongs, as `<assignment>/<assignment>.ipynb`.",
        file=str(place),
    )


def _out_of_place(place: Path, assignment: str, kind: Kind) -> Message:
    if kind == "link":
        return _linked(place)
    return message(
        "{file} does not lie in a folder of its own: put it at `{wanted}`.",
        file=str(place),
        wanted=f"{assignment}/{assignment}.ipynb",
    )


def _name_notes(student: str, name: str) -> tuple[Message, ...]:
    if student == name:
        return ()
    return (
        message(
            "The folder's name cannot be written as text; the student is called {student} here. "
            "Rename the folder.",
            student=student,
        ),
    )


def _students(names: Iterable[str]) -> dict[str, str]:
    """Return the name of each folder's student: the folder's own where it is text, else the nearest to it.

    No two students get the same name.
    """
    plain = {name: name for name in names if name_in_text(name) == name}
    called = dict(plain)
    taken = set(plain)
    for name in sorted(set(names) - set(plain)):
        student = next((one for one in _readings(name) if one not in taken), None)
        if student is None:
            digest = blake2b(os.fsencode(name), digest_size=8).hexdigest()
            student = f"{name_in_text(name)[:80]}-{digest}"
        called[name] = student
        taken.add(student)
    return called


def _readings(name: str) -> Iterator[str]:
    """Yield what a name that is no text may be read as: Korean as Windows writes it, then its bytes."""
    if not _is_unicode(name):
        korean = os.fsencode(name).decode("cp949", "replace")
        if _HANGUL.fullmatch(korean):
            yield korean
    yield name_in_text(name)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _top_entries(top: Path) -> list[tuple[str, Kind]]:
    try:
        return _entries(top)
    except FileNotFoundError:
        raise GradingError(
            message("{folder} does not exist: name the class's folder.", folder=str(top))
        ) from None
    except NotADirectoryError:
        raise GradingError(
            message("{folder} is a file: name the folder of a class.", folder=str(top))
        ) from None
    except PermissionError:
        raise GradingError(
            message("{folder} cannot be read: ask its owner for permission.", folder=str(top))
        ) from None
    except OSError as error:
        raise GradingError(
            message("{file} cannot be read: {reason}.", file=str(top), reason=error.strerror or str(error))
        ) from None


def _entries(folder: Path, most: int | None = None) -> list[tuple[str, Kind]]:
    """Return a folder's entries sorted by name, at most `most` of them.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(folder) as entries:
        return sorted((entry.name, _kind(entry)) for entry in islice(entries, most))


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def submission_in(student: str, assignment: Assignment, place: Path) -> Submission:
    """Return the submission in a learner's folder: the notebook named after the assignment, or else the one
    that must be meant, whatever its name."""
    expected = place / f"{assignment.id}.ipynb"
    for folder in (place, place.parent):
        if folder.is_symlink():
            return Submission(student, assignment.id, expected, refused=_linked(folder))
    try:
        files = [name for name, kind in _entries(place, _ENTRIES) if kind == "file"]
    except OSError:
        files = []
    others = [
        place / name
        for name in files
        if _NOTEBOOK.search(name) and name != expected.name and not name.startswith(".")
    ]
    there = os.path.lexists(expected)
    if not others or (len(others) == 1 and not there):
        return _taken(student, assignment, expected, others[0] if others else None)
    return _chosen(student, assignment, expected, others, there=there)


def _taken(student: str, assignment: Assignment, expected: Path, other: Path | None) -> Submission:
    if other is None:
        return Submission(student, assignment.id, expected)
    return Submission(student, assignment.id, other, (_renamed(other, expected),))


def _renamed(found: Path, expected: Path) -> Message:
    return message(
        "The notebook is called {found}, not {wanted}; it was graded anyway.",
        found=name_in_text(found.name),
        wanted=expected.name,
    )


def _chosen(
    student: str, assignment: Assignment, expected: Path, others: list[Path], *, there: bool
) -> Submission:
    """Return the submission where a folder holds several notebooks: the one with work in it."""
    contents = _contents([expected, *others])
    # nbgrader needs the right name, so a renamed notebook lies there under both (`gradebook.submissions`).
    same = contents.get(expected)
    copies = [path for path in others if same is not None and contents.get(path) == same]
    if len(copies) == 1:
        return Submission(student, assignment.id, expected, (_renamed(copies[0], expected),))
    works = {path for path in contents if _has_work(contents[path], path, assignment)}
    working = _different([path for path in others if path in works], contents)
    if there and (expected in works or len(working) != 1):
        return Submission(student, assignment.id, expected, _passed_over(expected, working))
    if len(working) == 1:
        note = _has_the_work(working[0], expected) if there else _renamed(working[0], expected)
        return Submission(student, assignment.id, working[0], (note,))
    return Submission(student, assignment.id, expected, refused=_undecided(others, expected))


def _has_the_work(found: Path, expected: Path) -> Message:
    return message(
        "{found} was graded: {wanted}, which lies beside it, holds no answers of the learner's own.",
        found=name_in_text(found.name),
        wanted=expected.name,
    )


def _passed_over(expected: Path, working: Iterable[Path]) -> tuple[Message, ...]:
    """Return the notes about other notebooks with work in them."""
    return tuple(
        message(
            "{found} lies beside {wanted} and was not graded.",
            found=name_in_text(path.name),
            wanted=expected.name,
        )
        for path in islice(working, _SAID_AT_MOST)
    )


def _undecided(others: Collection[Path], expected: Path) -> Message:
    return message(
        "The folder holds {count} notebooks, and none of them is called {wanted}: {names}. "
        "Hand in the one that counts under that name.",
        count=len(others),
        wanted=expected.name,
        names=", ".join(name_in_text(path.name) for path in islice(others, 5)),
    )


def _contents(paths: Iterable[Path]) -> dict[Path, bytes | None]:
    """Return what the readable ones of those notebooks hold; None where it would be too much to read."""
    contents: dict[Path, bytes | None] = {}
    left = _LOOKED_AT_BYTES
    for number, path in enumerate(paths):
        try:
            if number >= _NOTEBOOKS or os.lstat(path).st_size > left:
                contents[path] = None
                continue
            content = contents[path] = notebook_bytes(path)
        except (OSError, UnreadableNotebook):
            continue
        left -= len(content)
    return contents


def _different(paths: Iterable[Path], contents: Mapping[Path, bytes | None]) -> list[Path]:
    """Return those paths without later ones of the same content."""
    first: dict[bytes | Path, Path] = {}
    for path in paths:
        content = contents[path]
        first.setdefault(path if content is None else content, path)
    return list(first.values())


def _has_work(content: bytes | None, path: Path, assignment: Assignment) -> bool:
    """Return whether a notebook has one of the assignment's graded cells, and an answer that was changed.

    A notebook that was not read (`content` is None) may have both.
    """
    if content is None:
        return True
    try:
        notebook = loaded(content, path).notebook
        ours = task_ids(notebook) & {task.id for task in assignment.tasks}
        return bool(ours) and not _as_given_out(notebook)
    except (UnreadableNotebook, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False


def _as_given_out(notebook: NotebookNode) -> bool:
    """Return whether every answer still matches nbgrader's checksum; one without a checksum does not."""
    from autograder.course.release import checksum

    answers = [cell for cell in notebook.cells if nbgrader(cell).get("solution")]
    return bool(answers) and all(checksum(cell) == nbgrader(cell).get("checksum") for cell in answers)
