"""What a person gave is never overwritten, and no old score stands for new work, by each way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Base, Gradebook
from sqlalchemy import MetaData, create_engine

from tests.gradebook.courses import ROOT, formgrader, grade, hand_in, nbgrader, scores, url_of

pytestmark = pytest.mark.slow

FULL = {"branch-sizes": 2.0, "inception-module": 5.0, "inception-network": 3.0}
NOTHING = dict.fromkeys(FULL, 0.0)

Way = Callable[..., bool]

# What is refused before it runs takes no time to run; a fault after it has the same handler.
BREAKS = """
import autograder.grading.grade


def restore(*_):
    raise RuntimeError("a fault of the grader's own")


autograder.grading.grade.restore = restore
"""


def by_command(course: Path, **more: str) -> bool:
    return nbgrader(course, "autograde", "inception", "--force", **more).returncode == 0


def by_button(course: Path, *students: str, **more: str) -> bool:
    submitted = students or sorted(path.name for path in (course / "submitted").iterdir())
    answers = formgrader(course, "autograde", *(f"inception/{student}" for student in submitted), **more)
    return all(answer["success"] for answer in answers)


def directly(course: Path, **more: str) -> bool:
    return grade(course, "--output", course / "out", **more).returncode == 0


def handed_in(course: Path, origin: str = "kim-seoyeon", student: str = "kim") -> Path:
    """A student's submission, as one of the examples."""
    return hand_in(course, origin, "inception", as_student=student)


def scores_of(course: Path, student: str = "kim") -> dict[str, float | None]:
    found = scores(url_of(course))
    return {task: score for (_, owner, task), score in found.items() if owner == student}


def flags(url: str, student: str) -> dict[str, bool]:
    with Gradebook(url) as gradebook:
        notebook = gradebook.find_submission_notebook("inception", "inception", student)
        return {grade.cell.name: grade.needs_manual_grade for grade in notebook.grades}


def graded_by_hand(url: str, student: str) -> None:
    """An instructor overrides a score, gives extra credit and writes a comment."""
    with Gradebook(url) as gradebook:
        given = gradebook.find_grade("inception-module", "inception", "inception", student)
        given.manual_score, given.extra_credit = 4.5, 0.25
        comment = gradebook.find_comment("inception-module-answer", "inception", "inception", student)
        comment.manual_comment = "잘했어요 — look at branch c again."
        gradebook.db.commit()


ByHand = tuple[float | None, float | None, str | None]


def by_hand(course: Path, student: str) -> ByHand:
    with Gradebook(url_of(course)) as gradebook:
        given = gradebook.find_grade("inception-module", "inception", "inception", student)
        comment = gradebook.find_comment("inception-module-answer", "inception", "inception", student)
        return given.manual_score, given.extra_credit, comment.manual_comment


@dataclass
class Standing:
    """What the gradebook says of one student after a grading."""

    scores: dict[str, float | None]
    by_hand: ByHand
    flags: dict[str, bool]
    notebook: bool


@dataclass
class Grading:
    """How one grading of the class went, and what it left of each student."""

    succeeded: bool
    students: dict[str, Standing]


# What each hands in for the second grading; for the first, all hand in one and the same solution.
STUDENTS = ("nothing-new", "new-work", "cells-deleted", "damaged")


@pytest.fixture(scope="module", params=[by_command, directly], ids=lambda way: way.__name__)
def history(
    request: pytest.FixtureRequest, generated: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Grading]:
    """A class graded four times, each time over the scores before it, by nbgrader's command or by ours.

    Formgrader's button runs nbgrader's; a late submission below is graded by it.
    """
    course = tmp_path_factory.mktemp("history") / "course"
    shutil.copytree(generated, course)
    way: Way = request.param

    def grading(**more: str) -> Grading:
        succeeded = way(course, **more)
        standings = {}
        for student in STUDENTS:
            notebook = course / "autograded" / student / "inception" / "inception.ipynb"
            standings[student] = Standing(
                scores_of(course, student),
                by_hand(course, student),
                flags(url_of(course), student),
                notebook.exists(),
            )
        return Grading(succeeded, standings)

    notebooks = {student: handed_in(course, student=student) for student in STUDENTS}
    gradings = {"first": grading()}
    for student in STUDENTS:
        graded_by_hand(url_of(course), student)
    handed_in(course, "jung-haeun", "new-work")
    whole = nbformat.read(notebooks["cells-deleted"], as_version=4)
    whole.cells = whole.cells[:4]
    nbformat.write(whole, notebooks["cells-deleted"])
    damaged = notebooks["damaged"].read_text(encoding="utf-8")
    notebooks["damaged"].write_text(damaged[:2000], encoding="utf-8")
    gradings["second"] = grading()
    handed_in(course, student="cells-deleted")
    handed_in(course, student="damaged")
    (course / "fault").mkdir()
    (course / "fault" / "sitecustomize.py").write_text(BREAKS, encoding="utf-8")
    gradings["broken"] = grading(PYTHONPATH=f"{course / 'fault'}{os.pathsep}{ROOT}")
    gradings["mended"] = grading()
    return gradings


