"""What the README shows is what a new user sees."""

from __future__ import annotations

import difflib
import json
import os
import re
from pathlib import Path

import pytest
from rich.console import Console

from autograder.feedback import class_table, read_report, summarise
from autograder.graph import difference_from_plain, draw, from_plain

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "feedback.svg"
SHOWN = ("jung-haeun", "kim-seoyeon", "nguyen-linh", "tanaka-yui")


@pytest.mark.slow
def test_the_readmes_table_is_the_one_that_grade_prints(graded) -> None:
    reports = [read_report(graded[0] / "reports" / name / "inception.json") for name in SHOWN]
    console = Console(width=100, highlight=False, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    console.print(class_table(map(summarise, reports), "en"))
    table = "\n".join(line.rstrip() for line in console.export_text().splitlines())

    assert table.strip() in README, table


@pytest.mark.slow
def test_the_readmes_picture_is_the_one_that_the_grader_draws(graded) -> None:
    """`WRITE_GOLDENS=1` writes it anew, and fails, so that it is looked at before it is committed."""
    report = read_report(graded[0] / "reports" / "jung-haeun" / "inception.json")
    drawing = next(task.drawing for task in report.tasks if task.id == "inception-module")
    assert drawing is not None
    differences = [difference_from_plain(entry) for entry in drawing.differences]
    drawn = draw(from_plain(drawing.graph), differences=differences) + "\n"
    if os.environ.get("WRITE_GOLDENS") and not os.environ.get("CI"):
        PICTURE.write_text(drawn, encoding="utf-8")
        pytest.fail(f"{PICTURE} was written; look at it and run again")

    kept = PICTURE.read_text(encoding="utf-8")
    assert drawn == kept, "\n".join(difflib.unified_diff(kept.splitlines(), drawn.splitlines(), lineterm=""))
    assert "docs/feedback.svg" in README


def test_the_figures_are_those_of_the_benchmarks() -> None:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    rows = dict(re.findall(r"^\| `([a-z0-9_.]+)` \| .*? \| ([-0-9.,]+) ", README, re.M))

    assert rows, "the README quotes figures in a table"
    assert {name: float(value.replace(",", "")) for name, value in rows.items()} == {
        name: results[name]["value"] for name in rows
    }


def test_the_first_two_commands_are_the_first_code_of_the_readme() -> None:
    first = re.search(r"```sh\n(.*?)```", README, re.S)
    assert first is not None

    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make grade", "make test"]
