"""A class's folder and an output folder, whatever lies in them: each submission costs itself at most."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import load_course
from autograder.course.fingerprint import fingerprint
from autograder.feedback import Isolation, read_report, report_path, write_grades, write_pages
from autograder.grading import Done, Graded, GradedSubmission, GradingError, Submission, UnreadableNotebook
from autograder.grading.folder import grade_folder
from autograder.grading.grade import without_run
from autograder.grading.submission import load_notebook
from autograder.grading.workers import written
from autograder.messages import Message, render
from tests.grading.odd import answered, fill_class, folder_with, names, things

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT / "course.yml")
INCEPTION = COURSE.assignment("inception")
STARTER = ROOT / "assignments" / "en" / "inception" / "inception.ipynb"


class Workers:
    """They give a point to everybody whose notebook can be read, and run nothing."""

    isolations = (Isolation(level="full"),)
    refused = ()

    @contextmanager
    def open(self, *_: object) -> Iterator[Any]:
        yield self

    def grade(self, submissions: Sequence[Submission], output: Path) -> Iterator[Any]:
        for submission in submissions:
            yield Done(submission, written(GradedSubmission(self.report(submission)), submission, output))

    def report(self, submission: Submission):
        try:
            submission.content()
            loaded = load_notebook(submission.path)
        except UnreadableNotebook as problem:
            notes = [*submission.notes, problem.message]
            return without_run(submission, INCEPTION, "unreadable", notes, self.isolations[0])
        graded = without_run(submission, INCEPTION, "graded", list(submission.notes), self.isolations[0])
        grader = fingerprint(COURSE, INCEPTION)
        return graded.model_copy(update={"score": 1.0, "digest": loaded.digest, "grader": grader})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of three."""
    for student in ("ada", "kim", "lee"):
        hand_in(tmp_path / "class", student)
    return tmp_path / "class"


def hand_in(folder: Path, student: str) -> Path:
    place = folder / "submitted" / student / "inception"
    place.mkdir(parents=True)
    return Path(shutil.copy(STARTER, place / "inception.ipynb"))


def graded(folder: Path, output: Path) -> Graded:
    return grade_folder(COURSE, folder, output, workers=Workers())


def outcomes(done: Graded) -> dict[str, tuple[str, float]]:
    return {line.student: (line.outcome, line.score) for line in done.summaries}


def test_a_report_that_was_changed_by_hand_is_graded_again_and_that_is_said(
    folder: Path, tmp_path: Path
) -> None:
    graded(folder, tmp_path / "out")
    path = report_path(tmp_path / "out", "kim", "inception")
    path.write_text(path.read_text().replace('"score": 1.0', '"score": 10.0', 1))

    again = graded(folder, tmp_path / "out")

    assert outcomes(again)["kim"] == ("graded", 1.0)
    assert {student for student, _ in again.standing} == {"ada", "lee"}
    assert [render(said, "en") for said in again.changed] == [
        f"{path} was changed after it was written; it was graded again."
    ]
    assert read_report(path).score == 1


@pytest.mark.parametrize("place", ["class/submitted", "class/submitted/out", "link/out"])
def test_reports_are_not_written_among_the_students(folder: Path, tmp_path: Path, place: str) -> None:
    """They would be taken for a student the next time."""
    (tmp_path / "link").symlink_to(folder / "submitted")

    with pytest.raises(GradingError) as caught:
        graded(folder, tmp_path / place)

    said = render(caught.value.message, "en")
    assert said.startswith(f"The output folder {tmp_path / place} lies in {folder / 'submitted'}")
    assert sorted(path.name for path in (folder / "submitted").iterdir()) == ["ada", "kim", "lee"]


@pytest.mark.parametrize("place", ["class", "class/out"])
def test_reports_may_be_written_beside_the_students(folder: Path, tmp_path: Path, place: str) -> None:
    assert len(graded(folder, tmp_path / place).summaries) == 3


def a_folder(report: Path) -> None:
    report.unlink()
    report.mkdir()


def a_linked_folder(report: Path) -> None:
    report.parent.rename(report.parents[2] / "elsewhere")
    report.parent.symlink_to(report.parents[2] / "elsewhere")


def a_pipe(report: Path) -> None:
    report.unlink()
    os.mkfifo(report)


@pytest.mark.parametrize(
    ("make", "is_written"), [(a_folder, False), (a_linked_folder, False), (a_pipe, True)]
)
def test_what_lies_in_a_reports_place_costs_that_report_at_most(
    folder: Path, tmp_path: Path, make: Callable[[Path], None], is_written: bool
) -> None:
    """The others stand, and what could not be written is said with its path."""
    graded(folder, tmp_path / "out")
    path = report_path(tmp_path / "out", "kim", "inception")
    make(path)
    (folder / "submitted" / "kim" / "inception" / "inception.ipynb").write_text("{")

    again = graded(folder, tmp_path / "out")

    assert outcomes(again) == {"ada": ("graded", 1.0), "kim": ("unreadable", 0.0), "lee": ("graded", 1.0)}
    assert len(again.left_out) == (not is_written)
    assert all("kim, inception: " in render(said, "en") for said in again.left_out)
    assert all(str(path.parent) in render(said, "en") for said in again.left_out)


