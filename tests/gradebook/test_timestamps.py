"""A time is understood in one way, or refused with a sentence that says how it is written."""

from __future__ import annotations

import codecs
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.coursedir import CourseDirectory

from autograder.gradebook.timestamps import (
    EXAMPLE,
    TimestampError,
    handed_in_at,
    understand_timestamps,
    understood,
)
from autograder.messages import render

SIX = datetime(2026, 11, 21, 18, 0, 0)


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("2026-11-21 18:00:00 UTC", 0),
        ("2026-11-21 18:00:00.000000 UTC", 0),
        ("2026-11-21T18:00:00Z", 0),
        ("2026-11-21 18:00:00", 0),
        ("2026-11-21 18:00", 0),
        ("2026-11-21 18:00:00 KST", 9),
        ("2026-11-21 18:00:00 +0900", 9),
        ("2026-11-21 18:00:00+09:00", 9),
        ("2026-11-21 18:00:00 +09", 9),
        ("2026-11-21 18:00:00 -0500", -5),
        ("2026-11-21 18:00:00 UTC+9", 9),
        ("2026-11-21 18:00:00 Asia/Seoul", 9),
        ("2026-11-21 18:00:00 CET", 1),
        ("2026-07-21 18:00:00 CEST", 2),
        ("  2026-11-21 18:00:00 KST \n", 9),
    ],
)
def test_a_zone_is_read_as_it_is_written(text: str, ahead: int) -> None:
    month = int(text.strip()[5:7])

    assert understood(text) == SIX.replace(month=month) - timedelta(hours=ahead)


def test_an_epoch_is_read_in_seconds_and_thousandths() -> None:
    seconds = int(SIX.replace(tzinfo=UTC).timestamp())

    assert understood(f"{seconds}") == understood(f"{seconds}.0") == understood(f"{seconds}000") == SIX


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday evening",
        "어제 저녁",
        "21.11.2026 18:00",
        "11/21/2026 6pm",
        "2026-11-21",
        "20261121",
        "2026-13-21 18:00:00",
        "2026-11-21 18:00:00 +9900",
        "2026-11-21 18:00:00 XYZ",
        "0001-01-01 00:00:00 +0900",
        "99999999999999999999",
        "2026-11-21 18:00:00 +0900 or so",
        "{text}",
    ],
)
def test_what_is_no_time_is_refused_and_the_format_named(text: str) -> None:
    with pytest.raises(TimestampError) as raised:
        understood(text)

    assert render(raised.value.message, "en") == (
        f'timestamp.txt says "{text}", which is no time that can be understood: write it like {EXAMPLE}'
    )


@pytest.mark.parametrize("zone", ["CST", "IST"])
def test_an_abbreviation_of_several_zones_is_refused(zone: str) -> None:
    with pytest.raises(TimestampError, match=f"`{zone}` is more than one time zone"):
        understood(f"2026-11-21 18:00:00 {zone}")


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + EXAMPLE.encode(),
        codecs.BOM_UTF16_LE + EXAMPLE.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + EXAMPLE.encode("utf-16-be"),
        EXAMPLE.encode() + b"\r\n",
    ],
)
def test_however_windows_writes_it(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "timestamp.txt").write_bytes(data)

    assert handed_in_at(tmp_path) == datetime(2026, 11, 20, 14, 0, 0)


def test_no_file_is_no_time_and_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe is not waited for; a link is not followed."""
    places = [tmp_path / name for name in ("none", "link", "pipe", "folder")]
    for place in places:
        place.mkdir()
    (places[1] / "timestamp.txt").symlink_to("/etc/hostname")
    os.mkfifo(places[2] / "timestamp.txt")
    (places[3] / "timestamp.txt").mkdir()

    assert [handed_in_at(place) for place in places[:2]] == [None, None]
    for place in places[2:]:
        with pytest.raises(TimestampError, match="delete it, or put a file there"):
            handed_in_at(place)


def test_nbgrader_s_own_reading_is_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nbgrader would end, collecting a class or showing a page, the time is none and that is said."""
    monkeypatch.setattr(CourseDirectory, "get_existing_timestamp", None)
    understand_timestamps()
    folder = SimpleNamespace(log=logging.getLogger("folder"))
    (tmp_path / "timestamp.txt").write_text("2026-11-21 18:00:00 KST")
    understood_there = CourseDirectory.get_existing_timestamp(folder, str(tmp_path))
    (tmp_path / "timestamp.txt").write_text("soon")

    assert understood_there == SIX - timedelta(hours=9)
    assert CourseDirectory.get_existing_timestamp(folder, str(tmp_path)) is None
    assert "which is no time that can be understood" in caplog.text


@given(st.binary(max_size=60))
def test_any_bytes_are_a_time_or_a_sentence(tmp_path_factory, data: bytes) -> None:
    place = tmp_path_factory.mktemp("place")
    (place / "timestamp.txt").write_bytes(data)
    try:
        found: datetime | str | None = handed_in_at(place)
    except TimestampError as error:
        found = str(error)

    assert isinstance(found, datetime) or EXAMPLE in str(found)
