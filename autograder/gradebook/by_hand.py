"""Marks the cards of tasks that a person has scored: they say so at their head, with the score that counts.

An autograded notebook is as old as its grading, and what a person gives comes later. So nbgrader's pages,
feedback and Formgrader's grading view, look into the gradebook when they are made.
"""

from __future__ import annotations

from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook

from autograder.course.tags import nbgrader
from autograder.feedback.card import with_given_score
from autograder.gradebook.autograded import card_of
from autograder.gradebook.scores import is_by_hand
from autograder.messages import wished_language


class ScoresByHand(Preprocessor):
    """A preprocessor that writes a person's scores into the cards of a notebook that is about to be shown."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Write a person's scores into the cards, where the page shows a submission in a gradebook."""
        cards = {name: card for cell in nb.cells if (card := _card(cell)) and (name := _name(cell))}
        if not cards or not {"nbgrader", "submission_id"} & resources.keys():
            return nb, resources
        about = nb.metadata.get("autograder", {})
        language = about.get("language") if isinstance(about, dict) else None
        with Gradebook(self._url(resources)) as gradebook:
            try:
                notebook = _submission(gradebook, resources)
            except MissingEntry:
                return nb, resources
            for grade in notebook.grades:
                card = cards.get(grade.cell.name)
                if card is not None and is_by_hand(grade):
                    card.data["text/html"] = with_given_score(
                        card.data["text/html"],
                        score=grade.score,
                        automatic=grade.auto_score,
                        points=grade.max_score,
                        language=language if isinstance(language, str) else wished_language(),
                    )
        return nb, resources

    def _url(self, resources: dict[str, Any]) -> str:
        if "nbgrader" in resources:
            return str(resources["nbgrader"]["db_url"])
        return str(self.config.CourseDirectory.db_url)


def _submission(gradebook: Gradebook, resources: dict[str, Any]) -> SubmittedNotebook:
    """Return the submission that a page shows: feedback names it by its student, Formgrader by its id."""
    about = resources.get("nbgrader")
    if about is not None:
        return gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
    return gradebook.find_submission_notebook_by_id(resources["submission_id"])


def _name(cell: NotebookNode) -> str:
    return str(nbgrader(cell).get("grade_id", ""))


def _card(cell: NotebookNode) -> NotebookNode | None:
    return card_of(cell) if cell.cell_type == "code" and nbgrader(cell).get("grade") else None
