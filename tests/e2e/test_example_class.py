"""The example class: every submission gets exactly the verdicts written beside it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from autograder.feedback import Report, read_report, report_paths
from autograder.messages import render
from tests.e2e.running import CLASS, grade

pytestmark = pytest.mark.slow

EXPECTED = YAML(typ="safe").load((CLASS / "expected.yml").read_text(encoding="utf-8"))
CASES = [(student, assignment) for student, entries in EXPECTED.items() for assignment in entries]


@pytest.fixture(scope="session")
def reports(graded: tuple[Path, Any]) -> dict[tuple[str, str], Report]:
    found = [read_report(path) for path in report_paths(graded[0])]
    return {(report.student, report.assignment): report for report in found}


def test_the_class_is_graded_and_nothing_is_left_out(graded: tuple[Path, Any], reports) -> None:
    output, done = graded

    assert done.returncode == 0, done.stderr
    assert sorted(reports) == sorted(CASES)
    assert (output / "index.html").is_file()


@pytest.mark.parametrize(("student", "assignment"), CASES)
def test_a_submission_gets_what_is_written_beside_it(reports, student: str, assignment: str) -> None:
    expected = EXPECTED[student][assignment]
    report = reports[student, assignment]

    assert report.outcome == expected["outcome"]
    wanted = expected.get("scores", dict.fromkeys((task.id for task in report.tasks), 0))
    assert {task.id: task.score for task in report.tasks} == wanted
    for task_id, failing in expected.get("failures", {}).items():
        assert first_failure(report, task_id)[0] == failing["check"]
        assert failing["says"] in first_failure(report, task_id)[1]
    said = [render(note, "en") for note in report.notes]
    for phrase in expected.get("notes", []):
        assert any(phrase in note for note in said), said


@pytest.mark.parametrize(("student", "assignment"), CASES)
def test_below_full_marks_there_is_a_reason(reports, student: str, assignment: str) -> None:
    """Whoever loses a point is told why: by a failed check, or by a note where nothing could be run."""
    report = reports[student, assignment]

    for task in report.tasks:
        if task.score < task.points:
            failed = [check for check in task.checks if check.verdict == "failed"]
            assert failed or report.notes
            assert all(check.failure is not None for check in failed)


def test_one_worker_and_two_give_equal_reports(graded: tuple[Path, Any], tmp_path: Path) -> None:
    done = grade(tmp_path, "--jobs", "1", "--lang", "en")

    assert done.returncode == 0, done.stderr
    assert without_timings(tmp_path) == without_timings(graded[0])


def test_grades_and_pages_agree_with_the_reports(graded: tuple[Path, Any], reports) -> None:
    with (graded[0] / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["student"], row["assignment"]): float(row["score"]) for row in csv.DictReader(file)}

    assert rows == {key: report.score for key, report in reports.items()}
    page = (graded[0] / "index.html").read_text(encoding="utf-8")
    for student, _ in CASES:
        assert student in page
    assert "<script" not in page


def first_failure(report: Report, task_id: str) -> tuple[str, str]:
    """The first failed check of a task and everything that it says."""
    task = next(task for task in report.tasks if task.id == task_id)
    check = next(check for check in task.checks if check.verdict == "failed")
    assert check.failure is not None
    parts = (check.failure.rationale, check.failure.found, check.failure.wanted, check.failure.where)
    return check.id, " | ".join(render(part, "en") for part in parts if part is not None)


def without_timings(output: Path) -> dict[str, Any]:
    """Every report but its timings, by its place."""
    contents = {}
    for path in report_paths(output):
        report = json.loads(path.read_text(encoding="utf-8"))
        del report["timings"]
        contents[str(path.relative_to(output))] = report
    return contents
