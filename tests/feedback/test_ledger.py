"""The ledger of an output folder: right where it answers, and no harm where it cannot."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.feedback import Entry, Ledger, Report, Summary, report_path, summarise, write_report
from tests.feedback import builders


def written(output: Path, report: Report) -> Summary:
    path = report_path(output, report.student, report.assignment)
    write_report(report, path)
    return summarise(report, path)


@pytest.fixture
def known(tmp_path: Path) -> Summary:
    """A report that is in the ledger under the key "k"."""
    summary = written(tmp_path, builders.failing())
    with Ledger(tmp_path) as ledger:
        ledger.note([Entry("k", summary)])
    return summary


def asked(output: Path, summary: Summary, key: str | None = None) -> Summary | None:
    with Ledger(output) as ledger:
        return ledger.summary(summary.path, None if key is None else {key})


def test_a_report_is_known_as_it_was_noted(tmp_path: Path, known: Summary) -> None:
    assert asked(tmp_path, known) == asked(tmp_path, known, "k") == known


def test_a_report_of_another_key_is_not_known(tmp_path: Path, known: Summary) -> None:
    assert asked(tmp_path, known, "l") is None


def test_a_report_that_was_written_again_is_not_known(tmp_path: Path, known: Summary) -> None:
    """Even with the same words: who wrote it is not."""
    text = known.path.read_text()
    known.path.write_text(text.replace("1", "2", 1))

    assert asked(tmp_path, known) is None


def test_a_report_that_is_gone_is_not_known(tmp_path: Path, known: Summary) -> None:
    known.path.unlink()

    assert asked(tmp_path, known) is None


def test_the_folder_may_be_moved(tmp_path: Path, known: Summary) -> None:
    """A copy has other files; one that was renamed has the same."""
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    path = moved / known.path.relative_to(tmp_path)
    with Ledger(moved) as ledger:
        found = ledger.summary(path)

    moved.rename(tmp_path)
    assert found == replace(known, path=path)


def _rubbish(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)


def _of_another_version(file: Path) -> None:
    file.unlink()
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE reports (something); PRAGMA user_version = 99;")
    connection.close()


def _half(file: Path) -> None:
    os.truncate(file, 5000)


@pytest.mark.parametrize("damage", [_rubbish, _of_another_version, _half])
def test_a_damaged_ledger_is_made_anew(
    tmp_path: Path, known: Summary, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "reports" / "ledger.sqlite3")

    assert asked(tmp_path, known) in (None, known)
    with Ledger(tmp_path) as ledger:
        ledger.note([Entry("m", known)])
    assert asked(tmp_path, known, "m") in (None, known)


def test_where_there_can_be_none_nothing_is_known_and_nothing_fails(tmp_path: Path) -> None:
    summary = written(tmp_path, builders.failing())
    (tmp_path / "reports" / "ledger.sqlite3").mkdir()

    with Ledger(tmp_path) as ledger:
        ledger.note([Entry("k", summary)])
        ledger.note_page(tmp_path / "page.html", "a")
        assert ledger.summary(summary.path) is None
        assert not ledger.page_stands(tmp_path / "page.html", "a")


def test_while_another_run_writes_nothing_fails(
    tmp_path: Path, known: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.feedback.ledger._PATIENCE_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / "reports" / "ledger.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with Ledger(tmp_path) as ledger:
            ledger.note([Entry("l", known)])
            assert ledger.summary(known.path) is None
    finally:
        other.close()

    assert asked(tmp_path, known, "k") == known


def test_a_page_stands_while_it_and_what_it_was_made_of_are_the_same(tmp_path: Path) -> None:
    page = tmp_path / "feedback" / "page.html"
    page.parent.mkdir()
    page.write_text("a page")
    with Ledger(tmp_path) as ledger:
        assert not ledger.page_stands(page, "a")
        ledger.note_page(page, "a")

    with Ledger(tmp_path) as ledger:
        assert ledger.page_stands(page, "a")
        assert not ledger.page_stands(page, "b")
        page.unlink()
        assert not ledger.page_stands(page, "a")


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)], ids=["pipe", "folder", "link"]
)
def test_what_is_no_file_is_no_ledger(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Nothing is waited for, and a link not followed: it is as if there were none."""
    summary = written(tmp_path, builders.failing())
    make(tmp_path / "reports" / "ledger.sqlite3")

    with Ledger(tmp_path) as ledger:
        ledger.note([Entry("k", summary)])

        assert ledger.summary(summary.path) is None


def test_a_link_in_place_of_a_report_is_not_known(tmp_path: Path, known: Summary) -> None:
    """Even where it leads to the report that was noted."""
    moved = known.path.rename(tmp_path / "moved.json")
    known.path.symlink_to(moved)

    assert asked(tmp_path, known) is None


def test_a_folder_whose_name_is_no_text_has_no_ledger(tmp_path: Path) -> None:
    output = tmp_path / os.fsdecode(b"\xff")
    summary = written(output, builders.failing())

    with Ledger(output) as ledger:
        ledger.note([Entry("k", summary)])

        assert ledger.summary(summary.path, {"l"}) is None
