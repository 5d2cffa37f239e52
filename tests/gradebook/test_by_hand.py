"""Where nbgrader shows a card, it shows the score that counts, whoever has given it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine
from traitlets.config import Config

from autograder.gradebook.autograded import autograded_notebook, card_of
from autograder.gradebook.by_hand import ScoresByHand
from tests.gradebook.builders import given, graded

SCORES = {"one": 2.0, "two": 0.0, "three": 1.0}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """`two` has a score by hand, `three` one that is the automatic one."""
    url = f"sqlite:///{tmp_path}/gradebook.db"
    # With the tables there, nbgrader does not run `alembic`, a slow program of its own.
    Base.metadata.create_all(create_engine(url))
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("inception")
        gradebook.add_notebook("inception", "inception")
        for task in SCORES:
            gradebook.add_grade_cell(task, "inception", "inception", max_score=2, cell_type="code")
        gradebook.add_student("kim")
        (notebook,) = gradebook.add_submission("inception", "kim").notebooks
        for grade in notebook.grades:
            grade.auto_score = SCORES[grade.name]
            grade.manual_score = {"two": 1.5, "three": 1.0}.get(grade.name)
        gradebook.db.commit()
    return url


def heads(url: str, resources: dict[str, Any], language: str = "en") -> dict[str, str]:
    """What each card says above its checks, shown with those resources."""
    notebook = autograded_notebook(*graded(given(*SCORES), SCORES), language)
    config = Config({"CourseDirectory": {"db_url": url}})
    shown, _ = ScoresByHand(config=config).preprocess(notebook, resources)
    cards = {
        cell.metadata.nbgrader.grade_id: card_of(cell) for cell in shown.cells if "nbgrader" in cell.metadata
    }
    return {
        task: card.data["text/html"].partition("<header>")[2].partition("<ol")[0]
        for task, card in cards.items()
        if card is not None
    }


def places(url: str) -> list[dict[str, Any]]:
    """How `generate_feedback` and Formgrader name the submission."""
    with Gradebook(url) as gradebook:
        identity = gradebook.find_submission_notebook("inception", "inception", "kim").id
    feedback = {"notebook": "inception", "assignment": "inception", "student": "kim", "db_url": url}
    return [{"nbgrader": feedback}, {"submission_id": identity}]


def test_a_card_shows_the_score_of_the_gradebook_in_feedback_and_in_formgrader(url: str) -> None:
    for resources in places(url):
        found = heads(url, resources)

        assert "2 / 2 points" in found["one"]
        assert "1.5 / 2 points</p></header>" in found["two"]
        assert "to 1.5 / 2 points. The checks gave 0 / 2 points." in found["two"]
        assert "1 / 2 points" in found["three"]
        assert [task for task, head in found.items() if "instructor" in head] == ["two"]


def test_it_is_said_in_the_notebook_s_language(url: str) -> None:
    assert "1.5 / 2점으로 바꾸었습니다" in heads(url, places(url)[0], "ko")["two"]


def test_a_notebook_of_no_submission_is_left_as_it_is(url: str) -> None:
    """nbconvert, and a page of somebody whom the gradebook does not know."""
    unknown = {"notebook": "inception", "assignment": "inception", "student": "nobody", "db_url": url}
    as_made = {task: f"{score:g} / 2 points" for task, score in SCORES.items()}

    for resources in ({}, {"nbgrader": unknown}, {"submission_id": "gone"}):
        found = heads(url, resources)
        assert all(said in found[task] for task, said in as_made.items())
        assert "instructor" not in "".join(found.values())