def test_a_report_is_not_read_through_a_link(folder: Path, tmp_path: Path) -> None:
    graded(folder, tmp_path / "out")
    a_linked_folder(report_path(tmp_path / "out", "kim", "inception"))

    again = graded(folder, tmp_path / "out")

    assert {student for student, _ in again.standing} == {"ada", "lee"}
    assert str(tmp_path / "out" / "reports" / "kim") in render(again.left_out[0], "en")


def test_a_file_in_place_of_all_reports_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "reports").write_text("")

    with pytest.raises(GradingError) as caught:
        graded(folder, tmp_path / "out")

    assert str(tmp_path / "out" / "reports") in render(caught.value.message, "en")


def test_a_submission_that_has_become_a_link_loses_its_old_score(folder: Path, tmp_path: Path) -> None:
    """And nobody is left out without a word."""
    graded(folder, tmp_path / "out")
    for linked in (folder / "submitted" / "kim", folder / "submitted" / "lee" / "inception"):
        moved = linked.rename(tmp_path / f"of-{linked.parent.name}")
        linked.symlink_to(moved)

    again = graded(folder, tmp_path / "out")

    assert outcomes(again) == {"ada": ("graded", 1.0), "kim": ("unreadable", 0.0), "lee": ("unreadable", 0.0)}
    report = json.loads(report_path(tmp_path / "out", "kim", "inception").read_text())
    assert report["score"] == 0
    assert "is a link" in render(
        read_report(report_path(tmp_path / "out", "lee", "inception")).notes[0], "en"
    )


def test_a_students_folder_that_cannot_be_read_loses_its_old_score(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(folder, tmp_path / "out")
    scan = os.scandir

    def refuse(place: Any) -> Any:
        if Path(place).name == "kim":
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)

    again = graded(folder, tmp_path / "out")

    assert outcomes(again)["kim"] == ("unreadable", 0.0)
    assert len(again.left_out) == 1


@pytest.mark.parametrize("name", ["김서연".encode("cp949"), b"\xff", b"DOMAIN\\kim", b"kim\nlee", b"k" * 255])
def test_a_student_of_any_name_is_graded_and_reported(folder: Path, tmp_path: Path, name: bytes) -> None:
    hand_in(folder, os.fsdecode(name))

    first = graded(folder, tmp_path / "out")

    assert [line.score for line in first.summaries] == [1.0] * 4
    assert len(graded(folder, tmp_path / "out").standing) == 4
    assert all(line.path is not None and line.path.is_file() for line in first.summaries)


def test_the_page_of_a_student_of_any_name_is_where_the_index_says(folder: Path, tmp_path: Path) -> None:
    for name in ("DOMAIN\\kim", "a%2Fb", "김 하늘?#", "kim\nlee", os.fsdecode(b"\xff"), "k" * 255):
        hand_in(folder, name)

    write_pages(graded(folder, tmp_path / "out").summaries, tmp_path / "out", "en")

    links = re.findall(r'href="(feedback/[^"]*)"', (tmp_path / "out" / "index.html").read_text("utf-8"))
    assert len(set(links)) == 9
    assert all((tmp_path / "out" / unquote(link)).is_file() for link in links)


def test_a_notebook_of_any_name_is_graded_and_reported(folder: Path, tmp_path: Path) -> None:
    notebook = hand_in(folder, "park")
    notebook.rename(notebook.with_name(os.fsdecode("인셉션.ipynb".encode("cp949"))))

    graded(folder, tmp_path / "out")
    again = graded(folder, tmp_path / "out")

    assert len(again.standing) == 4
    read_report(report_path(tmp_path / "out", "park", "inception"))


@settings(max_examples=15)
@given(st.dictionaries(names, things, max_size=3), things)
def test_any_bytes_in_a_class_cost_their_own_submission_at_most(folders: Any, beside: Any) -> None:
    """Each has its report, its line and its place in the pages; the honest one's stands the next time."""
    with tempfile.TemporaryDirectory() as place:
        top, output = Path(place, "class"), Path(place, "out")
        folder_with(top / "submitted" / "honest" / "inception", inception_ipynb=answered())
        fill_class(top / "submitted", folders, beside)

        done = graded(top, output)

        assert len(done.summaries) == 1 + len(folders)
        assert outcomes(done)["honest"] == ("graded", 1.0)
        assert all(read_report(line.path).student == line.student for line in done.summaries if line.path)
        assert ("honest", "inception") in graded(top, output).standing
        write_grades(done.summaries, output / "grades.csv")
        told: list[Message] = []
        assert len(write_pages(done.summaries, output, "ko", tell=told.append)) == len(done.summaries)
        assert not told
        with (output / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.reader(file))) == 2 + len(folders)
