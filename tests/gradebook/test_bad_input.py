"""What an instructor gets wrong gets a sentence and an exit code, and everything else is graded."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests import warm
from tests.gradebook.courses import formgrader, grade, hand_in, make_course, nbgrader, scores, url_of

pytestmark = pytest.mark.slow


def graded(course: Path, **more: str):
    return grade(course, "--output", course / "out", **more)


def test_no_gradebook_yet(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, "kim-seoyeon", "inception")

    done = graded(course)

    assert done.returncode == 2
    assert "There is no gradebook at" in done.stderr
    assert "nbgrader generate_assignment" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (course / "gradebook.db").exists()


def test_a_gradebook_of_an_older_nbgrader(course: Path) -> None:
    hand_in(course, "kim-seoyeon", "inception")
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("ALTER TABLE grade DROP COLUMN extra_credit")

    done = graded(course)

    assert done.returncode == 2
    assert "nbgrader db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there(course: Path) -> None:
    hand_in(course, "kim-seoyeon", "inception")

    done = graded(course, AUTOGRADER_GRADEBOOK="postgresql://nobody:geheim@127.0.0.1:9/grades")

    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_none(course: Path) -> None:
    hand_in(course, "kim-seoyeon", "inception")

    done = graded(course, AUTOGRADER_GRADEBOOK="gradebook.db")

    assert done.returncode == 2
    assert "is not the address of a database" in done.stderr


def test_an_assignment_that_was_never_generated_and_one_that_has_changed_since(course: Path) -> None:
    """Each is named, and what was handed in for it has its report; the scores of the others are entered."""
    for assignment in ("inception", "residual-projection", "shared-lstm"):
        hand_in(course, "kim-seoyeon", assignment)
    with Gradebook(url_of(course)) as gradebook:
        changed = gradebook.find_grade_cell("residual-block", "residual-projection", "residual-projection")
        changed.max_score = 7
        gradebook.db.commit()

    done = graded(course)

    assert done.returncode == 1
    assert "`shared-lstm` is not in the gradebook yet" in done.stderr
    assert "`residual-projection` has changed since it was generated" in done.stderr
    assert {key[0] for key in scores(url_of(course))} == {"inception"}
    assert (course / "out/reports/kim-seoyeon/shared-lstm.json").is_file()
    assert (course / "out/reports/kim-seoyeon/residual-projection.json").is_file()


def test_a_run_that_cannot_begin_changes_nothing(course: Path) -> None:
    """The course's own solution does not run: no submission was graded anew, so every score stands."""
    hand_in(course, "kim-seoyeon", "inception")
    assert graded(course).returncode == 0
    before = scores(url_of(course))
    source = course / "solutions" / "inception" / "inception.ipynb"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("import keras\\n", "import nothing_of_that_name\\n", 1), encoding="utf-8")

    done = graded(course)

    assert done.returncode == 2
    assert "the solution does not solve" in done.stderr
    assert scores(url_of(course)) == before


