"""Reads what learning platforms write into the names of the files that an instructor downloads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from autograder.gradebook.roster import Listed, Roster, composed

Platform = Literal["canvas", "moodle", "blackboard"]

# Canvas puts a user's id and an attachment's id between the person's name and the file's. On each platform
# the file's own name may be empty: an archive called `.zip`, unpacked by hand, is such a folder.
_CANVAS = (
    re.compile(
        r"(?P<late>LATE_)?anon_(?P<who>[A-Za-z0-9]+)(?:_(?P<attachment>[0-9]+)_(?P<file>.*)|_(?:text|link)\.html)",
        re.DOTALL,
    ),
    re.compile(
        r"(?P<who>.+?)(?P<late>_LATE)?_(?P<number>[0-9]+)"
        r"(?:_(?P<attachment>[0-9]+)_(?P<file>.*)|_(?:text|link)\.html)",
        re.DOTALL,
    ),
)
_MOODLE = re.compile(r"(?P<who>.+?)_(?P<number>[0-9]+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)
_BLACKBOARD = re.compile(
    r"(?P<before>.+?)_attempt_(?P<time>[0-9]{4}(?:-[0-9]{2}){5})(?:_(?P<file>.*)|(?P<companion>\.txt))?",
    re.DOTALL,
)
_RESUBMITTED = re.compile(r"(?P<first>.+)-(?P<number>[0-9]{1,4})")
_COPIED = re.compile(r".+\((?P<number>[0-9]{1,4})\)")


@dataclass(frozen=True)
class Download:
    """What one name says: whose it is, as the platform writes it, and what its owner called the file.

    `who` is a name, or Blackboard's user name; `also` are other ways to read it. `number` is Canvas's user id
    or the number that Moodle gives a participant of the assignment. `ends` is where the platform's part of
    the name ends.
    """

    platform: Platform
    who: str
    number: str = ""
    file: str = ""
    late: bool = False
    attachment: int = 0
    attempt: datetime | None = None
    companion: bool = False
    also: tuple[str, ...] = ()
    ends: int = 0

    @property
    def person(self) -> tuple[str, str, str]:
        """What tells one person from another on the platform."""
        if self.platform == "canvas":
            return self.platform, "", self.number or self.who
        if self.platform == "blackboard":
            return self.platform, (*self.also, self.who)[0].casefold(), ""
        return self.platform, self.who.casefold(), self.number

    @property
    def series(self) -> tuple[str, int]:
        """A file's name, and how often Canvas has received it again: of `a-2.ipynb`, `a` and 2."""
        stem, _, _ = self.file.rpartition(".")
        again = _RESUBMITTED.fullmatch(stem) if self.platform == "canvas" else None
        return (again["first"], int(again["number"])) if again else (stem, 0)

    def listed(self, roster: Roster) -> list[Listed]:
        """Return whom the roster knows by this: one, none, or several whom it cannot tell apart."""
        for who in (*self.also, self.who) if self.platform == "blackboard" else (self.who, *self.also):
            if self.platform == "canvas":
                found = roster.on_canvas(self.number, who)
            elif self.platform == "moodle":
                found = roster.on_moodle(who, self.number)
            else:
                found = roster.on_blackboard(who)
            if found:
                return found
        return []


def copy_number(file: str) -> int:
    """Return how often a browser had saved the file before: 1 for `adding (1).ipynb`."""
    stem, _, _ = file.rpartition(".")
    copied = _COPIED.fullmatch(stem.strip())
    return int(copied["number"]) if copied else 0


def readings(name: str) -> list[Download]:
    """Return what `name` says as a name of Canvas, Moodle or Blackboard; often one reading, seldom more."""
    name = composed(name)
    found = [_canvas(name), _moodle(name), _blackboard(name)]
    return sorted((reading for reading in found if reading is not None), key=lambda reading: reading.ends)


