"""Reads the class list: who a student is to nbgrader and to each learning platform."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.feedback.files import file_name
from autograder.messages import AutograderError, Message, message


class RosterError(AutograderError):
    """What is wrong with the roster: `messages` has one for each fault."""


@dataclass(frozen=True)
class Listed:
    """One line of the roster; `student_id` is the name of the folder that nbgrader knows the student by."""

    student_id: str
    line: int
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    email: str = ""
    section: str = ""
    canvas_id: str = ""
    canvas_sis_id: str = ""
    canvas_login: str = ""
    moodle_id: str = ""
    moodle_name: str = ""
    moodle_username: str = ""
    blackboard_username: str = ""

    @property
    def first_and_last(self) -> tuple[str, str]:
        """The first and the last name; a name in one piece is the last, as nobody can tell its parts."""
        if self.first_name or self.last_name:
            return self.first_name, self.last_name
        return "", self.name

    @property
    def shown_name(self) -> str:
        """The name that tables show and sort by: `Kim, Seoyeon`, `김서연`, or as much as is known."""
        first, last = self.first_and_last
        if not first or not last:
            return first or last or self.moodle_name
        # Names that are written with the family name first anyway get no comma.
        return f"{last}{first}" if _EAST_ASIAN.fullmatch(first + last) else f"{last}, {first}"

    @property
    def names(self) -> set[str]:
        """The student's name in every order in which a platform may write it, in the form of `same_name`."""
        written = (
            self.name,
            self.moodle_name,
            self.first_name + self.last_name,
            self.last_name + self.first_name,
        )
        return {same_name(name) for name in written} - {""}


_EAST_ASIAN = re.compile(r"[\u3131-\u318e\uac00-\ud7a3\u3040-\u30ff\u3400-\u9fff]+")

COLUMNS = tuple(field.name for field in fields(Listed) if field.name != "line")
IDENTITIES = (
    "email",
    "canvas_id",
    "canvas_sis_id",
    "canvas_login",
    "moodle_id",
    "moodle_username",
    "blackboard_username",
)
"""The columns whose values belong to one student alone."""


@dataclass(frozen=True)
class Roster:
    """The class, in the order of the file; `notes` says what was tolerated while reading it."""

    path: Path
    students: tuple[Listed, ...]
    notes: tuple[Message, ...] = ()

    def student(self, student_id: str) -> Listed | None:
        """Return the student whom nbgrader knows by that id; None where there is none."""
        return next(iter(self._by_id.get(composed(student_id), [])), None)

    def name_of(self, student_id: str) -> str:
        """Return the name that a student is listed by; empty where there is none."""
        listed = self.student(student_id)
        return listed.shown_name if listed is not None else ""

    def not_listed(self, student_id: str) -> Message | None:
        """Return why that student's scores do not go into the gradebook; None where the roster has them."""
        if self.student(student_id) is not None:
            return None
        return message(
            "`{student}` is not on the roster {file}, so their scores are not written to "
            "the gradebook: add a line, or rename the folder in submitted/.",
            student=student_id,
            file=self.path.name,
        )

    def on_canvas(self, user_id: str, name: str) -> list[Listed]:
        """Return whom Canvas means by a user's id and name: one, none, or several it cannot tell apart."""
        if user_id and (found := self._by_canvas_id.get(user_id)):
            return list(found)
        return [listed for listed in self._called(name) if not listed.canvas_id]

    def on_moodle(self, name: str, number: str) -> list[Listed]:
        """Return whom Moodle means by a full name and the number in a file's name.

        The name decides: the number is another one for each assignment unless the roster says otherwise.
        """
        called = self._called(name)
        if len(called) != 1:
            among = called or self._by_name.get("", [])
            numbered = [listed for listed in among if listed.moodle_id == number != ""]
            return numbered or called
        return called

    def on_blackboard(self, username: str) -> list[Listed]:
        """Return whom Blackboard means by a user name."""
        wanted = composed(username).casefold()
        return list(self._by_blackboard_username.get(wanted, ()))

    def _called(self, name: str) -> list[Listed]:
        wanted = same_name(name)
        return list(self._by_name.get(wanted, ())) if wanted else []

    # A download asks for each student of the class, and searching a long roster each time would take hours.
    @cached_property
    def _by_id(self) -> _Index:
        return _index(self.students, lambda listed: [listed.student_id])

    @cached_property
    def _by_canvas_id(self) -> _Index:
        return _index(self.students, lambda listed: [listed.canvas_id])

    @cached_property
    def _by_blackboard_username(self) -> _Index:
        """The students by user name; those without one by student id, unless that is somebody's user name."""
        named = _index(self.students, lambda listed: [listed.blackboard_username.casefold()])
        unnamed = _index(named.pop("", ()), lambda listed: [listed.student_id.casefold()])
        return {**unnamed, **named}

    @cached_property
    def _by_name(self) -> _Index:
        """The students by each of their names in the form of `same_name`; those without a name by ""."""
        return _index(self.students, lambda listed: listed.names or [""])


