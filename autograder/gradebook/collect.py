"""Collects what is downloaded from Canvas, Moodle and Blackboard, for `nbgrader zip_collect`.

Of each student's files the newest that has the assignment's cells is taken; whatever is left out is named.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import List, Unicode

from autograder.course import Assignment, Course, CourseError
from autograder.gradebook.archives import (
    LEFT_BEHIND,
    STUDENT_LIMITS,
    SUFFIXES,
    ArchiveError,
    ArchiveLimits,
    folder_within,
    notebook_name,
    shown,
    stem_of,
    unpack_tree,
    unused,
)
from autograder.gradebook.downloads import Download, copy_number, read_downloads, readings, within_another
from autograder.gradebook.roster import Roster, composed
from autograder.gradebook.timestamps import EXAMPLE, TIMESTAMP
from autograder.gradebook.traits import CoursePlugin
from autograder.grading.submission import UnreadableNotebook, assignment_of, load_notebook
from autograder.messages import Message, message

_ID_BYTES = 80
_NUMBER_DIGITS = 20


@dataclass(frozen=True)
class Collected:
    """Where a file goes: `submitted/<student_id>/<assignment>/<file_id>`, and when it was handed in (UTC)."""

    student_id: str
    file_id: str
    timestamp: datetime | None = None


@dataclass
class Plan:
    """What becomes of each file of a download, by its path in it; `said` holds what to say of a file."""

    collected: dict[PurePath, Collected] = field(default_factory=dict)
    said: dict[PurePath, list[Message]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class _Belonging:
    """The assignment that a notebook belongs to, if any; or why it could not be read."""

    assignment: str | None = None
    unreadable: Message | None = None


def _belonging(path: Path, course: Course, wanted: str) -> _Belonging:
    try:
        return _Belonging(assignment_of(load_notebook(path).notebook, course, wanted))
    except UnreadableNotebook as error:
        return _Belonging(unreadable=error.message)


@dataclass(frozen=True)
class _File:
    path: PurePath
    download: Download
    student_id: str
    belonging: _Belonging

    def rank(self, wanted: Assignment) -> tuple[Any, ...]:
        """Return a sort key that is highest for the file to grade: the newest that may be the assignment."""
        ours = self.belonging.assignment == wanted.id
        attempt = self.download.attempt or datetime.min
        _, again = self.download.series
        name = self.download.file
        return (
            attempt,
            ours or self.belonging.unreadable is not None,
            self.download.attachment,
            again,
            ours,
            copy_number(name),
            name == f"{wanted.id}.ipynb",
            str(self.path),
        )


def plan_collection(
    root: Path, files: Iterable[PurePath], course: Course, wanted: Assignment, roster: Roster | None
) -> Plan:
    """Return what to collect for an assignment from the `files` below the folder `root`.

    One notebook is collected for each student: the newest that has the assignment's cells, or that cannot be
    read, since the grader says so. For a student without a notebook, whatever else came is collected.
    Whatever is left out is named.
    """
    plan = Plan()
    known: list[tuple[PurePath, Download]] = []
    for path, download in read_downloads(files).items():
        if download is None:
            plan.said[path].append(
                message(
                    "{file} is skipped: its name does not come from Canvas, Moodle or Blackboard, "
                    "so its owner is unknown. Put the file into the archive folder as it was "
                    "downloaded.",
                    file=str(path),
                )
            )
        elif not download.companion:
            known.append((path, download))
    students = _student_ids(known, roster, plan)
    _say_of_names_within(known, students, plan)
    per_student: dict[str, list[_File]] = defaultdict(list)
    for path, download in known:
        belonging = _belonging(root / path, course, wanted.id) if _is_notebook(path) else _Belonging()
        student = students[download.person]
        per_student[student].append(_File(path, download, student, belonging))
    for handed_in in per_student.values():
        _plan_student(handed_in, wanted, course, plan)
    return plan


def _say_of_names_within(
    known: Sequence[tuple[PurePath, Download]], students: Mapping[tuple[str, str, str], str], plan: Plan
) -> None:
    """Say once of each archive that it holds files named like other people's downloads.

    They belong to the archive's owner all the same.
    """
    told: set[str] = set()
    for path, download in known:
        if path.parts[0] not in told and within_another(path, download):
            told.add(path.parts[0])
            plan.said[path].append(
                message(
                    "{file} is named like the download of somebody else, but lies in what `{student}` has "
                    "handed in, and counts as that. Should {archive} be the download of a class, rename it "
                    "to submissions.zip and collect again.",
                    file=str(path),
                    student=students[download.person],
                    archive=path.parts[0],
                )
            )


def _plan_student(handed_in: list[_File], wanted: Assignment, course: Course, plan: Plan) -> None:
    notebooks = [file for file in handed_in if _is_notebook(file.path)]
    candidates = [file for file in notebooks if file.belonging.assignment in (None, wanted.id)]
    for file in notebooks:
        if file not in candidates:
            plan.said[file.path].append(
                message(
                    "{file} is skipped: its cells belong to `{found}`, and `{wanted}` is being collected. "
                    "Collect `{found}` with it.",
                    file=str(file.path),
                    found=str(file.belonging.assignment),
                    wanted=wanted.id,
                )
            )
    if candidates:
        winner = max(_newest_of_series(candidates), key=lambda file: file.rank(wanted))
        _collect(winner, f"{wanted.id}.ipynb", course, plan)
        _say_of_winner(winner, wanted, plan)
        for file in candidates:
            if file is not winner:
                plan.said[file.path].append(
                    message(
                        "{file} is skipped: of the notebooks that `{student}` has handed in for "
                        "`{assignment}`, {winner} is the newest that fits.",
                        file=str(file.path),
                        student=file.student_id,
                        assignment=wanted.id,
                        winner=str(winner.path),
                    )
                )
    elif not notebooks:
        _collect_instead(handed_in, wanted, course, plan)


def _say_of_winner(winner: _File, wanted: Assignment, plan: Plan) -> None:
    if winner.belonging.unreadable is not None:
        plan.said[winner.path].append(
            message(
                "{file}: {reason} It is collected anyway, and its report will say so.",
                file=str(winner.path),
                reason=winner.belonging.unreadable,
            )
        )
    elif winner.belonging.assignment is None:
        plan.said[winner.path].append(
            message(
                "{file} has no cell of a task of the course; it is collected as `{assignment}` anyway.",
                file=str(winner.path),
                assignment=wanted.id,
            )
        )


def _newest_of_series(files: Iterable[_File]) -> list[_File]:
    """Return the last file of each series: Canvas numbers what is handed in again under the same name."""
    newest: dict[tuple[str, int], _File] = {}
    for position, file in enumerate(files):
        name, again = file.download.series
        key = (name, 0) if file.download.platform == "canvas" else ("", position)
        other = newest.get(key)
        if other is None or (again, file.download.attachment) >= (
            other.download.series[1],
            other.download.attachment,
        ):
            newest[key] = file
    return list(newest.values())


def _collect_instead(handed_in: list[_File], wanted: Assignment, course: Course, plan: Plan) -> None:
    """Collect whatever else a student without a notebook has handed in.

    The student gets a report that says so, and the instructor gets what there is.
    """
    taken: set[str] = set()
    for file in handed_in:
        name = _free_name(file.path.name, taken)
        _collect(file, name, course, plan)
        plan.said[file.path].append(
            message(
                "{file} is not a notebook, and `{student}` has handed in none for "
                "`{assignment}`; it is collected as it is. Ask for the notebook.",
                file=str(file.path),
                student=file.student_id,
                assignment=wanted.id,
            )
        )


def _collect(file: _File, file_id: str, course: Course, plan: Plan) -> None:
    attempt = file.download.attempt
    timestamp = _in_utc(attempt, course.platforms.blackboard.timezone) if attempt else None
    plan.collected[file.path] = Collected(file.student_id, file_id, timestamp)
    if file.download.late:
        plan.said[file.path].append(
            message(
                "{file}: Canvas marks it as late, but does not say by how much, so no points "
                "are deducted. To deduct points, write the time into timestamp.txt of the "
                "submission of `{student}`, like this: {example}",
                file=str(file.path),
                student=file.student_id,
                example=EXAMPLE,
            )
        )


def _in_utc(moment: datetime, zone: str | None) -> datetime:
    aware = moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment.astimezone()
    return aware.astimezone(UTC).replace(tzinfo=None)


def _is_notebook(path: PurePath) -> bool:
    return path.suffix == ".ipynb"


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name for a file of another kind: none of nbgrader's own, and none that is taken."""
    stem, dot, suffix = name.rpartition(".")
    free, number = name, 1
    # nbgrader would take a student's timestamp.txt for the time of the submission.
    while free.casefold() in taken or free.casefold() == TIMESTAMP:
        number += 1
        free = f"{stem} ({number}){dot}{suffix}" if dot else f"{name} ({number})"
    taken.add(free.casefold())
    return free


