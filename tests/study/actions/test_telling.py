"""What GitHub is told of a notebook: a summary, a result, annotations, whatever a learner wrote."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.feedback import Remarks, TaskReport
from autograder.messages import message
from autograder.study.actions import telling
from autograder.study.actions.finding import Cell, Found
from autograder.study.actions.rows import Row
from autograder.study.actions.running import Ran
from autograder.study.actions.telling import Step
from autograder.study.notebook import Card
from tests.feedback.builders import check, drawing, failing, hostile, task

FOUND = Found(Path("inception.ipynb"))
ESSAY = Row("essay", "Why it works", 0.0, 4.0, undecided=message("To be graded by hand"))


@pytest.fixture(autouse=True)
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where GitHub has its files for a step."""
    for variable, name in (("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")):
        (tmp_path / name).write_text("before\n")
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


def row(report: TaskReport, why: str | None = None) -> Row:
    return Row("module", "A | `title`", report.score, report.points, why, Card(report, "en", Remarks()))


def told(github: Path, rows: list[Row], found: Found = FOUND, ran: Ran | None = None) -> tuple[Any, str]:
    """The result for GitHub Classroom, and the summary."""
    Step("inception.ipynb", Path()).write(rows, found, ran or Ran(), "en")
    before, result = (github / "output").read_text().splitlines()
    summary = (github / "summary").read_text(encoding="utf-8")
    assert (before, summary[:7]) == ("before", "before\n")
    return json.loads(base64.b64decode(result.removeprefix("result="))), summary[7:]


def test_a_text_is_pending_in_the_summary_and_no_test_of_the_result(github: Path) -> None:
    result, summary = told(github, [row(task([check("size")])), ESSAY])

    assert (result["status"], result["max_score"], len(result["tests"])) == ("pass", 1.0, 1)
    assert "| Why it works | To be graded by hand |" in summary


def test_a_model_is_a_chart_that_github_draws_with_full_marks_too(github: Path) -> None:
    passed = task([check("size")], drawing=drawing().model_copy(update={"differences": []}))
    report = failing(outcome="graded").tasks[0]
    _, summary = told(github, [row(passed), row(report, "It fails.")])
    charts = re.findall(r"^```mermaid\nflowchart TD\n(.*?)^```$", summary, re.S | re.M)

    assert len(charts) == 2
    assert "Your model; each box is one layer call. One difference is marked." in summary
    assert [chart.count("stroke-dasharray") for chart in charts] == [0, 1]
    assert "<svg" not in summary
    assert "data:" not in summary


def test_what_is_written_replaces_what_this_step_had_written(github: Path) -> None:
    step = Step("inception.ipynb", Path())
    for why in ("It has not come to its end.", None):
        step.write([row(task([check("size")]), why)], FOUND, Ran(), "en")

    assert (github / "output").read_text().count("result=") == 1
    assert "not come to its end" not in (github / "summary").read_text()


def test_a_summary_is_one_that_github_takes(github: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = Cell("", None, 1)
    _, summary = told(github, [row(task([check("size")]))], ran=Ran(errors=[(long, "x" * 2_000)] * 1_000))

    assert len(summary.encode()) < 1024**2
    assert summary.endswith("The rest is too long to be shown.\n")
    assert summary.count("```") % 2 == 0


def test_what_a_learner_wrote_is_text(github: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attack = "```\n<img src=x>\n::error::forged\n%0A::set-output::x"
    (report,) = hostile(attack).tasks
    cell = Cell("", None, 7)
    ran = Ran(errors=[(cell, attack)])
    _, summary = told(github, [row(report, attack)], ran=ran)
    Step("inception.ipynb", Path()).annotate([row(report, attack)], FOUND, ran)
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", summary, flags=re.S | re.M)

    assert "<img" not in outside
    assert "forged" not in outside
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("::error file=inception.ipynb,line=") for line in lines)


def test_why_nothing_was_run_is_one_annotation(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Row("one", "One", 0, 1, "There is none."), Row("two", "Two", 0, 1, "There is none."), ESSAY]
    Step("inception.ipynb", Path("week")).annotate(rows, Found(Path("a"), refused=message("x")), Ran())

    assert capsys.readouterr().out == ("::error file=week/a,line=1,title=inception.ipynb::There is none.\n")
    assert telling._SUMMARY_BYTES < 1024**2
