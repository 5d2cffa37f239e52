"""`class.json` and `class.csv` say what the report says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from autograder.class_report import ClassReport
from autograder.class_report.tables import write_csv, write_json


def test_the_table_has_a_row_for_each_student_and_blanks_for_what_is_not_there(
    whole: ClassReport, tmp_path: Path
) -> None:
    write_csv(whole, tmp_path / "class.csv")
    with (tmp_path / "class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert rows[0] == ["student", "name", "inception", "after-it", "total"]
    assert rows[1] == ["s00", "", "4", "1", "5"]
    assert rows[13] == ["s12", "", "2", "", "2"]
    assert len(rows) == 1 + len(whole.students)


def test_a_name_is_text_in_a_spreadsheet(whole: ClassReport, tmp_path: Path) -> None:
    write_csv(whole.model_copy(update={"names": {"s00": "=cmd()"}}), tmp_path / "class.csv")
    with (tmp_path / "class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert [row[:2] for row in rows[1:3]] == [["s00", "'=cmd()"], ["s01", ""]]


def test_the_document_gives_the_report_back(whole: ClassReport, tmp_path: Path) -> None:
    write_json(whole, tmp_path / "class.json")
    written = json.loads((tmp_path / "class.json").read_text(encoding="utf-8"))

    assert written.pop("command") == "class"
    assert ClassReport.model_validate(written) == whole
