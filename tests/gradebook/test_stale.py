"""A feedback page is current as long as the gradebook and the autograded notebook are what it was made of."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.api import Base, Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine

from autograder.course import load_course
from autograder.gradebook.refusing import prepare_batch
from autograder.gradebook.stale import MARK, FeedbackPage, stale_pages
from autograder.messages import render
from tests.gradebook.courses import ROOT, url_of

INCEPTION = load_course(ROOT / "course.yml").assignment("inception")
SAID = (
    "Feedback pages of `inception` that show an earlier grading: 1. Make them anew: `nbgrader "
    "generate_feedback inception`, then `nbgrader release_feedback inception`."
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of two submissions: a gradebook, and the autograded notebooks."""
    folder = tmp_path_factory.mktemp("graded")
    Base.metadata.create_all(create_engine(url_of(folder)))
    with Gradebook(url_of(folder)) as opened:
        opened.add_assignment("inception")
        opened.add_notebook("inception", "inception")
        opened.add_grade_cell("module", "inception", "inception", max_score=5, cell_type="code")
        opened.add_solution_cell("answer", "inception", "inception")
        for student in ("kim", "lee"):
            opened.add_student(student)
            opened.add_submission("inception", student)
            opened.find_grade("module", "inception", "inception", student).auto_score = 3
            notebook = page_of(folder, student).notebook
            notebook.parent.mkdir(parents=True)
            notebook.write_text("{}")
        opened.db.commit()
    return folder


@pytest.fixture
def gradebook(graded: Path, tmp_path: Path) -> Iterator[Gradebook]:
    """A copy of the class in the test's own folder, and its gradebook."""
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    with Gradebook(url_of(tmp_path)) as opened:
        yield opened


def page_of(folder: Path, student: str) -> FeedbackPage:
    return FeedbackPage.within(folder, student, "inception")


def make(page: FeedbackPage, gradebook: Gradebook) -> FeedbackPage:
    """Write a page as nbconvert writes its head."""
    page.page.parent.mkdir(parents=True, exist_ok=True)
    page.page.write_text(f'<head>\n<meta content="{page.made_of(gradebook.db)}" name="{MARK}"/>\n</head>')
    return page


def by_hand(gradebook: Gradebook, _page: FeedbackPage) -> None:
    gradebook.find_grade("module", "inception", "inception", "kim").manual_score = 4


def graded_otherwise(gradebook: Gradebook, _page: FeedbackPage) -> None:
    gradebook.find_grade("module", "inception", "inception", "kim").auto_score = 4


def extra_credit(gradebook: Gradebook, _page: FeedbackPage) -> None:
    gradebook.find_grade("module", "inception", "inception", "kim").extra_credit = 0.5


def comment(gradebook: Gradebook, _page: FeedbackPage) -> None:
    gradebook.find_comment("answer", "inception", "inception", "kim").manual_comment = "Look again."


def late(gradebook: Gradebook, _page: FeedbackPage) -> None:
    gradebook.find_submission("inception", "kim").notebooks[0].late_submission_penalty = 1


def other_outputs(_gradebook: Gradebook, page: FeedbackPage) -> None:
    page.notebook.write_text('{"cells": []}')


def not_graded(_gradebook: Gradebook, page: FeedbackPage) -> None:
    page.notebook.unlink()


def gone(gradebook: Gradebook, _page: FeedbackPage) -> None:
    gradebook.remove_submission("inception", "kim")


def of_an_older_version(_gradebook: Gradebook, page: FeedbackPage) -> None:
    page.page.write_text("<head></head>")


@pytest.mark.parametrize(
    "change",
    [
        by_hand,
        graded_otherwise,
        extra_credit,
        comment,
        late,
        other_outputs,
        not_graded,
        gone,
        of_an_older_version,
    ],
    ids=lambda change: change.__name__,
)
def test_whatever_a_page_shows_makes_it_stale_when_it_changes(
    gradebook: Gradebook, tmp_path: Path, change: Callable[[Gradebook, FeedbackPage], None]
) -> None:
    pages = [make(page_of(tmp_path, student), gradebook) for student in ("kim", "lee")]
    assert [page.is_current(gradebook.db) for page in pages] == [True, True]

    change(gradebook, pages[0])

    assert [page.is_current(gradebook.db) for page in pages] == [False, True]
    assert [render(said, "en") for said in stale_pages(gradebook.db, pages)] == [SAID]


def test_that_a_score_waits_for_somebody_is_not_on_the_page(gradebook: Gradebook, tmp_path: Path) -> None:
    page = make(page_of(tmp_path, "kim"), gradebook)

    gradebook.find_grade("module", "inception", "inception", "kim").needs_manual_grade = True
    gradebook.find_submission("inception", "kim").notebooks[0].late_submission_penalty = 0

    assert page.is_current(gradebook.db)


def test_where_there_is_no_page_nothing_is_stale(gradebook: Gradebook, tmp_path: Path) -> None:
    page = page_of(tmp_path, "kim")

    assert not page.is_current(gradebook.db)
    assert stale_pages(gradebook.db, [page]) == []


def test_nbgrader_s_autograde_names_stale_pages_in_the_end(
    gradebook: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of the submissions that it was asked for, the command and Formgrader's button alike."""
    for student in ("kim", "lee"):
        make(page_of(tmp_path, student), gradebook)

    def convert() -> None:
        for student in ("kim", "lee"):
            gradebook.find_grade("module", "inception", "inception", student).auto_score = 5
        gradebook.db.commit()

    place = tmp_path / "submitted" / "kim" / "inception"
    place.mkdir(parents=True)
    (place / "inception.ipynb").write_text("{}")
    folders = CourseDirectory(root=str(tmp_path), db_url=url_of(tmp_path), student_id="kim")
    converter = SimpleNamespace(
        assignments={str(place): [str(place / "inception.ipynb")]},
        coursedir=folders,
        log=logging.getLogger("autograding"),
        convert_notebooks=convert,
    )
    prepare_batch(converter, [INCEPTION], None)

    converter.convert_notebooks()

    assert [record.getMessage() for record in caplog.records] == [SAID]
