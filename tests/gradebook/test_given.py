"""The class report of a gradebook agrees with what nbgrader says of it, to the last hundredth."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import typer
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine

from autograder.class_report import class_report, reports_below
from autograder.cli.class_report import class_report as command
from autograder.feedback import GivenScores, Report
from autograder.gradebook.given import given_scores
from autograder.gradebook.writer import NoGradebook
from autograder.grading import GradingError
from tests.class_report import classes
from tests.feedback import builders

POINTS = {"module": 3.0, "sizes": 1.0}


def reports() -> list[Report]:
    """Each has passed the first check of two in the first task; `nobody` is not in the gradebook."""
    tasks = [classes.module(("passed", "failed"), classes.sized(26)), classes.sizes("passed")]
    return [builders.report(student, tasks) for student in ("kim", "oneil", "lee", "nobody")]


@pytest.fixture
def url(course_folder: Path) -> str:
    """The course's gradebook, filled."""
    return filled(f"sqlite:///{course_folder}/gradebook.db")


def filled(url: str) -> str:
    """Fill an empty gradebook.

    `oneil` has a score by hand, `only` extra credit and no report, `lee` waits for a person.
    """
    # With the tables there, nbgrader does not run `alembic`, a slow program of its own.
    Base.metadata.create_all(create_engine(url))
    with Gradebook(url, "beyond-sequential-en") as gradebook:
        for name in ("inception", "multi-input"):
            gradebook.add_assignment(name)
            gradebook.add_notebook(name, name)
            for cell, points in POINTS.items():
                gradebook.add_grade_cell(cell, name, name, max_score=points, cell_type="code")
        for student in ("kim", "oneil", "lee", "only"):
            gradebook.add_student(student)
            (notebook,) = gradebook.add_submission("inception", student).notebooks
            for grade, score in zip(sorted(notebook.grades, key=lambda one: one.name), (1, 1), strict=True):
                grade.auto_score, grade.needs_manual_grade = score, False
        gradebook.add_submission("multi-input", "lee").notebooks[0].late_submission_penalty = 0.5
        gradebook.find_grade("sizes", "multi-input", "multi-input", "lee").auto_score = 1
        gradebook.find_grade("module", "inception", "inception", "oneil").manual_score = 2.25
        gradebook.find_grade("sizes", "inception", "inception", "kim").manual_score = 1
        gradebook.find_grade("module", "inception", "inception", "only").extra_credit = 0.5
        gradebook.find_submission("inception", "kim").notebooks[0].late_submission_penalty = 0.5
        gradebook.db.commit()
    return url


def test_scores_are_as_nbgrader_counts_them(gradebook_url: str) -> None:
    """A score by hand that is the automatic one has changed nothing; one of two is not yet a score."""
    found = {(one.student, one.assignment): one for one in given_scores(filled(gradebook_url))}

    assert found == {
        key: GivenScores(*key, sum(tasks) if whole else None, 4.0, dict(zip(POINTS, tasks, strict=True)), by)
        for key, tasks, whole, by in (
            (("kim", "inception"), (1.0, 1.0), True, ()),
            (("lee", "inception"), (1.0, 1.0), True, ()),
            (("lee", "multi-input"), (0.0, 1.0), False, ()),
            (("oneil", "inception"), (2.25, 1.0), True, ("module",)),
            (("only", "inception"), (1.5, 1.0), True, ("module",)),
        )
    }


def test_a_text_that_nobody_has_graded_is_pending_and_the_rest_counts(gradebook_url: str) -> None:
    """A cell that is graded and an answer in one is for a person; another without a score is a failed run."""
    url = filled(gradebook_url)
    with Gradebook(url) as gradebook:
        gradebook.add_solution_cell("module", "multi-input", "multi-input")
    (found,) = (one for one in given_scores(url) if one.assignment == "multi-input")

    assert (found.score, found.max_score, found.waiting, found.pending) == (1, 4, ("module",), 3)


