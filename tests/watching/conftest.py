"""A course of three assignments in a folder of its own, and a grader that answers when it is told to."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.checks.verdict import CheckReport, Failure
from autograder.course import Assignment, Course, load_course
from autograder.feedback import Afterwards, Isolation, Report, TaskReport
from autograder.grading import Submission
from autograder.grading.protocol import Answer, refusal
from autograder.messages import Localized, message
from autograder.watching.session import Session

ROOT = Path(__file__).parents[2]


READY = PREPARED = Answer({})
ABANDONED = Answer({"abandoned": True})


class Grader:
    """Keeps what it is asked, and how often it was told to give up."""

    def __init__(self) -> None:
        self.prepared: list[str] = []
        self.asks: list[Submission] = []
        self.abandoned = 0

    def prepare(self, assignment: Assignment) -> None:
        self.prepared.append(assignment.id)

    def grade(self, submission: Submission) -> None:
        self.asks.append(submission)

    def abandon(self) -> None:
        self.abandoned += 1


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own memory is touched."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The course's own registry, and an empty notebook for each assignment in English."""
    shutil.copy(ROOT / "course.yml", tmp_path)
    course = load_course(tmp_path / "course.yml")
    for assignment in course.assignments:
        path = course.released(assignment, "en")
        path.parent.mkdir(parents=True)
        path.write_text(notebook())
    return course


@pytest.fixture
def inception(course: Course) -> Assignment:
    return course.assignment("inception")


@pytest.fixture
def grader() -> Grader:
    return Grader()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(course: Course, inception: Assignment, grader: Grader, clock: Clock) -> Session:
    """A session at the Inception module whose grader is ready, has prepared it, and has been asked once."""
    made = Session(course, inception, "en", grader, clock=clock)
    made.look_again()
    made.take(READY)
    made.take(PREPARED)
    return made


@pytest.fixture
def verdict() -> Callable[..., Answer]:
    return a_verdict


def a_verdict(session: Session, ask: Submission, *, full: bool = False, broken: bool = False) -> Answer:
    """A verdict on the notebook as it stands there now."""
    assignment = session.course.assignment(ask.assignment)
    tasks = [
        TaskReport(
            id=task.id,
            title=task.title,
            points=task.points,
            score=task.points if full else 0.0,
            checks=[
                CheckReport(
                    id=f"test_{task.id}",
                    title=message("The check of this task."),
                    public=True,
                    verdict="passed" if full else "broken" if broken else "failed",
                    points=task.points,
                    score=task.points if full else 0.0,
                    failure=None if full or broken else Failure(rationale=message("Something is wrong.")),
                )
            ],
        )
        for task in assignment.tasks
    ]
    after = Afterwards(text=Localized(en="Because.", ko="왜냐하면."), alternative="other = 1")
    report = Report(
        assignment=assignment.id,
        assignment_title=assignment.title,
        student="",
        notebook=ask.path.name,
        digest=hashlib.sha256(ask.path.read_bytes()).hexdigest(),
        outcome="broken" if broken else "graded",
        score=sum(task.score for task in tasks),
        max_score=assignment.points,
        tasks=tasks,
        afterwards=after if full else None,
        isolation=Isolation(level="full"),
    )
    troubles = ["Traceback of a check"] if broken else []
    header = {"troubles": troubles, "kept": ["answer = 42"] if full else []}
    return Answer(header, report.model_dump_json().encode())


def refused(said: str, trouble: str = "") -> Answer:
    """What a grader answers that cannot do what it was asked."""
    return Answer(refusal(message(said), trouble=trouble))


def notebook(source: str = "") -> str:
    """A notebook of one cell."""
    cells = [{"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": []}]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