BY_HAND = (4.5, 0.25, "잘했어요 — look at branch c again.")
OTHER_WORK = {"branch-sizes": 2.0, "inception-module": 3.0, "inception-network": 3.0}


def test_a_submission_gets_its_scores(history: dict[str, Grading]) -> None:
    first = history["first"]

    assert first.succeeded
    assert {student: found.scores for student, found in first.students.items()} == dict.fromkeys(
        STUDENTS, FULL
    )
    assert [found.flags for found in first.students.values()] == [dict.fromkeys(FULL, False)] * 4


@pytest.mark.parametrize("grading", ["second", "broken", "mended"])
@pytest.mark.parametrize("student", STUDENTS)
def test_what_a_person_gave_stays_whatever_comes_after(
    history: dict[str, Grading], grading: str, student: str
) -> None:
    assert history[grading].students[student].by_hand == BY_HAND


def test_a_score_by_hand_is_flagged_where_what_it_was_given_for_has_changed(
    history: dict[str, Grading],
) -> None:
    """The notebook is another, and with it the score; or, once the grader had failed, nobody knows."""
    flagged = {"branch-sizes": False, "inception-module": True, "inception-network": False}

    assert history["second"].students["new-work"].flags == flagged
    assert history["second"].students["nothing-new"].flags == dict.fromkeys(FULL, False)
    assert history["mended"].students["nothing-new"].flags == flagged


