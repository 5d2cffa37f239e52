"""Makes a line for each task of an assignment: its points by its public checks, and what they lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.checks import Grader, GraderFile, grader_of
from autograder.course import Assignment
from autograder.course.learners import place_of_task
from autograder.feedback import words
from autograder.feedback.summary import first_failed, in_short
from autograder.messages import Language, Message, clean, message, render

if TYPE_CHECKING:
    from autograder.study.notebook import Card

_LONGEST = 2_000
_NOT_CHECKED = message("This task was not checked: its cell did not run to its end.")
_NOT_ATTEMPTED = message("Not attempted yet")


@dataclass(frozen=True)
class Row:
    """A task's points by its public checks, and why they have not passed; None where they have.

    `card` is what its cell showed. `undecided` says why the task has no points yet, whatever its score: a
    person grades it, and the points are then all of the task's, or a check of ours has failed.
    """

    task: str
    title: str
    score: float
    points: float
    why: str | None = None
    card: Card | None = None
    undecided: Message | None = None


def rows_of(
    assignment: Assignment, cards: Mapping[str, Card], language: Language, instead: Message | None = None
) -> list[Row]:
    """Return a row for each task; `instead` is why nothing was checked.

    Raises:
        AutograderError: the checks that were given out are missing or not in order.
    """
    grader = _grader(assignment, language) if assignment.checked else None
    rows = []
    for task in assignment.tasks:
        title = clean(task.title.in_language(language))
        if task.by_hand or grader is None:
            points = message("{points} points pending", points=round(task.points, 2))
            pending = Message(
                text="{graded}: {points}", values={"graded": words.TO_BE_GRADED, "points": points}
            )
            rows.append(Row(task.id, title, 0.0, task.points, undecided=pending))
            continue
        card = cards.get(task.id)
        worth = sum(check.marking.points for check in grader.of_task(task.id) if check.public)
        score = sum(check.score for check in card.report.checks) if card is not None else 0.0
        broken = card is not None and any(check.verdict == "broken" for check in card.report.checks)
        why = _why(card, language) if instead is None else render(instead, language)
        if broken:
            why = render(words.BROKEN, language)
        rows.append(
            Row(task.id, title, score, worth, why, card, words.VERDICTS["broken"] if broken else None)
        )
    return rows


def _grader(assignment: Assignment, language: Language) -> Grader:
    """Return an assignment's public checks, as they were given out beside the notebook."""
    checks, folder = place_of_task(assignment.checked[0].id).checks(assignment, language)
    file = GraderFile(folder / f"test_{assignment.module}.py", checks.grader, public=True)
    return grader_of(assignment.id, [file], checks.translations)


def _why(card: Card | None, language: Language) -> str | None:
    """Return why a task's public checks have not passed, in short; None where they have."""
    if card is None:
        return render(_NOT_CHECKED, language)
    if not card.report.attempted:
        return render(_NOT_ATTEMPTED, language)
    failed = first_failed(card.report.checks)
    if failed is None:
        return None
    said = in_short(failed.failure) if failed.failure is not None else failed.title
    return clean(render(said, language), _LONGEST)
