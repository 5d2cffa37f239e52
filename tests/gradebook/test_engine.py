"""A gradebook that somebody else is writing is waited for, and then it is said that this is so."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nbgrader.api
import pytest
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine, text

from autograder.course import load_course
from autograder.gradebook.engine import (
    GradebookLocked,
    patient_engine,
    share_engines,
    wait_for_other_writers,
)
from autograder.gradebook.writer import LOCKED_AGAIN_SECONDS, LOCKED_SECONDS, Entry, GradebookWriter
from tests.gradebook.courses import ROOT, scores

COURSE = load_course(ROOT / "course.yml")
SAID = "another program has been writing to the gradebook for more than .* seconds"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A gradebook with an assignment and its graded cells."""
    found = f"sqlite:///{tmp_path}/gradebook.db"
    Base.metadata.create_all(create_engine(found))
    with Gradebook(found) as gradebook:
        gradebook.add_assignment("inception")
        gradebook.add_notebook("inception", "inception")
        for task in COURSE.assignment("inception").tasks:
            gradebook.add_grade_cell(
                task.id, "inception", "inception", max_score=task.points, cell_type="code"
            )
    return found


@pytest.fixture
def other(url: str) -> Iterator[sqlite3.Connection]:
    """Another program, which has begun to write."""
    connection = sqlite3.connect(
        url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )
    connection.execute("BEGIN EXCLUSIVE")
    yield connection
    connection.close()


def test_who_waits_long_enough_writes(url: str, other: sqlite3.Connection) -> None:
    threading.Timer(0.2, other.execute, ["COMMIT"]).start()
    with patient_engine(url).begin() as connection:
        connection.execute(text("INSERT INTO student (id) VALUES ('kim')"))

    assert scores(url) == {}


def test_who_has_waited_in_vain_is_told_what_is_so(url: str, other: sqlite3.Connection) -> None:
    assert other.in_transaction
    with pytest.raises(GradebookLocked, match=SAID), patient_engine(url, wait=0.05).begin() as connection:
        connection.execute(text("INSERT INTO student (id) VALUES ('kim')"))


def test_nbgrader_s_own_steps_are_told_too(
    url: str, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader takes what SQLAlchemy raises for an old gradebook, and ends the whole batch."""
    assert other.in_transaction
    monkeypatch.setattr(nbgrader.api, "create_engine", partial(patient_engine, wait=0.05))
    with pytest.raises(GradebookLocked, match=SAID), Gradebook(url) as gradebook:
        gradebook.update_or_create_student("kim")


def test_whatever_opens_the_gradebook_waits(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By nbgrader's commands and pages, and in autograde, which shares one engine."""
    monkeypatch.setattr(nbgrader.api, "create_engine", None)
    waits = []
    for prepare in (wait_for_other_writers, share_engines):
        prepare()
        with Gradebook(url) as gradebook, gradebook.engine.connect() as connection:
            waits.append(connection.execute(text("PRAGMA busy_timeout")).scalar())

    assert waits == [LOCKED_SECONDS * 1000] * 2


def test_one_writer_in_the_way_is_not_waited_for_by_each_of_a_class(
    url: str, other: sqlite3.Connection
) -> None:
    """After one that was waited for in vain the others wait a moment; once one is written, as long again."""
    other.execute("ROLLBACK")
    writer = GradebookWriter(url, COURSE)
    other.execute("BEGIN EXCLUSIVE")
    full = {task.id: float(task.points) for task in COURSE.assignment("inception").tasks}
    writer._patience = 0.05
    with pytest.raises(GradebookLocked, match=SAID):
        writer.write(Entry("kim", "inception", full))
    assert writer._patience == LOCKED_AGAIN_SECONDS
    other.execute("ROLLBACK")
    writer.write(Entry("lee", "inception", full))

    assert writer._patience == LOCKED_SECONDS
    assert scores(url) == {("inception", "lee", task): score for task, score in full.items()}
