"""grades.csv, as a spreadsheet and as a script read it."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback import ClassList, summarise, write_grades
from autograder.feedback.grades import COLUMNS, identity_safe, plain_number, spreadsheet_safe
from tests.feedback import builders


def rows(path: Path) -> list[list[str]]:
    """The file as a script reads it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_one_row_a_submission(tmp_path: Path) -> None:
    """By student, then assignment; numbers for machines."""
    reports = [builders.failing(), builders.report("김하늘"), builders.unreadable("Kim, Jr")]
    write_grades(map(summarise, reports), tmp_path / "grades.csv")

    assert rows(tmp_path / "grades.csv") == [
        [*COLUMNS],
        ["Kim, Jr", "", "inception", "unreadable", "0", "5", "0", "0", "0", "0", "0"],
        ["lee", "", "inception", "graded", "1", "5", "1", "1", "1", "1", "0"],
        ["김하늘", "", "inception", "graded", "2", "2", "2", "0", "0", "0", "0"],
    ]
    assert COLUMNS[:3] == ("student", "name", "assignment")


def test_with_a_roster_rows_go_by_name_and_the_course_s_order(tmp_path: Path) -> None:
    """A name is nobody's formula; the id is there for whoever has the same name."""
    named = {"s1": "=cmd()", "s2": "Ahn, Yuna"}
    reports = [
        builders.report(student, assignment=assignment) for student in named for assignment in ("a", "z")
    ]
    class_list = ClassList(lambda student: named[student], ["z", "a"])
    write_grades(map(summarise, reports), tmp_path / "grades.csv", class_list)

    assert [row[:3] for row in rows(tmp_path / "grades.csv")[1:]] == [
        ["s1", "'=cmd()", "z"],
        ["s1", "'=cmd()", "a"],
        ["s2", "Ahn, Yuna", "z"],
        ["s2", "Ahn, Yuna", "a"],
    ]


def test_excel_sees_korean_names(tmp_path: Path) -> None:
    """A byte order mark tells it that the file is UTF-8; lines end as RFC 4180 says."""
    write_grades([summarise(builders.report("김하늘"))], tmp_path / "grades.csv")

    content = (tmp_path / "grades.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfstudent,")
    assert content.count(b"\r\n") == content.count(b"\n") == 2


@pytest.mark.parametrize(
    "name", ["Kim, Jr", 'Kim "the net"', "two\nlines", "a;b", "  padded ", "o'neill", "한글"]
)
def test_a_name_survives(tmp_path: Path, name: str) -> None:
    """Commas, quotes and line breaks are the csv module's business."""
    write_grades([summarise(builders.report(name))], tmp_path / "grades.csv")

    assert rows(tmp_path / "grades.csv")[1][0] == name


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_name_is_a_formula(tmp_path: Path, name: str) -> None:
    """A spreadsheet shows what begins like a formula as text."""
    write_grades([summarise(builders.report(name))], tmp_path / "grades.csv")

    shown = rows(tmp_path / "grades.csv")[1][0]
    assert shown[0] == "'"
    assert shown.replace("'", "") == name.replace("'", "")


@pytest.mark.parametrize("name", ["kim;=1", ";=1", "a; @SUM(A1)", 'a;"+1', "a\t-1", "a\n=1"])
def test_no_part_of_a_name_is_a_formula(name: str) -> None:
    """Where fields end with semicolons or tabs, one begins within it."""
    assert all(
        not part.lstrip(' "').startswith(tuple("=+-@"))
        for part in re.split(r"[;\t\n]", spreadsheet_safe(name))
    )
    assert spreadsheet_safe(name).replace("'", "") == name


def test_what_a_platform_compares_stays_as_it_is() -> None:
    """A sign before a name or a number makes it no formula that does anything."""
    plain = ["@kim", "+821012345678", "-kim", "kim@example.com", "김.서연", "2026001", ""]

    plain.append("@" + "a_" * 5000)
    assert [identity_safe(name) for name in plain] == plain
    for name in ("=1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-1+2", "a;=1"):
        assert "'" in identity_safe(name).replace(name, "") or identity_safe(name) == "a;'=1"


def test_what_the_grader_failed_on_has_no_score(tmp_path: Path) -> None:
    """0 would be a mark that nobody has given."""
    broken = replace(summarise(builders.report("kim")), outcome="broken", score=0.0)
    write_grades([broken], tmp_path / "grades.csv")

    assert rows(tmp_path / "grades.csv")[1][3:6] == ["broken", "", "2"]


def test_controls_are_left_out() -> None:
    """A terminal that shows the file obeys nothing in it."""
    assert spreadsheet_safe("a\x1b[31mb\x00\u202ec") == "a[31mbc"


@given(st.text())
def test_any_name_is_safe(name: str) -> None:
    """Whatever a folder is called."""
    assert not spreadsheet_safe(name).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("value", "shown"), [(2.0, "2"), (0.5, "0.5"), (10.0, "10"), (1 / 3, "0.333333"), (0.0, "0")]
)
def test_scores_are_plain_numbers(value: float, shown: str) -> None:
    """No commas, no needless zeros."""
    assert plain_number(value) == shown