MOST_FAULTS = 20
"""How many faulty lines are named one by one: a file that is no roster has thousands."""

_Index = dict[str, list[Listed]]


def _index(students: Iterable[Listed], keys: Callable[[Listed], Iterable[str]]) -> _Index:
    index: _Index = {}
    for listed in students:
        for key in keys(listed):
            index.setdefault(key, []).append(listed)
    return index


def course_roster(course: Course) -> Roster | None:
    """Return the class list that the course names; None where it names none.

    Raises:
        RosterError: it is not in order.
    """
    path = course.roster_path
    if path is None:
        return None
    try:
        state = path.stat()
    except OSError:
        # Reading it says what is wrong.
        return load_roster(path)
    return _unchanged(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _unchanged(path: Path, _changed: int, _size: int) -> Roster:
    # nbgrader's steps ask for it once per submission.
    return load_roster(path)


def composed(text: str) -> str:
    """Return `text` as a keyboard types it: macOS and some zip tools decompose Korean syllables."""
    return unicodedata.normalize("NFC", text).strip()


def same_name(name: str) -> str:
    """Return `name` without case, spaces and signs, which platforms do not all keep."""
    return "".join(character for character in composed(name).casefold() if character.isalnum())


def load_roster(path: Path) -> Roster:
    """Return the class that a CSV file lists.

    Raises:
        RosterError: the file cannot be read, or a line of it names nobody.
    """
    text = _read(path)
    heading, _, _ = text.replace("\r", "\n").partition("\n")
    # Spreadsheets write commas, semicolons or, for what is copied or called “Unicode text”, tabs.
    separator = max(",;\t", key=heading.count)
    lines = _lines(path, csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    _, columns = next(lines, (1, []))
    columns = [column.strip().casefold() for column in columns]
    _check_heading(path, columns)
    faults: list[Message] = []
    students: list[Listed] = []
    for line, row in lines:
        if not any(field.strip() for field in row):
            continue
        said = _fault(columns, row)
        if said is not None:
            faults.append(message("{file}, line {line}: {fault}", file=path.name, line=line, fault=said))
            continue
        known = {name: composed(field) for name, field in zip(columns, row, strict=False) if name in COLUMNS}
        students.append(Listed(line=line, **known))
    if len(faults) > MOST_FAULTS:
        rest = len(faults) - MOST_FAULTS
        faults[MOST_FAULTS:] = [
            message("{file}: more lines like these: {count}.", file=path.name, count=rest)
        ]
    if faults:
        raise RosterError(*faults)
    unread = [column for column in columns if column and column not in COLUMNS]
    notes = [
        message(
            "{file}: the column `{column}` is not read; the roster's columns are {known}.",
            file=path.name,
            column=column,
            known=", ".join(f"`{name}`" for name in COLUMNS),
        )
        for column in unread
    ]
    unique, twice = _once(path, students)
    parted, shared = _told_apart(path, unique)
    return Roster(path, tuple(parted), (*notes, *twice, *shared))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise RosterError(
            message(
                "{file} does not exist: put the class list there, or correct `roster` in course.yml.",
                file=str(path),
            )
        ) from None
    except UnicodeDecodeError:
        raise RosterError(
            message(
                "{file} is not text in UTF-8: in the spreadsheet, save it as “CSV UTF-8”.", file=path.name
            )
        ) from None
    except OSError as error:
        raise RosterError(
            message("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from None


def _lines(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with the number of the line that it begins in."""
    line = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise RosterError(
                message(
                    "{file}, line {line}: a quotation mark is left open or is in the middle of a "
                    "field; put the field into quotation marks, and double those inside it.",
                    file=path.name,
                    line=line,
                )
            ) from None
        if row is None:
            return
        yield line, row
        line = reader.line_num + 1  # type: ignore[attr-defined]


def _check_heading(path: Path, columns: list[str]) -> None:
    if "student_id" not in columns:
        raise RosterError(
            message(
                "{file}, line 1: the heading has no column `student_id`; it names the folder of each "
                "student's submissions.",
                file=path.name,
            )
        )
    for column in COLUMNS:
        if columns.count(column) > 1:
            raise RosterError(
                message(
                    "{file}, line 1: the column `{column}` appears twice; keep one.",
                    file=path.name,
                    column=column,
                )
            )


def _fault(columns: list[str], row: list[str]) -> Message | None:
    """Return why a row lists nobody; None where it lists somebody."""
    if len(row) > len(columns):
        return message(
            "the line has {found} fields, the heading {wanted} columns; put a field that "
            "contains the separator into quotation marks.",
            found=len(row),
            wanted=len(columns),
        )
    place = columns.index("student_id")
    student = composed(row[place]) if place < len(row) else ""
    if not student:
        return message("`student_id` is empty; name the folder of the student's submissions.")
    if not is_student_id(student):
        return message(
            "`student_id` is {found}, which cannot be the name of a folder; use letters, digits, hyphens.",
            found=f'"{student}"',
        )
    return None


def is_student_id(text: str) -> bool:
    """Return whether nbgrader can give a student's folder that name."""
    try:
        file_name(text)
    except ValueError:
        return False
    return (
        text.isprintable()
        and text == text.strip()
        and not text.startswith(".")
        and len(text.encode("utf-8")) <= 128
    )


def _once(path: Path, students: Iterable[Listed]) -> tuple[list[Listed], list[Message]]:
    """Return each student's first line, and what to say of the others."""
    first: dict[str, Listed] = {}
    said = []
    for listed in students:
        earlier = first.setdefault(listed.student_id, listed)
        if earlier is not listed:
            said.append(
                message(
                    "{file}, line {line}: `{student}` is already in line {earlier}; this line is "
                    "not read. Delete one of the two.",
                    file=path.name,
                    line=listed.line,
                    student=listed.student_id,
                    earlier=earlier.line,
                )
            )
    return list(first.values()), said


def _told_apart(path: Path, students: list[Listed]) -> tuple[list[Listed], list[Message]]:
    """Return the students without what several claim, and say so: no grade is better than another's."""
    said = []
    for column in IDENTITIES:
        claims: dict[str, list[Listed]] = {}
        for listed in students:
            if value := getattr(listed, column):
                claims.setdefault(value.casefold(), []).append(listed)
        shared = {value: sharing for value, sharing in claims.items() if len(sharing) > 1}
        for sharing in shared.values():
            said.append(
                message(
                    "{file}, lines {lines}: `{column}` is {value} in each of them, so it is used for none. "
                    "Correct it.",
                    file=path.name,
                    lines=", ".join(str(listed.line) for listed in sharing),
                    column=column,
                    value=f'"{getattr(sharing[0], column)}"',
                )
            )
        students = [
            _without(listed, column) if getattr(listed, column).casefold() in shared else listed
            for listed in students
        ]
    return students, said


def _without(listed: Listed, column: str) -> Listed:
    changed: dict[str, Any] = {column: ""}
    return replace(listed, **changed)
