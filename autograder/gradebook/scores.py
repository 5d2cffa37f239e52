"""Writes scores into the gradebook: whole, never over manual ones, withdrawn while a submission is regraded.

What a person has given, a score or a comment, is read here and never written. A manual score is flagged for
another look where what it was given for has changed: the notebook, or the automatic score in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Grade, Gradebook, MissingEntry, Student, SubmittedNotebook
from sqlalchemy.orm.attributes import flag_modified

from autograder.gradebook.roster import Listed


@dataclass(frozen=True)
class Earlier:
    """What the gradebook had of a submission before it was graded again.

    `scores` and `flagged` are, by graded cell, the automatic scores and whether each waits for a person.
    """

    scores: Mapping[str, float | None] = field(default_factory=dict)
    flagged: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, notebook: SubmittedNotebook) -> Earlier:
        """Return what the gradebook has of a notebook now."""
        return cls(
            {grade.cell.name: grade.auto_score for grade in notebook.grades},
            {grade.cell.name: bool(grade.needs_manual_grade) for grade in notebook.grades},
        )

    def asks_for_a_look(self, grade: Grade, score: float | None, *, same_notebook: bool) -> bool:
        """Return whether a person should look at a grade that now has that automatic score.

        A text that a person has graded has none, and remains valid as long as the notebook is the same.
        """
        if grade.manual_score is None:
            return score is None
        name = grade.cell.name
        stands = same_notebook and self.scores.get(name) == score
        return not stands or self.flagged.get(name, True)


_LONGEST = 128
"""How many characters nbgrader's columns for names have room for."""


def introduce(student: Student, listed: Listed | None) -> None:
    """Give a student's row the name and address that the roster has, where it has none.

    What an instructor has entered in Formgrader stays.
    """
    if listed is None:
        return
    if not student.first_name and not student.last_name:
        first, last = listed.first_and_last
        student.first_name, student.last_name = first[:_LONGEST] or None, last[:_LONGEST] or None
    if not student.email:
        student.email = listed.email[:_LONGEST] or None


def is_by_hand(grade: Grade) -> bool:
    """Return whether a person has given another score than the grader, or extra credit."""
    other = grade.manual_score is not None and grade.manual_score != grade.auto_score
    return other or bool(grade.extra_credit)


def withdraw(notebook: SubmittedNotebook) -> None:
    """Withdraw what an automatic grader has given: the scores are pending until there are new ones.

    Otherwise an old score would survive wherever a new run fails, and be exported for work that it was not
    given for.
    """
    for grade in notebook.grades:
        grade.auto_score = None
        grade.needs_manual_grade = True
    notebook.late_submission_penalty = None


def enter(
    notebook: SubmittedNotebook,
    scores: Mapping[str, float | None],
    unanswered: Mapping[str, bool],
    *,
    same_notebook: bool,
) -> None:
    """Write the tasks' automatic scores and the answers' automatic comments, as nbgrader's own step does.

    A score of None waits for a person. `same_notebook` says whether the scores that are there now are of the
    same notebook.
    """
    earlier = Earlier.of(notebook)
    for grade in notebook.grades:
        if grade.cell.name in scores:
            score = scores[grade.cell.name]
            grade.auto_score = score
            grade.needs_manual_grade = earlier.asks_for_a_look(grade, score, same_notebook=same_notebook)
            # Written even where nothing changes: another grader may have written since this one read, and
            # in the end all scores must be those that one of them gave, not some from each.
            flag_modified(grade, "auto_score")
            flag_modified(grade, "needs_manual_grade")
    for comment in notebook.comments:
        comment.auto_comment = "No response." if unanswered.get(comment.cell.name) else None


def withdrawn(
    url: str, student: str, assignment: str, timestamp: datetime | None, listed: Listed | None = None
) -> Earlier:
    """Withdraw a submission's automatic scores, if the gradebook has any, and note when it was handed in.

    Returns what the gradebook had until now. `listed` is the student's line of the roster, if there is one.
    Where there is no time any more, nbgrader would leave the old one, and its penalty with it.
    """
    earlier = Earlier()
    with Gradebook(url) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return earlier
        submission.timestamp = timestamp
        introduce(submission.student, listed)
        for notebook in submission.notebooks:
            if notebook.name == assignment:
                earlier = Earlier.of(notebook)
            withdraw(notebook)
        gradebook.db.commit()
    return earlier