def test_a_student_who_is_not_on_the_roster_and_a_file_that_is_no_notebook(course: Path) -> None:
    """A slip in a folder's name makes no phantom in the gradebook; the report is there all the same.

    The gradebook has the roster's names, where nobody has written others.

    And neither the slip nor the damaged file costs anybody else anything.
    """
    text = (course / "course.yml").read_text(encoding="utf-8")
    (course / "course.yml").write_text(
        text.replace("assignments:\n", "roster: roster.csv\nassignments:\n", 1), encoding="utf-8"
    )
    (course / "roster.csv").write_text(
        "student_id,first_name,last_name,name,email\nkim-seoyeon,서연,김,,kim@example.org\nlee-minjun,,,이민준,\n",
        encoding="utf-8",
    )
    place = hand_in(course, "lee-minjun", "inception")
    place.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (course / "submitted" / "notes.txt").write_text("for me")
    hand_in(course, "kim-seoyeon", "inception")
    hand_in(course, "kim-seoyeon", "inception", as_student="kim-soyeon")
    found, named = [], []
    for grading in (lambda: nbgrader(course, "autograde", "inception"), lambda: graded(course)):
        done = grading()
        assert done.returncode == 1
        assert done.stderr.count("`kim-soyeon` is not on the roster roster.csv") == 1
        assert "lee-minjun is not" not in done.stderr
        totals: dict[str, float] = {}
        for key, score in scores(url_of(course)).items():
            if score is not None:
                totals[key[1]] = totals.get(key[1], 0) + score
        found.append(totals)
        named.append(students(course, "kim-seoyeon", "lee-minjun"))
        # As an instructor may write them in Formgrader.
        with Gradebook(url_of(course)) as gradebook:
            gradebook.update_or_create_student("kim-seoyeon", first_name="S.", last_name="Kim", email=None)
            gradebook.update_or_create_student("lee-minjun", first_name=None, last_name=None)

    (answer,) = formgrader(course, "autograde", "inception/kim-soyeon")
    assert answer == {"success": False, "log": answer["log"]}
    assert answer["log"].startswith(
        "[ERROR] kim-soyeon, inception: `kim-soyeon` is not on the roster roster.csv"
    )
    assert answer["log"].count("\n") == 1

    assert found == [{"kim-seoyeon": 10, "lee-minjun": 0}] * 2
    assert named == [
        {"kim-seoyeon": ("서연", "김", "kim@example.org"), "lee-minjun": (None, "이민준", None)},
        {"kim-seoyeon": ("S.", "Kim", "kim@example.org"), "lee-minjun": (None, "이민준", None)},
    ]
    assert (course / "out/reports/kim-soyeon/inception.json").is_file()


def students(course: Path, *ids: str) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Each student's first name, last name and address in the gradebook."""
    with Gradebook(url_of(course)) as gradebook:
        found = [gradebook.find_student(one) for one in ids]
        return {one.id: (one.first_name, one.last_name, one.email) for one in found}


def test_autograded_cannot_be_written(course: Path) -> None:
    """A file stands where the folder should be, which not even the superuser can write into."""
    hand_in(course, "kim-seoyeon", "inception")
    (course / "autograded").write_text("not a folder")

    done = graded(course)

    assert done.returncode == 1
    assert "the scores are in the gradebook" in done.stderr
    assert "Traceback" not in done.stderr
    assert sum(score or 0 for score in scores(url_of(course)).values()) == 10


def test_nbgrader_is_not_installed(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, "kim-seoyeon", "inception")
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "sitecustomize.py").write_text("import sys; sys.modules['nbgrader'] = None\n")

    path = f"{tmp_path / 'hide'}{os.pathsep}{warm.ROOT}"
    done = graded(course, PYTHONPATH=path, **warm.NEW_INTERPRETER)

    assert done.returncode == 2
    assert "`--gradebook` needs the package `nbgrader`" in done.stderr


def test_an_assignment_of_another_course_is_left_to_nbgrader_and_that_is_said(course: Path) -> None:
    """A course's folder may hold assignments that are not in course.yml; nbgrader grades them itself."""
    import nbformat.v4

    cell = nbformat.v4.new_code_cell("assert 1 + 1 == 2")
    cell.metadata["nbgrader"] = {
        "grade": True, "grade_id": "sum", "locked": True, "points": 1, "schema_version": 3, "solution": False,
        "task": False,
    }  # fmt: skip
    made = nbformat.v4.new_notebook(cells=[cell])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (course / "solutions" / "warm-up").mkdir()
    nbformat.write(made, course / "solutions" / "warm-up" / "warm-up.ipynb")
    assert nbgrader(course, "generate_assignment", "warm-up").returncode == 0
    place = course / "submitted" / "kim" / "warm-up"
    place.mkdir(parents=True)
    (place / "warm-up.ipynb").write_bytes((course / "assignments/en/warm-up/warm-up.ipynb").read_bytes())

    done = nbgrader(course, "autograde", "warm-up")

    assert done.returncode == 0, done.stderr
    assert "warm-up is not in course.yml" in done.stderr
    assert scores(url_of(course)) == {("warm-up", "kim", "sum"): 1.0}
    assert nbgrader(course, "generate_feedback", "warm-up").returncode == 0