def test_totals_mean_and_distribution_agree_with_the_gradebook(url: str, tmp_path: Path) -> None:
    output = classes.written(reports(), tmp_path / "out")
    made = class_report(reports_below(output), given=given_scores(url))
    totals = {
        student: sum(one.score for one in made.scores if one.student == student and not one.pending)
        for student in made.students
    }
    first = made.assignments[0]

    with Gradebook(url) as gradebook:
        counted = {student.id: student.score for student in gradebook.students}
        mean = gradebook.average_assignment_score("inception")
        scores = [one.score for one in gradebook.assignment_submissions("inception")]
    # The assignment of which a task of `lee` waits for a person has no score yet; nbgrader adds up the rest.
    assert totals == {**counted, "lee": counted["lee"] - 1, "nobody": 0}
    assert first.id == "inception"
    assert first.mean is not None
    assert first.mean * first.points == pytest.approx(mean)
    assert first.distribution == [sum(int(10 * one / 4) == tenth for one in scores) for tenth in range(11)]
    assert (first.submissions, first.not_graded) == (5, 1)


@pytest.mark.usefixtures("url")
def test_the_command_takes_names_from_the_roster_and_scores_from_the_gradebook(
    course_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What no report tells is said in one sentence, which a script sees in the exit code."""
    output = classes.written(reports(), tmp_path / "out")
    with pytest.raises(typer.Exit) as end:
        command(
            output, output=tmp_path / "page", gradebook=True, lang="en", course=course_folder / "course.yml"
        )
    said = capsys.readouterr()
    with (tmp_path / "page" / "class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))

    assert end.value.exit_code == 1
    assert said.err == (
        "autograder: Left out: What went wrong in 2 of 6 submissions is not known: the gradebook has their "
        "scores, and there are no reports of them.\n"
    )
    assert "26" in said.out, "what went wrong is the reports'"
    assert rows == [
        ["student", "name", "multi-input", "inception", "total", "pending"],
        ["nobody", "", "", "", "0", "0"],
        ["oneil", "O'Neil, Mary, Ann", "", "3.25", "3.25", "0"],
        ["only", "", "", "2.5", "2.5", "0"],
        ["kim", "김서연", "", "2", "2", "0"],
        ["lee", "이하늘", "", "2", "2", "0"],
    ]


@pytest.mark.usefixtures("url")
def test_a_roster_that_is_not_in_order_costs_the_names(
    course_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = classes.written(reports(), tmp_path / "out")
    (course_folder / "roster.csv").write_text("student_id,name\n,Kim\n", encoding="utf-8")
    with pytest.raises(typer.Exit) as end:
        command(output, as_json=True, lang="en", course=course_folder / "course.yml")
    said = capsys.readouterr()
    document = json.loads(said.out)

    assert end.value.exit_code == 1
    assert (document["names"], document["students"]) == ({}, ["kim", "lee", "nobody", "oneil"])
    assert said.err.startswith("autograder: Left out: roster.csv, line 2: `student_id` is empty")


@pytest.mark.usefixtures("url")
def test_without_reports_there_are_scores(
    course_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as end:
        command(tmp_path / "nothing", gradebook=True, lang="en", course=course_folder / "course.yml")
    said = capsys.readouterr()

    assert end.value.exit_code == 1
    assert "Inception" in said.out
    assert said.err.count("\n") == 1
    assert "What went wrong in 5 of 5 submissions is not known" in said.err


def test_a_gradebook_that_is_not_there_or_cannot_be_read_is_one_sentence(
    course_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as end:
        command(course_folder, gradebook=True, lang="en", course=course_folder / "course.yml")
    said = capsys.readouterr()
    broken = course_folder / "broken.db"
    broken.write_bytes(b"no database at all, but long enough to be taken for one" * 100)

    assert end.value.exit_code == 2
    assert said.err.startswith("autograder: There is no gradebook at ")
    assert said.err.count("\n") == 1
    with pytest.raises(GradingError, match="cannot be reached"):
        given_scores(f"sqlite:///{broken}")
    with pytest.raises(NoGradebook):
        given_scores(f"sqlite:///{course_folder}/nowhere.db")
