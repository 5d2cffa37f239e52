"""`class.json` and `class.csv` say what the report says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from autograder.class_report import ClassReport
from autograder.class_report.model import Alike
from autograder.class_report.tables import write_csv, write_json, write_pairs


def test_the_table_has_a_row_for_each_student_and_blanks_for_what_is_not_there(
    whole: ClassReport, tmp_path: Path
) -> None:
    write_csv(whole, tmp_path / "class.csv")
    with (tmp_path / "class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert rows[0] == ["student", "name", "inception", "after-it", "total", "pending"]
    assert rows[1] == ["s00", "", "4", "1", "5", "0"]
    assert rows[13] == ["s12", "", "2", "", "2", "0"]
    assert len(rows) == 1 + len(whole.students)


def test_each_pair_has_a_row(whole: ClassReport, tmp_path: Path) -> None:
    (first, *others) = whole.assignments
    (module, *tasks) = first.tasks
    three = module.model_copy(update={"alike": [Alike(differences=2, students=["=s1", "s2", "s3"])]})
    assignments = [first.model_copy(update={"tasks": [three, *tasks]}), *others]
    write_pairs(whole.model_copy(update={"assignments": assignments}), tmp_path / "alike.csv")
    with (tmp_path / "alike.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = [(row["student"], row["other"], row["differences"], row["both_right"]) for row in rows]

    assert pairs == [
        ("'=s1", "s2", "2", ""),
        ("'=s1", "s3", "2", ""),
        ("s2", "s3", "2", ""),
        ("s12", "s13", "", "no"),
    ]
    assert rows[3]["characters"] == str(module.same_text[0].characters)
    assert {(row["assignment"], row["task"]) for row in rows} == {("inception", "module")}


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
