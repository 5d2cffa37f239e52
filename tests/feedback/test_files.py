"""Reports on disk."""

import fcntl
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.feedback import (
    ReportChanged,
    ReportError,
    file_name,
    read_report,
    report_path,
    report_paths,
    sweep,
    write_report,
)
from autograder.feedback.files import written_whole
from autograder.messages import render
from tests.feedback import builders


@pytest.mark.parametrize(
    "report",
    [builders.report(), builders.failing(), builders.unreadable(), builders.stopped(), builders.hostile("<")],
)
def test_a_report_comes_back_as_it_went(tmp_path: Path, report: builders.Report) -> None:
    """Whatever it says."""
    write_report(report, tmp_path / "a.json", durable=True)

    assert read_report(tmp_path / "a.json") == report


def test_reports_are_found_by_student_and_assignment(tmp_path: Path) -> None:
    """Names are the folders' names, whatever they hold; what is no report is left."""
    for student, assignment in [
        ("b", "x"),
        ("a/c", "x"),
        ("Kim, Jr", "y"),
        ("Kim, Jr", "x"),
        ("김하늘", "x"),
    ]:
        if "/" not in student:
            write_report(
                builders.report(student, assignment=assignment), report_path(tmp_path, student, assignment)
            )
    (tmp_path / "reports" / "b" / "notes.txt").write_text("", encoding="utf-8")

    found = [(path.parent.name, path.stem) for path in report_paths(tmp_path)]

    assert found == [("Kim, Jr", "x"), ("Kim, Jr", "y"), ("b", "x"), ("김하늘", "x")]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a\0"])
def test_a_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    """A report is never written where nobody looks for it."""
    with pytest.raises(ValueError, match="not a file name"):
        report_path(tmp_path, name, "inception")
    with pytest.raises(ValueError, match="not a file name"):
        report_path(tmp_path, "kim", name)


def test_a_backslash_parts_folders_on_windows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """`DOMAIN\\kim` is what Active Directory calls a student."""
    assert file_name("DOMAIN\\kim") == "DOMAIN\\kim"

    monkeypatch.setattr(os, "sep", "\\")
    with pytest.raises(ValueError, match="not a file name"):
        file_name("DOMAIN\\kim")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"score": 2.0', '"score": 3.0', 1),
        lambda text: text.replace('"checksum": "', '"checksum": "0', 1),
        lambda text: text.replace("\n", "", 1),
        lambda text: text + " ",
        lambda text: text.removesuffix("\n}\n") + ',\n "score": 9.0\n}\n',
    ],
    ids=["score", "checksum", "layout", "space", "another score behind"],
)
def test_a_report_that_was_changed_by_hand_is_not_believed(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    path = tmp_path / "kim.json"
    write_report(builders.report(), path)
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")

    with pytest.raises(ReportChanged) as caught:
        read_report(path)
    assert f"The report {path} has been changed" in render(caught.value.message, "en")


def test_equal_reports_have_one_checksum_however_long_it_took(tmp_path: Path) -> None:
    """Two gradings of the same notebook differ in their timings only."""
    write_report(builders.report(), tmp_path / "a.json")
    write_report(builders.report(timings={"total": 9, "cells": {"a": 1}}), tmp_path / "b.json")
    write_report(builders.report(timings={}), tmp_path / "c.json")

    found = {json.loads((tmp_path / f"{name}.json").read_text())["checksum"] for name in "abc"}

    assert len(found) == 1
    assert read_report(tmp_path / "b.json").timings.total == 9


def test_a_report_without_a_checksum_can_be_read_and_does_not_stand(tmp_path: Path) -> None:
    """As older versions have written it, or somebody who wanted it so."""
    path = tmp_path / "kim.json"
    path.write_text(builders.report().model_dump_json(), encoding="utf-8")

    assert read_report(path) == builders.report()
    with pytest.raises(ReportChanged):
        read_report(path, whole=True)


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)], ids=["pipe", "folder", "link"]
)
def test_what_is_no_file_is_no_report(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Nothing is waited for, and no link followed."""
    make(tmp_path / "kim.json")

    with pytest.raises(ReportError) as caught:
        read_report(tmp_path / "kim.json")
    assert str(tmp_path / "kim.json") in render(caught.value.message, "en")


def test_a_report_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "kim").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ReportError) as caught:
        write_report(builders.report(), report_path(tmp_path, "kim", "inception"))

    assert f"{tmp_path / 'reports' / 'kim'} is a link" in render(caught.value.message, "en")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_name_that_is_no_text_does_not_keep_a_report_from_being_written(tmp_path: Path) -> None:
    """Half a character, as a folder's name may hold."""
    write_report(builders.report("kim\udcff", notebook="a\udcff.ipynb"), tmp_path / "a.json")

    assert read_report(tmp_path / "a.json").notebook == "a?.ipynb"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"schema_version": 2}', b'{"schema_version": 1}']
)
def test_what_is_no_report_says_so(tmp_path: Path, content: bytes) -> None:
    """The error names the file and the cure."""
    path = tmp_path / "kim.json"
    path.write_bytes(content)

    with pytest.raises(ReportError) as caught:
        read_report(path)
    said = render(caught.value.message, "en")
    assert str(path) in said
    assert said.endswith("Delete it and grade again.")


