"""Grades leave the gradebook as Canvas, Moodle and scripts read them: none made up, none a formula."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine
from traitlets.config import Config

from autograder.course import load_course
from autograder.gradebook.export import CanvasExporter, CourseExporter, LongExporter, MoodleExporter
from autograder.gradebook.export.table import Column, Entry, Row, Table
from autograder.gradebook.roster import Listed
from tests.gradebook.conftest import Nbgrader
from tests.gradebook.courses import ROOT

ON_TIME = datetime(2026, 11, 20, 1, 30)
COURSE = load_course(ROOT / "course.yml")
TITLE = COURSE.assignment("multi-input").title.in_language("en")


@pytest.fixture
def gradebook(course_folder: Path) -> Iterator[Gradebook]:
    """`kim` has two grades and was late with one, `oneil` waits for a person, `lee` handed in nothing."""
    url = f"sqlite:///{course_folder}/gradebook.db"
    # With the tables there, nbgrader does not run `alembic`, a slow program of its own.
    Base.metadata.create_all(create_engine(url))
    with Gradebook(url, "beyond-sequential-en") as opened:
        for name, due in (("multi-input", None), ("inception", ON_TIME)):
            opened.add_assignment(name, duedate=due)
            opened.add_notebook(name, name)
            for cell in ("first", "second"):
                opened.add_grade_cell(cell, name, name, max_score=5, cell_type="code")
        for student in ("kim", "oneil", "lee"):
            opened.add_student(student)
        grade(opened, "multi-input", "kim", 5, 5)
        grade(opened, "inception", "kim", 1, 2, penalty=0.3)
        grade(opened, "inception", "oneil", 5, None)
        yield opened


def grade(
    gradebook: Gradebook, assignment: str, student: str, *scores: float | None, penalty: float | None = None
) -> None:
    """A submission with these scores; `None` was never graded."""
    submission = gradebook.add_submission(assignment, student, timestamp=ON_TIME)
    (notebook,) = submission.notebooks
    notebook.late_submission_penalty = penalty
    for given_grade, score in zip(sorted(notebook.grades, key=lambda found: found.name), scores, strict=True):
        given_grade.auto_score = score
        given_grade.needs_manual_grade = False
    gradebook.db.commit()


def exported(
    exporter: type[CourseExporter], gradebook: Gradebook, folder: Path, **options: object
) -> list[list[str]]:
    """The lines of the file as a spreadsheet reads them."""
    path = folder / "out" / "grades.csv"
    config = Config({"InCourse": {"course_file": str(folder / "course.yml")}})
    exporter(config=config, to=str(path), **options).export(gradebook)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_canvas_gets_its_columns(gradebook: Gradebook, course_folder: Path) -> None:
    """The roster's ids, the headings that it knows, points possible; what is not graded stays empty."""
    assert exported(CanvasExporter, gradebook, course_folder) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section",
         TITLE, "Inception module (4711)"],
        ["    Points Possible", "", "", "", "", "10", "10"],
        ["O'Neil, Mary, Ann", "12346", "S2", "oneil@u", "B", "", ""],
        ["김, 서연", "12345", "S1", "kim@u", "A", "10", "2.7"],
        ["이, 하늘", "12347", "S3", "lee@u", "A", "", ""],
    ]  # fmt: skip


def test_moodle_gets_what_it_maps_students_by(gradebook: Gradebook, course_folder: Path) -> None:
    assert exported(MoodleExporter, gradebook, course_folder) == [
        ["First name", "Last name", "Username", "ID number", "Email address",
         TITLE, "Assignment: Inception (Real)"],
        ["Mary, Ann", "O'Neil", "oneil", "2026002", "oneil@example.com", "", ""],
        ["서연", "김", "kims", "2026001", "kim@example.com", "10", "2.7"],
        ["하늘", "이", "leeh", "2026003", "lee@example.com", "", ""],
    ]  # fmt: skip


