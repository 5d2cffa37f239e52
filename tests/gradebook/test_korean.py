"""A course that is given in Korean: through nbgrader's own steps, everything that people read is Korean.

`make test-browsers` goes the same way in a browser, by Formgrader's buttons.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.feedback import words
from autograder.gradebook.autograded import card_of
from autograder.messages import message, render
from tests.examples import EXAMPLES
from tests.gradebook.courses import ROOT, formgrader, make_course, url_of

pytestmark = pytest.mark.slow

NAME, STUDENT = "inception", "jung-haeun"
TASKS = {"branch-sizes": "2 / 2점", "inception-module": "3 / 5점", "inception-network": "3 / 3점"}
COMMENT = "가지 b는 **거의** 다 됐습니다. 필터 수를 다시 살펴보세요."


def cells_of(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by their ids."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def press(course: Path, verb: str, word: str) -> None:
    """Press a button of Formgrader, whose server has Korean as its language."""
    (answer,) = formgrader(course, verb, word, AUTOGRADER_LANG="ko")
    assert answer["success"], answer


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in Korean, with a notebook given out, handed in, autograded, commented on, and given back."""
    course = make_course(tmp_path_factory.mktemp("korean") / "course")
    text = (course / "course.yml").read_text(encoding="utf-8")
    before, after = text.split(f"  - id: {NAME}\n")
    after = after.replace("due: null", "due: 2026-12-01T23:59:00+09:00", 1)
    (course / "course.yml").write_text(f"{before}  - id: {NAME}\n{after}", encoding="utf-8")
    press(course, "generate", NAME)

    (answered,) = EXAMPLES.glob(f"*/submitted/{STUDENT}/{NAME}/{NAME}.ipynb")
    answers = cells_of(nbformat.read(answered, as_version=4))
    notebook = nbformat.read(given_out(course), as_version=4)
    for name, cell in cells_of(notebook).items():
        if cell.metadata.nbgrader.solution:
            cell.source = answers[name].source
    handed_in = course / "submitted" / STUDENT / NAME / f"{NAME}.ipynb"
    handed_in.parent.mkdir(parents=True)
    nbformat.write(notebook, handed_in)

    press(course, "autograde", f"{NAME}/{STUDENT}")
    with Gradebook(url_of(course)) as gradebook:
        gradebook.find_comment("inception-module-answer", NAME, NAME, STUDENT).manual_comment = COMMENT
        gradebook.db.commit()
    press(course, "feedback", NAME)
    return course


def given_out(course: Path) -> Path:
    return course / "assignments" / "ko" / NAME / f"{NAME}.ipynb"


def test_the_korean_course_is_generated_with_its_due_date(course: Path) -> None:
    assert given_out(course).read_bytes() == (ROOT / given_out(course).relative_to(course)).read_bytes()
    with Gradebook(url_of(course)) as gradebook:
        # nbgrader keeps UTC, without a zone.
        assert gradebook.find_assignment(NAME).duedate == datetime(2026, 12, 1, 14, 59)


def test_the_cards_that_an_instructor_sees_are_korean(course: Path) -> None:
    path = course / "autograded" / STUDENT / NAME / f"{NAME}.ipynb"
    cells = cells_of(nbformat.read(path, as_version=4))
    cards = {task: card_of(cells[task]).data["text/html"] for task in TASKS}

    for task, score in TASKS.items():
        assert '<article class="bs-card" lang="ko">' in cards[task]
        assert score in cards[task]
    said = [
        render(text, "ko")
        for text in (
            words.VERDICTS["failed"],
            message("{cause} Because of this, the output has the wrong shape."),
        )
    ]
    assert all(text.replace("{cause}", "").strip() in cards["inception-module"] for text in said)


def test_the_feedback_that_a_student_reads_is_korean(course: Path) -> None:
    page = (course / "feedback" / STUDENT / NAME / f"{NAME}.html").read_text(encoding="utf-8")

    assert '<html lang="ko">' in page
    assert page.count('<article class="bs-card" lang="ko">') == len(TASKS)
    assert "8 / 10점" in page
    assert re.sub(r"\*\*(.*?)\*\*", r"<strong>\1</strong>", COMMENT) in page