def test_a_missing_report_says_so(tmp_path: Path) -> None:
    """As the system says it."""
    with pytest.raises(ReportError) as caught:
        read_report(tmp_path / "none.json")
    assert "No such file or directory" in render(caught.value.message, "en")


def interrupted(path: Path, error: BaseException) -> None:
    """A write in whose middle `error` happens."""
    with written_whole(path) as file:
        file.write("half")
        raise error


@pytest.mark.parametrize("error", [OSError("the disk is full"), KeyboardInterrupt()])
def test_a_failed_write_leaves_what_was_there(tmp_path: Path, error: BaseException) -> None:
    """Neither half a file nor a temporary one stays behind, ctrl-C included."""
    path = tmp_path / "a.json"
    write_report(builders.report("old"), path)

    with pytest.raises(type(error)):
        interrupted(path, error)

    assert read_report(path).student == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_a_report_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    """Not the narrow ones of a temporary file: the instructor's colleagues read it too."""
    old = os.umask(0o022)
    try:
        write_report(builders.report(), tmp_path / "a.json")
    finally:
        os.umask(old)

    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o644


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    """The temporary file's name adds nothing to it."""
    path = report_path(tmp_path, "k" * 255, "a" * 250)
    write_report(builders.report(), path)

    assert read_report(path).student == "kim"


def test_keys_come_in_the_order_of_the_schema(tmp_path: Path) -> None:
    """Two equal reports are equal files."""
    write_report(builders.failing(), tmp_path / "a.json")
    write_report(read_report(tmp_path / "a.json"), tmp_path / "b.json")

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_what_a_killed_grader_left_half_written_is_swept_away(tmp_path: Path) -> None:
    """Reports and whatever else lies there stay."""
    left = [tmp_path / ".0a.tmp", tmp_path / "reports" / "kim" / ".0b.tmp"]
    stays = [tmp_path / "notes.tmp", tmp_path / "reports" / "kim" / "x.json"]
    os.mkfifo(tmp_path / ".0c.tmp")
    for path in (*left, *stays):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")

    sweep(tmp_path)

    assert [path.exists() for path in (*left, *stays)] == [False, False, True, True]


def test_what_somebody_is_writing_is_not_swept_away(tmp_path: Path) -> None:
    """Two graders may write to one folder."""
    with written_whole(tmp_path / "index.html") as file:
        file.write("all")
        sweep(tmp_path)

    assert (tmp_path / "index.html").read_text() == "all"
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_file_swept_away_before_it_was_locked_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment between opening and locking costs nothing."""
    locks = []

    def lock_late(file, how: int) -> None:
        if not locks:
            (temporary,) = tmp_path.glob(".*.tmp")
            temporary.unlink()
        locks.append(how)

    monkeypatch.setattr("fcntl.flock", lock_late)
    with written_whole(tmp_path / "index.html") as file:
        file.write("all")

    assert locks == [fcntl.LOCK_EX, fcntl.LOCK_EX]
    assert (tmp_path / "index.html").read_text() == "all"


def test_files_are_written_where_there_are_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows; nothing is swept there."""
    monkeypatch.setattr("autograder.feedback.files.fcntl", None)
    (tmp_path / ".0a.tmp").write_text("")
    replace = os.replace

    def replace_closed(source: Path, target: Path) -> None:
        # Windows replaces no file by one that is open.
        opened = {os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")}
        assert str(source) not in opened
        replace(source, target)

    monkeypatch.setattr("os.replace", replace_closed)

    with written_whole(tmp_path / "index.html") as file:
        file.write("all")
    sweep(tmp_path)

    assert (tmp_path / "index.html").read_text() == "all"
    assert (tmp_path / ".0a.tmp").exists()
