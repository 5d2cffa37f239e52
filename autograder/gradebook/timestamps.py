"""Reads from `timestamp.txt` when a submission was handed in: in the same way everywhere, or not at all.

nbgrader reads `KST` as UTC, `+0900` as a quarter of an hour, and guesses at free text: each of these is a
late penalty that somebody does not deserve, or one that nobody notices is missing.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from autograder.messages import AutograderError, message, render, wished_language

TIMESTAMP = "timestamp.txt"
EXAMPLE = "2026-11-20 23:00:00 +0900"
"""An example of how a time is written."""

_MOST_BYTES = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)"
    r"([.,](?P<fraction>[0-9]{1,9}))?\s*(?P<zone>.*)",
    re.IGNORECASE | re.DOTALL,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+\-−])(?P<hours>[0-9]{1,2})(:?(?P<minutes>[0-9]{2}))?", re.I)
# Seconds or milliseconds since 1970; a number with more or fewer digits might as well be a date.
_EPOCH = re.compile(r"(?P<seconds>[0-9]{10})(?:\.[0-9]+|(?P<thousandths>[0-9]{3}))?")


class TimestampError(AutograderError):
    """A submission's time that is not understood: what the file says, and how a time is written."""


def handed_in_at(place: Path) -> datetime | None:
    """Return when the submission in that folder was handed in (UTC, without a zone, as nbgrader keeps it).

    None where there is no `timestamp.txt`; links are not followed.

    Raises:
        TimestampError: its text is not understood.
    """
    path = place / TIMESTAMP
    try:
        data = _read(path)
    except OSError as error:
        raise TimestampError(
            message(
                "{file} cannot be read ({reason}): delete it, or put a file there with a time like {example}",
                file=TIMESTAMP,
                reason=error.strerror or type(error).__name__,
                example=EXAMPLE,
            )
        ) from None
    return None if data is None else understood(_decoded(data))


def understood(text: str) -> datetime:
    """Return the moment that `text` names, in UTC and without a zone; a time without a zone is UTC.

    Raises:
        TimestampError: it names none, or none for certain.
    """
    written = text.strip().strip("\0")
    try:
        if epoch := _EPOCH.fullmatch(written):
            thousandths = epoch["thousandths"]
            seconds = int(written) / 1000 if thousandths else float(written)
            return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        if said := _TIME.fullmatch(written):
            local = datetime.fromisoformat(f"{said['date']} {said['time']}")
            local += timedelta(microseconds=int((said["fraction"] or "0").ljust(6, "0")[:6]))
            return local - _offset(said["zone"].strip(), local, written)
    except (ValueError, OverflowError, OSError):
        pass
    raise TimestampError(
        message(
            "{file} says {text}, which is no time that can be understood: write it like {example}",
            file=TIMESTAMP,
            text=f'"{written[:80]}"',
            example=EXAMPLE,
        )
    )


def understand_timestamps() -> None:
    """Let nbgrader's commands and pages understand `timestamp.txt` as this module does.

    nbgrader ends with a traceback at one that it cannot read, in collecting and in feedback, too. With this
    it says so, and there is no time; a grader asks `handed_in_at`, and refuses the submission.
    """
    from nbgrader.coursedir import CourseDirectory

    CourseDirectory.get_existing_timestamp = _existing


def _existing(coursedir: Any, place: str) -> datetime | None:
    try:
        return handed_in_at(Path(place))
    except TimestampError as error:
        coursedir.log.warning("%s: %s", place, render(error.message, wished_language()))
        return None


def _read(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError:
        if path.is_symlink():
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "not a regular file")
        return file.read(_MOST_BYTES)


def _decoded(data: bytes) -> str:
    """Return the text; Windows writes a byte order mark before it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def _offset(zone: str, local: datetime, written: str) -> timedelta:
    """Return how far that zone's clock is ahead of UTC."""
    if zone.upper() in ("", "Z", "UTC", "GMT"):
        return timedelta()
    if said := _OFFSET.fullmatch(zone):
        ahead = timedelta(hours=int(said["hours"]), minutes=int(said["minutes"] or 0))
        # `timezone` refuses what no clock shows, and so does this.
        return timezone(-ahead if said["sign"] in "-−" else ahead).utcoffset(None)
    offsets = _offsets_of(zone, local)
    if len(offsets) == 1:
        return min(offsets)
    if offsets:
        raise TimestampError(
            message(
                "{file} says {text}: `{zone}` is more than one time zone. Write the offset, like {example}",
                file=TIMESTAMP,
                text=f'"{written[:80]}"',
                zone=zone,
                example=EXAMPLE,
            )
        )
    raise ValueError(zone)


def _offsets_of(name: str, local: datetime) -> set[timedelta]:
    """Return the offsets that a zone's name (`Asia/Seoul`) or abbreviation (`KST`) may mean at that time.

    `IST` is an abbreviation in three countries.
    """
    found = set()
    for zone in _zones():
        if zone.key == name or local.replace(tzinfo=zone).tzname() == name:
            offset = local.replace(tzinfo=zone).utcoffset()
            found |= {offset} if offset is not None else set()
    return found


@cache
def _zones() -> tuple[ZoneInfo, ...]:
    zones = []
    for name in sorted(available_timezones()):
        with suppress(KeyError, ValueError, OSError):
            zones.append(ZoneInfo(name))
    return tuple(zones)
