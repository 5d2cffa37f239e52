"""`autograder compare OLD NEW`: which scores two output folders give differently, and nothing else."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.feedback import report_path, write_report
from tests.feedback import builders
from tests.feedback.builders import check, task

RIGHT = [task([check("size"), check("channels")])]
WRONG = [task([check("size", "failed"), check("channels")])]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two gradings of a class of three: one loses points, one is gone, and another is new."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, students in (
        (old, {"kim": RIGHT, "lee": RIGHT, "gone": WRONG}),
        (new, {"kim": RIGHT, "lee": WRONG, "came": RIGHT}),
    ):
        for student, tasks in students.items():
            write_report(builders.report(student, tasks), report_path(folder, student, "inception"))
    return old, new


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["autograder", "compare", *map(str, words)])
    monkeypatch.setattr("autograder.cli.app._leave", sys.exit)
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_who_gains_or_loses_is_named_with_what_decides(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *folders, "--lang", "en") == 1

    said = capsys.readouterr().out
    assert "lee" in said
    assert "2 → 1 / 2" in said
    assert "kim" not in said
    assert "Only in the old folder: gone (inception)" in said
    assert "Only in the new folder: came (inception)" in said
    assert said.rstrip().endswith("Submissions compared: 2; with more points: 0, with fewer: 1")


def test_equal_folders_differ_in_nothing(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(folders[0], folders[0].with_name("copy"))

    assert run(monkeypatch, folders[0], copy, "--lang", "ko") == 0
    assert capsys.readouterr().out == "견준 제출물: 3, 점수가 오른 제출물: 0, 내린 제출물: 0\n"


def test_changes_are_a_document_and_a_table(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = folders[0].with_name("changes.csv")
    for _ in range(2):
        assert run(monkeypatch, *folders, "--json", "--csv", table) == 1
        document = json.loads(capsys.readouterr().out)

    (change,) = document["score_changes"]
    assert (change["student"], change["before"], change["after"]) == ("lee", 2.0, 1.0)
    assert document["compared"] == 2
    assert document["gone"] == [{"student": "gone", "assignment": "inception"}]
    assert document["new_submissions"] == [{"student": "came", "assignment": "inception"}]
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [row[1] for row in csv.reader(file)] == ["student", "lee"]


def test_a_damaged_report_costs_itself(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report_path(folders[1], "kim", "inception").write_text("{", encoding="utf-8")

    assert run(monkeypatch, *folders, "--lang", "en") == 1
    said = capsys.readouterr()
    assert "lee" in said.out
    assert "Left out: The report" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("place", ["changes.csv", "reports/kim/inception.json"])
def test_nothing_is_written_into_a_folder_that_is_compared(
    folders: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
) -> None:
    """There `grade` has its reports, and every change so far."""
    kept = folders[0] / place
    kept.write_text("kept")

    assert run(monkeypatch, *folders, "--csv", kept, "--lang", "en") == 2
    assert capsys.readouterr().err == (
        f"autograder: {kept} lies in a folder that is compared, where nothing is to be changed: name a file "
        "elsewhere.\n"
    )
    assert kept.read_text() == "kept"


def test_a_folder_is_not_compared_with_itself(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    again = folders[1] / ".." / "old"

    assert run(monkeypatch, folders[0], again, "--lang", "en") == 2
    said = capsys.readouterr().err
    assert said.startswith(
        f"autograder: {folders[0]} and {again} are the same folder: grade into another one"
    )


def test_reports_may_be_named_themselves_and_a_folder_without_any_is(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = folders[0].with_name("empty")

    assert run(monkeypatch, folders[0] / "reports", folders[1] / "reports", "--lang", "en") == 1
    assert "lee" in capsys.readouterr().out
    assert run(monkeypatch, folders[0], empty, "--lang", "en") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"There are no reports in {empty}." in said
