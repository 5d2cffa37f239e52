"""`autograder class`: a table, one JSON document, the pages, and sentences for what is in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from autograder.class_report import FILES
from autograder.cli.class_report import class_report
from autograder.feedback import report_path
from tests.class_report import classes
from tests.cli.test_json import documented

# A message holds gaps of any name, a text languages; both are described once for all commands.
WORDS = ("title", "names", "message", "found", "wanted", "hint", "where", "graph", "left_out")


def keys(value: Any) -> set[str]:
    """The keys of a document, without those of its messages and titles."""
    if isinstance(value, list):
        return {key for entry in value for key in keys(entry)}
    if not isinstance(value, dict):
        return set()
    return {*value, *(inner for key, entry in value.items() if key not in WORDS for inner in keys(entry))}


def run(*words: Any, **options: Any) -> int:
    with pytest.raises(typer.Exit) as end:
        class_report(*words, **{"lang": "en", **options})
    return end.value.exit_code


def test_the_terminal_names_what_went_wrong_most_often(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(output)
    said = capsys.readouterr()

    assert (code, said.err) == (0, "")
    assert "Fix the broken Inception branch  Submissions: 39, full marks: 12, average: 54%" in said.out
    assert "11  In `branch_c`, `strides` is (1, 1); it should be (2, 2)." in said.out.replace("\n", " ")


def test_every_key_of_the_document_is_documented(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(output, as_json=True)
    document = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (document["schema_version"], document["command"]) == (1, "class")
    assert document["assignments"][0]["id"] == "inception", "in the order of the course around"
    assert sorted(keys(document) - documented("class")) == []


def test_the_pages_are_written_where_they_are_wanted(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(output / "reports", output=tmp_path / "there", lang="ko") == 0
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == sorted(FILES)
    assert str(tmp_path / "there" / "class.html") in capsys.readouterr().out.replace("\n", "")


def test_a_damaged_report_is_named_and_the_others_are_summed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = classes.written(classes.submissions()[:2], tmp_path)
    damaged = report_path(output, "s01", "inception")
    damaged.write_text("{}", encoding="utf-8")

    assert run(output) == 1
    said = capsys.readouterr()
    assert "Submissions: 1" in said.out
    assert f"Left out: The report {damaged} cannot be read" in said.err


def test_a_folder_without_reports_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"autograder: There are no reports in {tmp_path}.")
    assert said.err.count("\n") == 1
