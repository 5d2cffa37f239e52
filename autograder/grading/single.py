"""Grades one notebook that is named by its path or its assignment."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.course import Course
from autograder.grading.grade import GradedSubmission
from autograder.grading.isolation import choose_isolation
from autograder.grading.session import GradingSession
from autograder.grading.submission import (
    GradingError,
    Submission,
    UnreadableNotebook,
    assignment_of,
    load_notebook,
)
from autograder.messages import Language, message


def notebook_of(course: Course, target: str, language: Language) -> Submission:
    """Return the notebook that `target` names: a path, or an assignment's id for the copy in `assignments/`.

    Raises:
        GradingError: there is no such notebook, or it belongs to no assignment of the course.

    >>> from autograder.course import load_course
    >>> from autograder.grading import notebook_of
    >>> notebook_of(load_course("course.yml"), "u-net", "en").path.name
    'u-net.ipynb'
    """
    known = {assignment.id: assignment for assignment in course.assignments}
    if target in known and not os.path.isfile(target):
        return Submission("", target, course.released(known[target], language))
    path = Path(target)
    # `Path.is_file` would raise for a name that no system accepts.
    if not os.path.isfile(path):
        raise GradingError(
            message(
                "`{target}` is neither a notebook nor an assignment of the course; it has {known}.",
                target=target,
                known=", ".join(f"`{name}`" for name in known),
            )
        )
    for name in (path.stem, path.resolve().parent.name, _owner(course, path)):
        if name in known:
            return Submission("", name, path)
    raise GradingError(
        message(
            "{file} belongs to no assignment: name it after one of {known}.",
            file=path.name,
            known=", ".join(f"`{name}`" for name in known),
        )
    )


def _owner(course: Course, path: Path) -> str:
    """Return the assignment that the notebook's cells show, empty where they show none."""
    try:
        return assignment_of(load_notebook(path).notebook, course) or ""
    except UnreadableNotebook as problem:
        raise GradingError(problem.message) from problem


def readable(submission: Submission) -> None:
    """Raise GradingError where the notebook cannot be read."""
    try:
        load_notebook(submission.path)
    except UnreadableNotebook as problem:
        raise GradingError(problem.message) from problem


def grade_notebook(course: Course, submission: Submission, *, unsafe: bool = False) -> GradedSubmission:
    """Grade one notebook, and return its report.

    Raises:
        CourseError, GradingError: the notebook cannot be read, or cannot be graded safely.
        SandboxError: the warm interpreter cannot be started.

    >>> from autograder.course import load_course
    >>> from autograder.grading import grade_notebook, notebook_of
    >>> course = load_course("course.yml")
    >>> report = grade_notebook(course, notebook_of(course, "u-net", "en")).report
    >>> report.outcome, report.score, report.max_score
    ('graded', 0.0, 10.0)
    >>> [task.attempted for task in report.tasks]
    [False, False, False]
    """
    readable(submission)
    with GradingSession.open(course, choose_isolation(course, unsafe=unsafe)) as session:
        return session.grade(submission)
