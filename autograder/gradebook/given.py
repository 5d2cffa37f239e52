"""Reads the scores that the gradebook has of a class, for pages that must show no others."""

from __future__ import annotations

from collections import defaultdict

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, undefer

from autograder.feedback import GivenScores
from autograder.gradebook.engine import GradebookLocked
from autograder.gradebook.scores import is_by_hand
from autograder.gradebook.writer import not_read, open_gradebook


def given_scores(url: str) -> list[GivenScores]:
    """Return each submission's scores as nbgrader counts them: manual before automatic, with extra credit.

    A submission with a task that has neither has no score yet, unless only a person could give it one.

    Raises:
        NoGradebook: there is none yet.
        GradingError: it is of an older nbgrader, or it cannot be read.
    """
    engine = open_gradebook(url)
    rows = (
        select(SubmittedAssignment.student_id, Assignment.name, BaseCell.name, BaseCell.notebook_id, Grade)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .options(undefer(Grade.max_score))
        .order_by(SubmittedAssignment.student_id, Assignment.name)
    )
    found: defaultdict[tuple[str, str], list[tuple[str, bool, Grade]]] = defaultdict(list)
    try:
        with Session(engine) as session:
            # A cell that is both graded and an answer is a text for a person.
            answers = {(row.notebook_id, row.name) for row in session.scalars(select(SolutionCell))}
            for student, assignment, cell, notebook, grade in session.execute(rows):
                found[student, assignment].append((cell, (notebook, cell) in answers, grade))
            return [_given(*key, grades) for key, grades in found.items()]
    except (GradebookLocked, SQLAlchemyError) as error:
        raise not_read(engine.url, error) from None
    finally:
        engine.dispose()


def _given(student: str, assignment: str, grades: list[tuple[str, bool, Grade]]) -> GivenScores:
    tasks: defaultdict[str, float] = defaultdict(float)
    for cell, _, grade in grades:
        tasks[cell] += float(grade.score)
    without = [
        (cell, answer, grade)
        for cell, answer, grade in grades
        if grade.manual_score is None and grade.auto_score is None
    ]
    return GivenScores(
        student=student,
        assignment=assignment,
        score=sum(tasks.values()) if all(answer for _, answer, _ in without) else None,
        max_score=sum(float(grade.max_score) for _, _, grade in grades),
        tasks=dict(tasks),
        by_hand=tuple(sorted({cell for cell, _, grade in grades if is_by_hand(grade)})),
        waiting=tuple(sorted({cell for cell, answer, _ in without if answer})),
        pending=sum(float(grade.max_score) for _, answer, grade in without if answer),
    )