def test_the_long_form_says_why_a_score_is_missing(gradebook: Gradebook, course_folder: Path) -> None:
    """A line for each student and assignment, in the columns of nbgrader's own export."""
    heading, *lines = exported(LongExporter, gradebook, course_folder, assignment=["inception"])

    assert heading == [
        "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
        "raw_score", "late_submission_penalty", "score", "max_score", "status",
    ]  # fmt: skip
    time = "2026-11-20 01:30:00"
    assert lines == [
        ["inception", time, time, "oneil", "O'Neil", "Mary, Ann", "oneil@example.com",
         "", "", "", "10", "pending"],
        ["inception", time, time, "kim", "김", "서연", "kim@example.com", "3", "0.3", "2.7", "10", "graded"],
        ["inception", time, "", "lee", "이", "하늘", "lee@example.com", "", "", "", "10", "missing"],
    ]  # fmt: skip


def statuses(gradebook: Gradebook, folder: Path) -> dict[str, tuple[str, str]]:
    lines = exported(LongExporter, gradebook, folder, assignment=["inception"])
    return {line[3]: (line[9], line[11]) for line in lines[1:]}


def test_a_grade_that_waits_for_a_person_is_no_grade(gradebook: Gradebook, course_folder: Path) -> None:
    """Also one that has a score already; and so is a cell that was added after the submission."""
    grade_of = gradebook.find_grade("first", "inception", "inception", "kim")
    grade_of.needs_manual_grade = True
    gradebook.db.commit()

    assert statuses(gradebook, course_folder)["kim"] == ("", "pending")
    grade_of.needs_manual_grade = False
    gradebook.db.commit()
    assert statuses(gradebook, course_folder)["kim"] == ("2.7", "graded")
    gradebook.add_grade_cell("third", "inception", "inception", max_score=5, cell_type="code")
    assert statuses(gradebook, course_folder)["kim"] == ("", "pending")


def test_a_manual_score_stands_and_0_is_a_score(gradebook: Gradebook, course_folder: Path) -> None:
    gradebook.find_grade("second", "inception", "inception", "oneil").manual_score = 1.5
    grade(gradebook, "inception", "lee", 0, 0)
    gradebook.db.commit()

    assert statuses(gradebook, course_folder) == {
        "oneil": ("6.5", "graded"),
        "kim": ("2.7", "graded"),
        "lee": ("0", "graded"),
    }


def test_a_penalty_never_goes_below_0(gradebook: Gradebook, course_folder: Path) -> None:
    grade(gradebook, "inception", "lee", 1, 1, penalty=5)

    assert statuses(gradebook, course_folder)["lee"] == ("0", "graded")


