"""Scores in the gradebook: written whole, withdrawn while a submission is graded anew, never over a hand's.

What a person has given, a score or a comment, is read here and written nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from sqlalchemy.orm.attributes import flag_modified


def withdraw(notebook: SubmittedNotebook) -> None:
    """Take back what an automatic grader has given: until new scores stand there, they are pending.

    An old score would otherwise survive wherever a new run fails, and be exported for work that it was not
    given for.
    """
    for grade in notebook.grades:
        grade.auto_score = None
        grade.needs_manual_grade = True
    notebook.late_submission_penalty = None


def enter(notebook: SubmittedNotebook, scores: Mapping[str, float], unanswered: Mapping[str, bool]) -> None:
    """Write the tasks' automatic scores and the answers' automatic comments, as nbgrader's own step does."""
    for grade in notebook.grades:
        if grade.cell.name in scores:
            grade.auto_score = scores[grade.cell.name]
            # A score that a person has given stands; what it was given for may have changed.
            grade.needs_manual_grade = grade.manual_score is not None
            # Written even where it was so already: another grader may have written since this one has read,
            # and what stands there in the end is to be what one of them gave, not some tasks of each.
            flag_modified(grade, "auto_score")
            flag_modified(grade, "needs_manual_grade")
    for comment in notebook.comments:
        comment.auto_comment = "No response." if unanswered.get(comment.cell.name) else None


def withdrawn(url: str, student: str, assignment: str, timestamp: datetime | None) -> None:
    """Withdraw a submission's automatic scores, if the gradebook has any, and note when it was handed in.

    nbgrader leaves an old time where there is none any more, and its penalty with it.
    """
    with Gradebook(url) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return
        submission.timestamp = timestamp
        for notebook in submission.notebooks:
            withdraw(notebook)
        gradebook.db.commit()
