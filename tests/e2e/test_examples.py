"""The examples: a submission gets exactly the verdicts written beside it.

`make test-nbgrader` grades all of them, `make bench-platforms` does on Gradescope and GitHub; `make test` has
half of the class.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.feedback import Report, read_report, report_paths
from autograder.messages import render
from tests.e2e.running import ROSTER, run_grade
from tests.examples import EXAMPLES, chosen, expected

pytestmark = pytest.mark.slow


BOTH = ("class", "accidents")
EXPECTED = {name: expected(name) for name in BOTH}
STOPPED = {"nguyen-linh", "smith-oliver", "han-sora", "hussein-leila"}
CASES = [(name, *submission) for name in BOTH for submission in chosen(name)]


@pytest.fixture(scope="session")
def reports(graded) -> dict[tuple[str, str, str], Report]:
    return {
        (name, report.student, report.assignment): report
        for name in BOTH
        for report in map(read_report, report_paths(graded(name)[0]))
    }


@pytest.mark.parametrize("name", BOTH)
def test_a_folder_is_graded_and_nothing_is_left_out(graded, reports, name: str) -> None:
    output, done = graded(name)

    assert done.returncode == 0, done.stderr
    assert sorted(key for key in reports if key[0] == name) == sorted(
        case for case in CASES if case[0] == name
    )
    assert (output / "index.html").is_file()


def test_the_class_is_eight_learners_who_hand_in_every_assignment() -> None:
    course = load_course(EXAMPLES.parent / "course.yml")

    assert len(EXPECTED["class"]) == 8
    for student, entries in EXPECTED["class"].items():
        assert list(entries) == [assignment.id for assignment in course.assignments]
        handed_in = {path.name for path in (EXAMPLES / "class" / "submitted" / student).iterdir()}
        assert handed_in == set(entries)


@pytest.mark.parametrize(("name", "student", "assignment"), CASES)
def test_a_submission_gets_what_is_written_beside_it(
    reports, name: str, student: str, assignment: str
) -> None:
    deserved = EXPECTED[name][student][assignment]
    report = reports[name, student, assignment]

    assert report.outcome == deserved["outcome"]
    wanted = deserved.get("scores", dict.fromkeys((task.id for task in report.tasks), 0))
    assert {task.id: task.score for task in report.tasks} == wanted
    for task_id, failing in deserved.get("failures", {}).items():
        assert first_failure(report, task_id)[0] == failing["check"]
        assert failing["says"] in first_failure(report, task_id)[1]
    said = [render(note, "en") for note in report.notes]
    for phrase in deserved.get("notes", []):
        assert any(phrase in note for note in said), said


@pytest.mark.parametrize(("name", "student", "assignment"), CASES)
def test_below_full_marks_there_is_a_reason(reports, name: str, student: str, assignment: str) -> None:
    """Whoever loses a point is told why: by a failed check, or by a note where nothing could be run."""
    report = reports[name, student, assignment]

    for task in report.tasks:
        if task.score < task.points:
            failed = [check for check in task.checks if check.verdict == "failed"]
            assert failed or report.notes
            assert all(check.failure is not None for check in failed)


def test_one_worker_and_two_give_equal_reports(graded, impatient: Path, tmp_path: Path) -> None:
    """Of the accidents with one assignment: what is right and wrong, unreadable, renamed, of an older format.

    What else stops in one of its cells is graded no differently from the one here whose memory is at its end.
    """
    students = set(EXPECTED["accidents"]) - STOPPED
    for student in students:
        place = Path("submitted", student, "inception")
        shutil.copytree(EXAMPLES / "accidents" / place, tmp_path / place)

    options = ["--jobs", "1", "--lang", "en", "--course", str(impatient)]
    done = run_grade(tmp_path, tmp_path / "out", *options)

    assert done.returncode == 0, done.stderr
    by_one, by_two = without_timings(tmp_path / "out"), without_timings(graded("accidents")[0])
    assert len(by_one) == len(students)
    assert by_one == {name: by_two[name] for name in by_one}


@pytest.mark.parametrize("name", BOTH)
def test_grades_and_pages_agree_with_the_reports(graded, reports, name: str) -> None:
    output = graded(name)[0]
    with (output / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["student"], row["assignment"]): float(row["score"]) for row in csv.DictReader(file)}

    assert rows == {key[1:]: report.score for key, report in reports.items() if key[0] == name}
    page = (output / "index.html").read_text(encoding="utf-8")
    for student in EXPECTED[name]:
        assert student in page
    assert "<script" not in page
    assert 'href="class.html"' in page
    with (output / "class.csv").open(encoding="utf-8-sig", newline="") as file:
        totals = {row["student"]: float(row["total"]) for row in csv.DictReader(file)}
    assert totals == {
        student: sum(score for (one, _), score in rows.items() if one == student) for student, _ in rows
    }


def test_a_report_keeps_what_was_not_given_out(reports) -> None:
    """A helper of the learner's own, and nothing of an answer that is the starter code, or nearly."""
    own = [task.written for task in reports["class", "silva-beatriz", "inception"].tasks]
    untouched = [task for report in reports.values() for task in report.tasks if not task.attempted]

    assert any('    tower = branch("tower", conv(1), conv(3), conv(3, 2))' in text for text in own)
    assert untouched
    assert {task.written for task in untouched} == {""}


def test_students_go_by_name_and_assignments_by_the_course(graded) -> None:
    """In the index, on the class page, in both tables, in the terminal: where the course has a roster."""
    output, done = graded("accidents")
    course = load_course(EXAMPLES.parent / "course.yml")
    order = [assignment.id for assignment in course.assignments]
    tables = {}
    for name in ("grades.csv", "class.csv"):
        with (output / name).open(encoding="utf-8-sig", newline="") as file:
            tables[name] = list(csv.reader(file))
    rows = [
        (student, name, order.index(assignment)) for student, name, assignment, *_ in tables["grades.csv"][1:]
    ]
    students = list(dict.fromkeys(student for student, _, _ in rows))
    named = {student: name for student, name, _ in rows if name}

    assert named == ROSTER
    assert students == sorted(students, key=lambda one: (ROSTER.get(one, one).casefold(), one))
    assert rows == sorted(rows, key=lambda row: (students.index(row[0]), row[2]))
    assert tables["class.csv"][0][2:-2] == [one for one in order if one in tables["class.csv"][0]]
    assert [row[:2] for row in tables["class.csv"][1:]] == [[one, ROSTER.get(one, "")] for one in students]
    index = (output / "index.html").read_text(encoding="utf-8")
    assert [unescape(one) for one in re.findall(r"<a href=.feedback/([^/]*)/", index)] == [
        row[0] for row in rows
    ]
    for page in ("index.html", "class.html"):
        text = (output / page).read_text(encoding="utf-8")
        assert "Brown &lt;b&gt;&amp;&lt;/b&gt; Co" in text
        assert "한소라" in text
    assert "A Tanaka" in done.stdout


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
