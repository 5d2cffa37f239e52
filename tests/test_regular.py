"""Files are read that are files, and that are no larger than they may be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Course, CourseError, load_course
from autograder.course.cells import read_cells
from autograder.course.released import read_released
from autograder.course.source import read_source
from autograder.messages.catalogue import read_catalogue
from autograder.regular import read_bytes, read_text
from tests.course.conftest import COURSE_YML


def test_a_file_is_read_through_a_link_and_with_any_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a\r\nb\rc\n")
    (tmp_path / "link").symlink_to("file")

    assert read_bytes(tmp_path / "link") == b"a\r\nb\rc\n"
    assert read_text(tmp_path / "link") == "a\nb\nc\n"


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")

    assert read_bytes(tmp_path / "file", 4) == b"1234"
    with pytest.raises(OSError, match="Larger than"):
        read_bytes(tmp_path / "file", 3)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/proc/self/fd"])
def test_a_device_or_a_folder_is_no_file(path: str) -> None:
    with pytest.raises(OSError, match=r"directory|regular"):
        read_bytes(Path(path))


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = os.listdir("/proc/self/fd")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
        with pytest.raises(OSError):  # noqa: PT011 - each has its own
            read_bytes(path)
    assert os.listdir("/proc/self/fd") == before


def source(course: Course) -> object:
    return read_source(course, course.assignments[0])


READERS: dict[str, Callable[[Course], object]] = {
    "a source notebook": source,
    "the cells of one": lambda course: read_cells(course.source(course.assignments[0])),
    "what was given out": lambda course: read_released(course.source(course.assignments[0])),
}


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_in_a_files_place_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    (tmp_path / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    course = load_course(tmp_path / "course.yml")
    path = course.source(course.assignments[0])
    path.parent.mkdir(parents=True)
    os.mkfifo(path)

    with pytest.raises((CourseError, OSError), match="Not a regular file"):
        READERS[name](course)


def test_a_catalogue_that_is_a_pipe_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ko.po")

    assert read_catalogue(tmp_path / "ko.po") == {}


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="Windows lets nobody ask for this")
def test_a_link_is_followed_only_where_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    (tmp_path / "link").symlink_to(tmp_path / "file")

    assert read_bytes(tmp_path / "link") == b"1234"
    with pytest.raises(OSError, match="symbolic links"):
        read_bytes(tmp_path / "link", follow_links=False)