def read_downloads(files: Iterable[PurePath]) -> dict[PurePath, Download | None]:
    """Return what the names of one download's files, paths within it, say; None where no platform named one.

    The outermost name that says something counts, since what is within an archive was named by a student. For
    the same reason a name that two platforms may have written is read as that of the one which wrote most of
    the others.
    """
    files = list(files)
    skipped = 1 if _are_class_archives(files) else 0
    found = {file: _readings_of(file, skipped) for file in files}
    usual = Counter(reading.platform for told in found.values() for reading in told)
    return {
        file: min(told, key=lambda reading: (-usual[reading.platform], reading.ends), default=None)
        for file, told in found.items()
    }


def within_another(file: PurePath, download: Download) -> bool:
    """Return whether a file within `download`'s has a name as another person's download would have it."""
    telling = [told for part in file.parts if (told := readings(part))]
    inner = {reading.person for told in telling[1:] for reading in told}
    return bool(inner) and download.person not in inner


def _are_class_archives(files: Iterable[PurePath]) -> bool:
    """Return whether all outermost names that say something are what Blackboard calls a class's archive.

    `gradebook_CS_1_2_Inception.zip` could also be a file that somebody handed in on Canvas. Any other such
    name is believed, since an archive of other people's names may be that of a student who would hand in for
    them.
    """
    telling = [file for file in files if readings(file.parts[0])]
    return bool(telling) and all(
        file.parts[0].startswith("gradebook_")
        and len(file.parts) > 1
        and _blackboard(composed(file.parts[1]))
        for file in telling
    )


def _readings_of(file: PurePath, first: int) -> list[Download]:
    for depth, part in enumerate(file.parts[first:], start=first + 1):
        if told := readings(part):
            if depth == len(file.parts):
                return told
            # Within a student's folder or archive the file has a name of its own.
            return [replace(reading, file=composed(file.name), companion=False) for reading in told]
    return []


def _canvas(name: str) -> Download | None:
    for pattern in _CANVAS:
        if said := pattern.fullmatch(name):
            given = said.groupdict()
            return Download(
                "canvas",
                who=given["who"],
                number=given.get("number") or "",
                file=given["file"] or "",
                late=bool(given["late"]),
                attachment=_whole(given["attachment"]),
                ends=said.start("file") if given["file"] else len(name),
            )
    return None


def _moodle(name: str) -> Download | None:
    said = _MOODLE.fullmatch(name)
    if said is None:
        return None
    who = said["who"]
    # A group's name and a hyphen precede the student's name, which may have a hyphen, too.
    cuts = [position + 1 for position, character in enumerate(who) if character == "-"]
    return Download(
        "moodle",
        who=who,
        number=said["number"],
        file=said["file"] or "",
        also=tuple(who[cut:] for cut in cuts if who[cut:].strip()),
        ends=said.start("file") if said["file"] else len(name),
    )


def _blackboard(name: str) -> Download | None:
    said = _BLACKBOARD.fullmatch(name)
    if said is None:
        return None
    try:
        attempt = datetime.strptime(said["time"], "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return None
    # In the first and last year of the calendar a moment may have no date in another zone.
    if not datetime.min.year < attempt.year < datetime.max.year:
        return None
    parts = said["before"].split("_")
    # The assignment's title and the user name may both have underscores; only the roster knows where to cut.
    tails = ["_".join(parts[cut:]) for cut in range(len(parts))]
    return Download(
        "blackboard",
        who=tails[-1] or said["before"],
        file=said["file"] or "",
        attempt=attempt,
        companion=bool(said["companion"]),
        also=tuple(tail for tail in tails[:-1] if tail),
        ends=said.start("file") if said["file"] else len(name),
    )


def _whole(digits: str | None) -> int:
    """Return a number of Canvas's; 0 for none, or for one with more digits than an id has (up to twenty)."""
    return int(digits) if digits and len(digits) <= 30 else 0