def _student_ids(
    known: Sequence[tuple[PurePath, Download]], roster: Roster | None, plan: Plan
) -> dict[tuple[str, str, str], str]:
    """Return each person's id: the roster's, or one made from what the platform says."""
    ids: dict[tuple[str, str, str], str] = {}
    strangers: dict[tuple[str, str, str], tuple[PurePath, Download]] = {}
    for path, download in known:
        if download.person in ids or download.person in strangers:
            continue
        listed = download.listed(roster) if roster else []
        if len(listed) == 1:
            ids[download.person] = listed[0].student_id
        else:
            strangers[download.person] = (path, download)
    made = _made_ids([download for _, download in strangers.values()], roster)
    for person, (path, download) in strangers.items():
        ids[person] = made[person]
        if roster is not None:
            listed = download.listed(roster)
            plan.said[path].append(_unlisted(path, download, made[person], roster, bool(listed)))
    return ids


def _made_ids(strangers: Sequence[Download], roster: Roster | None) -> dict[tuple[str, str, str], str]:
    """Return a valid folder name for each person: no two are the same, and none is a listed student's."""
    wishes = {download.person: _wished_id(download) for download in strangers}
    wished = Counter(wish.casefold() for wish in wishes.values())
    taken = {listed.student_id.casefold() for listed in roster.students} if roster else set()
    made = {}
    # A name that only one person wishes for is theirs, whatever is made for others, in whatever order.
    for download in sorted(
        strangers, key=lambda download: (wished[wishes[download.person].casefold()], download.person)
    ):
        name = wishes[download.person]
        while name.casefold() in taken or wished[name.casefold()] > 1:
            name = f"{name}-{_mark(download)}"
        taken.add(name.casefold())
        made[download.person] = name
    return made


