"""A report of an earlier run stands while nothing that it depends on has changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.feedback import (
    CellRun,
    Entry,
    Isolation,
    Ledger,
    Report,
    ReportChanged,
    Summary,
    summarise,
    write_report,
)
from autograder.grading.report_cache import key_of, standing_summary
from autograder.grading.submission import Submission, load_notebook
from autograder.messages import message
from tests.feedback import builders

FULL = Isolation(level="full")
NOTE = message("The notebook is called {found}, not {wanted}; it was graded anyway.", found="a", wanted="b")


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    path = tmp_path / "inception.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))
    return Submission("kim", "inception", path, (NOTE,))


@pytest.fixture
def report(submission: Submission) -> Report:
    """What grading the submission has given."""
    return builders.report("kim", assignment="inception").model_copy(
        update={
            "notebook": "inception.ipynb",
            "digest": load_notebook(submission.path).digest,
            "grader": "f" * 64,
            "isolation": FULL,
            "notes": [NOTE, message("A cell was put back.")],
        }
    )


@pytest.fixture(params=["not in the ledger", "in the ledger"])
def noted(request: pytest.FixtureRequest) -> bool:
    """Whether the report is in the ledger: what stands does not depend on it."""
    return request.param == "in the ledger"


def standing(
    submission: Submission,
    report: Report | None,
    noted: bool = False,
    *,
    fingerprint: str = "f" * 64,
    isolation: Isolation = FULL,
) -> Summary | None:
    output = submission.path.parent
    path = output / "report.json"
    if report is not None:
        write_report(report, path)
    with Ledger(output) as ledger:
        if noted and report is not None:
            ledger.note([Entry(key_of(report, submission), summarise(report, path))])
        return standing_summary(submission, fingerprint, [isolation], path, ledger)


def test_it_stands_while_nothing_has_changed(submission: Submission, report: Report, noted: bool) -> None:
    path = submission.path.with_name("report.json")

    assert standing(submission, report, noted) == summarise(report, path)


def test_a_report_in_the_ledger_is_not_read(
    submission: Submission, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is what the ledger is for; whoever has read one notes it."""
    assert standing(submission, report) is not None
    monkeypatch.setattr("autograder.grading.report_cache.read_report", None)

    assert standing(submission, None) is not None


def test_no_report_does_not_stand(submission: Submission) -> None:
    assert standing(submission, None) is None


def test_what_is_no_report_does_not_stand(submission: Submission) -> None:
    """It is written anew."""
    submission.path.with_name("report.json").write_text("{")

    assert standing(submission, None) is None


def test_another_grader_grades_again(submission: Submission, report: Report, noted: bool) -> None:
    assert standing(submission, report, noted, fingerprint="e" * 64) is None


def test_a_report_from_before_graders_had_fingerprints_does_not_stand(
    submission: Submission, report: Report
) -> None:
    assert standing(submission, report.model_copy(update={"grader": ""})) is None


def test_another_isolation_grades_again(submission: Submission, report: Report, noted: bool) -> None:
    assert standing(submission, report, noted, isolation=Isolation(level="contained")) is None


def test_another_notebook_grades_again(submission: Submission, report: Report, noted: bool) -> None:
    submission.path.write_text(submission.path.read_text() + "\n")

    assert standing(submission, report, noted) is None


def test_a_notebook_that_is_gone_grades_again(submission: Submission, report: Report, noted: bool) -> None:
    submission.path.unlink()

    assert standing(submission, report, noted) is None


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "broken"},
        {"outcome": "unreadable"},
        {"notebook": "other.ipynb"},
        {"notes": []},
        {"cells": [CellRun(index=0, id="a", state="interrupted")]},
        {"cells": [CellRun(index=0, id="a", state="ended")]},
    ],
    ids=lambda change: (
        "-".join(f"{key} {value}" for key, value in change.items() if key != "cells") or "cells"
    ),
)
def test_what_grading_might_find_differently_is_graded_again(
    submission: Submission, report: Report, change: dict, noted: bool
) -> None:
    """A broken grader may be mended, a busy machine quiet; notes and names belong to the file as it lies."""
    assert standing(submission, report.model_copy(update=change), noted) is None


@pytest.mark.parametrize("change", [{"student": "lee"}, {"assignment": "capstone"}], ids=str)
def test_a_report_of_somebody_else_does_not_stand(
    submission: Submission, report: Report, change: dict
) -> None:
    """It was moved there by hand."""
    assert standing(submission, report.model_copy(update=change)) is None


def test_a_report_that_was_changed_by_hand_is_not_taken(submission: Submission, report: Report) -> None:
    """In the ledger or not: the file is another one now."""
    assert standing(submission, report, noted=True) is not None
    path = submission.path.parent / "report.json"
    path.write_text(path.read_text().replace('"score": 2.0', '"score": 3.0', 1))

    with pytest.raises(ReportChanged):
        standing(submission, None)


def test_nothing_stands_for_a_submission_that_is_refused(submission: Submission, report: Report) -> None:
    """An old score would be given for what nobody has looked into."""
    assert standing(replace(submission, refused=NOTE), report, noted=True) is None