@pytest.fixture(scope="module")
def graded_once(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one submission, of several files, graded, and then by hand."""
    course = shutil.copytree(generated, tmp_path_factory.mktemp("graded-once") / "course")
    notebook = handed_in(course)
    (notebook.parent / "timestamp.txt").write_text("2026-11-21 18:00:00 UTC")
    (notebook.parent / "notes.txt").write_text("mine")
    (notebook.parent / "link.txt").symlink_to("/etc/hostname")
    assert directly(course)
    (notebook.parent / "link.txt").unlink()
    # The direct writer leaves `autograded/` as nbgrader does, which so knows what is up to date.
    assert "Skipping existing" in nbgrader(course, "autograde", "inception").stderr
    graded_by_hand(url_of(course), "kim")
    with Gradebook(url_of(course)) as gradebook:
        gradebook.find_grade("branch-sizes", "inception", "inception", "kim").manual_score = 1.5
        gradebook.db.commit()
    return course


def test_only_what_has_changed_changes_the_gradebook(
    graded_once: Path, gradebook_url: str, tmp_path: Path
) -> None:
    """By each way, and whichever way it was graded before, in either database.

    The button runs what the command runs, in one process for several submissions: in SQLite alone. What is
    flagged is decided by what either database has given back: in SQLite alone, too.

    What was given by hand waits for somebody where the automatic score below it has become another, and where
    the notebook has; for nobody where nothing has changed. Other files and the timestamp come along.
    """
    course = shutil.copytree(graded_once, tmp_path / "course")
    copied(url_of(course), gradebook_url)
    place = {"AUTOGRADER_GRADEBOOK": gradebook_url}
    before, files = content(gradebook_url), listing(course / "autograded")
    assert {Path(name).name for name in files} == {"inception.ipynb", "timestamp.txt", "notes.txt"}

    sqlite = gradebook_url.startswith("sqlite")
    ways = (directly, by_command, by_button) if sqlite else (directly, by_command)
    for way in ways:
        assert way(course, **place)
        assert content(gradebook_url) == before, way.__name__
        assert listing(course / "autograded") == files, way.__name__
    for name, score in (
        ("grades.csv", ",graded,9.25,10,"),
        ("class.csv", "kim,,9.25,9.25"),
        ("index.html", ">9.25 / 10<"),
        ("class.html", ">✎ 9.25<"),
        ("feedback/kim/inception.html", "kim · 9.25 / 10점"),
        ("feedback/kim/inception.html", "4.75 / 5점</p></header>"),
    ):
        assert score in (course / "out" / name).read_text(encoding="utf-8"), name

    assert content(url_of(course)) == content(url_of(graded_once))
    if not sqlite:
        return
    with Gradebook(gradebook_url) as gradebook:
        gradebook.find_grade("inception-module", "inception", "inception", "kim").auto_score = 3.0
        gradebook.db.commit()
    assert by_command(course, **place)
    flagged = {"branch-sizes": False, "inception-module": True, "inception-network": False}
    assert flags(gradebook_url, "kim") == flagged
    notebook = course / "submitted" / "kim" / "inception" / "inception.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("import keras", "import keras  # again"), encoding="utf-8")
    assert directly(course, **place)
    # What is flagged stays so until somebody has looked at it.
    assert flags(gradebook_url, "kim") == flagged | {"branch-sizes": True}
    assert content(url_of(course)) == content(url_of(graded_once))


def copied(origin: str, target: str) -> None:
    """Copy a gradebook into an empty database."""
    source, copy = create_engine(origin), create_engine(target)
    Base.metadata.create_all(copy)
    with source.connect() as reading, copy.begin() as writing:
        for table in Base.metadata.sorted_tables:
            if rows := [row._asdict() for row in reading.execute(table.select())]:
                writing.execute(table.insert(), rows)


def content(url: str) -> dict[str, list[str]]:
    """Everything in a gradebook, by table."""
    engine, tables = create_engine(url), MetaData()
    tables.reflect(engine)
    with engine.connect() as reading:
        found = {
            name: sorted(str(row._asdict()) for row in reading.execute(table.select()))
            for name, table in tables.tables.items()
        }
    engine.dispose()
    assert found["grade"]
    return found


def test_new_work_gets_new_scores(history: dict[str, Grading]) -> None:
    assert history["second"].students["nothing-new"].scores == FULL
    assert history["second"].students["new-work"].scores == OTHER_WORK


def test_where_the_grader_itself_fails_the_scores_are_pending(history: dict[str, Grading]) -> None:
    """A grader's own fault is never scored: not as the learner's mistake, and not with an old score."""
    broken = history["broken"]

    assert not broken.succeeded
    assert [found.scores for found in broken.students.values()] == [dict.fromkeys(FULL)] * 4
    assert [found.flags for found in broken.students.values()] == [dict.fromkeys(FULL, True)] * 4


def test_once_the_grader_is_mended_everybody_has_scores_again(history: dict[str, Grading]) -> None:
    mended = history["mended"]

    assert mended.succeeded
    assert {student: found.scores for student, found in mended.students.items()} == {
        **dict.fromkeys(STUDENTS, FULL), "new-work": OTHER_WORK,
    }  # fmt: skip


@pytest.mark.parametrize("student", ["cells-deleted", "damaged"])
def test_a_resubmission_that_lost_its_graded_cells_does_not_keep_the_old_scores(
    history: dict[str, Grading], student: str
) -> None:
    """Plain nbgrader keeps the score of a deleted graded cell (`add_missing_cells` is off)."""
    second = history["second"]

    assert second.succeeded
    assert second.students[student].scores == NOTHING
    assert second.students[student].notebook


def test_a_late_submission_loses_the_same_by_each_way(course: Path) -> None:
    """The button, which runs what the command runs, is pressed for who is late and for who loses all."""
    text = (course / "course.yml").read_text(encoding="utf-8")
    text = text.replace("assignments:\n", "late: {percent_per_day: 10}\nassignments:\n", 1)
    (course / "course.yml").write_text(text, encoding="utf-8")
    with Gradebook(url_of(course)) as gradebook:
        gradebook.update_or_create_assignment("inception", duedate="2026-11-20 12:00:00 UTC")
    for student, time in TIMES.items():
        place = handed_in(course, student=student).parent
        if time is not None:
            (place / "timestamp.txt").write_text(time, encoding="utf-8")

    left: dict[str, dict[str, tuple[float, float, bool]]] = {}
    for way in (by_command, by_button, directly):
        # As an earlier grading of late work has left it.
        shutil.rmtree(course / "autograded", ignore_errors=True)
        with Gradebook(url_of(course)) as gradebook:
            for student in TIMES:
                gradebook.update_or_create_student(student)
                old = gradebook.update_or_create_submission(
                    "inception", student, timestamp="2026-11-29 12:00:00 UTC"
                )
                old.notebooks[0].late_submission_penalty = 9.0
                for given in old.notebooks[0].grades:
                    given.auto_score = 1.0
            gradebook.db.commit()
        students = PRESSED if way is by_button else ()
        assert not way(course, *students)
        left[way.__name__] = {student: _left(course, student) for student in students or TIMES}

    wanted = {
        "in-seoul": (2.0, 8.0, False),
        "on-time-in-seoul": (0.0, 10.0, False),
        "removed": (0.0, 10.0, False),
        "unclear": (0.0, 0.0, True),
    }
    assert left["by_command"] == left["directly"] == wanted
    assert left["by_button"] == {student: wanted[student] for student in PRESSED}


TIMES = {
    "in-seoul": "\ufeff2026-11-22 03:00:00 KST",
    "on-time-in-seoul": "2026-11-20 20:00:00 KST",
    "removed": None,
    "unclear": "Saturday, six o'clock",
}
PRESSED = ("in-seoul", "unclear")


def _left(course: Path, student: str) -> tuple[float, float, bool]:
    """What is lost for being late, what is left of the score, and whether it is pending."""
    with Gradebook(url_of(course)) as gradebook:
        submission = gradebook.find_submission("inception", student)
        lost = submission.late_submission_penalty
        pending = all(grade.auto_score is None for grade in submission.notebooks[0].grades)
        return lost, submission.score - lost, pending


def listing(place: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(place)): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in place.rglob("*")
        if path.is_file()
    }