def test_only_the_students_and_assignments_that_are_named(
    gradebook: Gradebook, course_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Who or what is not there is said."""
    lines = exported(
        MoodleExporter,
        gradebook,
        course_folder,
        student=["kim", "nobody"],
        assignment=["inception", "nothing"],
    )

    assert [line[-1] for line in lines] == ["Assignment: Inception (Real)", "2.7"]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "The gradebook has no assignment `nothing`.",
        "Neither the gradebook nor the roster has a student `nobody`.",
    ]


def test_a_student_whom_the_roster_lacks_is_exported_and_said(
    gradebook: Gradebook, course_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gradebook.add_student("park", first_name="Jiwoo", last_name="Park")
    grade(gradebook, "inception", "park", 5, 5)
    lines = exported(CanvasExporter, gradebook, course_folder, student=["park"])

    assert lines[2:] == [["Park, Jiwoo", "", "", "", "", "", "10"]]
    assert "`park` is in the gradebook and not in roster.csv" in caplog.text


def test_without_a_roster_the_gradebook_s_names_are_all_there_is(
    gradebook: Gradebook, course_folder: Path
) -> None:
    course_file = course_folder / "course.yml"
    course_file.write_text(course_file.read_text("utf-8").replace("roster: roster.csv\n", ""), "utf-8")
    lines = exported(CanvasExporter, gradebook, course_folder)

    assert [line[0] for line in lines[2:]] == ["kim", "lee", "oneil"]


def test_a_faulty_course_or_roster_exports_nothing(
    gradebook: Gradebook, course_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (course_folder / "roster.csv").write_text("name\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        exported(CanvasExporter, gradebook, course_folder)

    assert "the heading has no column `student_id`" in caplog.text
    assert not (course_folder / "out").exists()


def test_what_cannot_be_written_is_said(
    gradebook: Gradebook, course_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (course_folder / "out" / "grades.csv").mkdir(parents=True)
    with pytest.raises(SystemExit):
        exported(CanvasExporter, gradebook, course_folder)

    assert "grades.csv cannot be written: Is a directory." in caplog.text
    assert [path.name for path in (course_folder / "out").iterdir()] == ["grades.csv"]


def test_no_two_columns_have_one_heading() -> None:
    """Of two assignments with the same title each has its id behind it; what an instructor wrote stays."""
    columns = (Column("inception", "Same", 10.0), Column("capstone", "Same", 10.0))
    columns = (*columns, Column("shared-lstm", "Other", 10.0))
    written = COURSE.platforms.canvas.model_copy(update={"columns": {"shared-lstm": "Same"}})
    platforms = COURSE.platforms.model_copy(update={"canvas": written})
    exporter = CanvasExporter()
    exporter.course = COURSE.model_copy(update={"platforms": platforms})
    heading, *_ = exporter.lines(Table(columns, (), {}))

    assert heading[5:] == ["Same (inception)", "Same (capstone)", "Same"]


def test_what_a_platform_knows_a_student_by_is_written_as_it_is(tmp_path: Path) -> None:
    """An apostrophe before it, and the platform matches nobody; what could do something still gets one."""
    known = Listed(
        "-kim", 2, canvas_id="-7", canvas_sis_id="+82-10", canvas_login="@kim", moodle_username="@kim",
        moodle_id="=1", email="+kim@example.com", section="@A",
    )  # fmt: skip
    row = Row("-kim", "@Seoyeon", "=Kim", known.email, known)
    table = Table((), (row,), {})
    lines = []
    for exporter in (CanvasExporter, MoodleExporter):
        made = exporter(to=str(tmp_path / "grades.csv"))
        made.course = COURSE
        made.write(table)
        with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            lines.append(list(csv.reader(file))[-1])

    assert lines == [
        ["'=Kim, @Seoyeon", "-7", "+82-10", "@kim", "'@A"],
        ["'@Seoyeon", "'=Kim", "@kim", "'=1", "+kim@example.com"],
    ]


texts = st.text(
    st.one_of(st.sampled_from("=+-@\t\r\n\"',;＝ "), st.characters(exclude_categories=["Cs"])), max_size=12
)


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=4), texts)
def test_whatever_people_are_called_the_table_keeps_its_shape(
    tmp_path_factory, names: list[tuple[str, str, str]], title: str
) -> None:
    """As many lines and fields as there are, and no field that a spreadsheet would reckon."""
    rows = tuple(
        Row(f"s{number}{student}", first, last) for number, (student, first, last) in enumerate(names)
    )
    columns = (Column("inception", title, 10.0),)
    table = Table(columns, rows, {(rows[0].student_id, "inception"): Entry("graded", None, 7.0, 0.0)})
    for exporter in (CanvasExporter, MoodleExporter, LongExporter):
        path = tmp_path_factory.mktemp("csv") / "grades.csv"
        made = exporter(to=str(path))
        made.course = COURSE
        made.write(table)
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))

        assert len(lines) == len(list(made.lines(table)))
        assert {len(line) for line in lines} == {len(lines[0])}
        assert [
            field for line in lines for field in line if field.lstrip(" ").startswith(tuple("=+-@\t\r\n＝"))
        ] == []


@pytest.mark.slow
def test_nbgrader_exports_by_the_exporters_names(
    gradebook: Gradebook, course_folder: Path, nbgrader: Nbgrader
) -> None:
    """Each into its own file, or where `--to` says."""
    name = "autograder.gradebook.export"
    nbgrader("export", f"--exporter={name}.CanvasExporter", "--student=['kim']")
    nbgrader(
        "export", f"--exporter={name}.MoodleExporter", "--to=here/moodle.csv", "--assignment=['inception']"
    )

    canvas = (course_folder / "canvas-grades.csv").read_bytes()
    assert canvas.startswith(b"\xef\xbb\xbfStudent,ID,")
    assert canvas.count(b"\r\n") == canvas.count(b"\n") == 3
    assert '"김, 서연",12345,S1,kim@u,A,10,2.7\r\n'.encode() in canvas
    moodle = (course_folder / "here" / "moodle.csv").read_text("utf-8-sig").splitlines()
    assert moodle[0] == "First name,Last name,Username,ID number,Email address,Assignment: Inception (Real)"