def _wished_id(download: Download) -> str:
    who = f"{download.who}-{download.number}" if download.platform == "canvas" else download.who
    words = re.findall(r"[\w.]+", composed(who))
    name = "-".join(words).encode("utf-8", "replace")[:_ID_BYTES].decode("utf-8", "ignore").strip(".-_")
    return name or f"student-{_mark(download)}"


def _mark(download: Download) -> str:
    """Return what tells a person from others of the same name, short enough for a folder's name."""
    if download.platform == "moodle" and len(download.number) <= _NUMBER_DIGITS:
        return download.number
    return hashlib.sha256("\0".join(download.person).encode("utf-8", "replace")).hexdigest()[:8]


def _unlisted(path: PurePath, download: Download, made: str, roster: Roster, several: bool) -> Message:
    identity = {
        "canvas": message("`canvas_id` {number}", number=download.number or "–"),
        "moodle": message("`moodle_name` {name}", name=f'"{download.who}"'),
        "blackboard": message("`blackboard_username` {name}", name=f'"{download.who}"'),
    }[download.platform]
    if several:
        return message(
            "{file}: several lines of {roster} may be meant, so it is collected for `{student}`. Add "
            "{identity} to the right line and collect again.",
            file=str(path),
            roster=roster.path.name,
            student=made,
            identity=identity,
        )
    return message(
        "{file}: its owner is not in {roster}, so it is collected for `{student}`. Add "
        "a line with {identity}, or add that to the student's line, and collect again.",
        file=str(path),
        roster=roster.path.name,
        student=made,
        identity=identity,
    )


class LmsExtractor(CoursePlugin, ExtractorPlugin):
    """A plug-in that copies what was downloaded and unpacks archives, each only if it is safe.

    The others stay where they are, and are named.
    """

    zip_ext = List(
        Unicode(), list(SUFFIXES), help="The suffixes of archives; what has another one is copied."
    ).tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Fill the extracted folder from the archive folder."""
        top = Path(archive_path)
        for place, folders, names in os.walk(archive_path):
            entries = sorted((*folders, *names))
            folders[:] = []
            for name in entries:
                path = Path(place, name)
                mode = path.lstat().st_mode
                if name in LEFT_BEHIND or name.startswith("._"):
                    continue
                if name.startswith("."):
                    self.warn(_hidden(path.relative_to(top)))
                elif stat.S_ISDIR(mode):
                    folders.append(name)
                elif stat.S_ISREG(mode):
                    self._take(path, path.relative_to(top), Path(extracted_path))
                else:
                    self.warn(_irregular(path.relative_to(top)))

    def _take(self, path: Path, origin: PurePath, extracted: Path) -> None:
        extracted.mkdir(parents=True, exist_ok=True)
        into = folder_within(extracted, [shown(step) for step in origin.parent.parts])
        name = notebook_name(shown(path.name))
        if stem_of(name, self.zip_ext) is not None:
            # What one student handed in has a student's limits, wherever it is.
            student = any(map(readings, origin.parts)) and not origin.name.startswith("gradebook_")
            limits = STUDENT_LIMITS if student else ArchiveLimits()
            try:
                target = unused(into / name)
                self.warn(*unpack_tree(path, target, limits, self.zip_ext, _owner))
                return
            except ArchiveError as error:
                self.warn(error.message)
        try:
            shutil.copyfile(path, unused(into / name), follow_symlinks=False)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.warn(message("{file} cannot be read: {reason}.", file=str(origin), reason=reason))


def _owner(path: PurePath) -> Hashable:
    """Return whose an archive within an archive is: the outermost name that says something decides."""
    for part in path.parts:
        if told := readings(part):
            return told[0].person
    return None


def _hidden(path: PurePath) -> Message:
    return message(
        "{file} is skipped: its name begins with a dot. Rename it if somebody handed it in.", file=str(path)
    )


def _irregular(path: PurePath) -> Message:
    return message(
        "{file} is a link or not a regular file; it is skipped. Put the file itself there.", file=str(path)
    )


class LmsCollector(CoursePlugin, FileNameCollectorPlugin):
    """A plug-in that tells whose each downloaded file is by its name, and what it is by its cells.

    With the instructor's own `named_regexp` it works as nbgrader's own does.
    """

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student, the name and, if known, the time of a file; None if it is left in place."""
        if self.named_regexp:
            matched: dict[str, str] | None = super().collect(submitted_file)
            return matched
        path = Path(submitted_file).relative_to(self._root)
        self.warn(*self._plan.said.get(path, ()))
        collected = self._plan.collected.get(path)
        if collected is None:
            return None
        found = {"student_id": collected.student_id, "file_id": collected.file_id}
        if collected.timestamp is not None:
            found["timestamp"] = collected.timestamp.isoformat(" ")
        return found

    @cached_property
    def _root(self) -> Path:
        return Path(self.parent._format_collect_path(self.parent.extracted_directory))

    @cached_property
    def _plan(self) -> Plan:
        """The plan for all files of the folder at once: no name alone says which one is the newest."""
        try:
            wanted = self.course.assignment(self.parent.coursedir.assignment_id)
        except CourseError as error:
            raise self.given_up(*error.messages) from None
        files = [
            path.relative_to(self._root)
            for path in sorted(self._root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        ]
        return plan_collection(self._root, files, self.course, wanted, self.roster)
