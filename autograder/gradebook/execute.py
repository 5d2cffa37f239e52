"""Holds nbgrader's autograde steps that are ours: the run in the sandbox, and the saving of its scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, SaveAutoGrades

from autograder.course.tags import is_by_hand, nbgrader
from autograder.gradebook.autograded import card_of
from autograder.gradebook.client import GradingClient, NotGraded
from autograder.gradebook.scores import Earlier
from autograder.gradebook.traits import InCourse
from autograder.messages import render, wished_language


class SandboxExecute(InCourse, Execute):
    """A step that runs a submission in the sandbox and judges it, instead of starting a kernel.

    What runs is the notebook as it was handed in. An assignment that is not of the course is run by
    nbgrader's own step, in a kernel and without isolation, with a warning.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the autograded notebook of the submission that `resources` name.

        Raises:
            NotGraded: the grader itself failed; the submission's scores stay pending.
        """
        about = resources["nbgrader"]
        course, assignment = self.course, self.course_assignment(about["assignment"])
        if course is None or assignment is None:
            if course is not None:
                self.log.warning(
                    "%s is not in course.yml: nbgrader runs it itself, in a kernel and without isolation.",
                    about["assignment"],
                )
            return super().preprocess(nb, resources, km)
        # The parents are the exporter, then the converter, which knows the folders.
        folders = self.parent.parent.coursedir
        place = folders.format_path(folders.submitted_directory, about["student"], about["assignment"])
        try:
            text = GradingClient.of(course).grade(assignment.id, about["student"], Path(place))
        except NotGraded as problem:
            for said in problem.messages:
                self.log.error("%s: %s", about["student"], render(said, wished_language()))
            raise
        return nbformat.reads(text, as_version=4), resources


class SaveScores(InCourse, SaveAutoGrades):
    """A step that saves the scores that the sandbox's run left, and takes nothing else for a score."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Save a graded cell's score; a cell without our own score stays pending."""
        ours = self.course_assignment(resources["nbgrader"]["assignment"]) is not None
        # nbgrader tells by a text's checksum whether the text is worth nothing or waits for a person.
        scored = nbgrader(cell).get("grade") and not is_by_hand(cell)
        if ours and scored and card_of(cell) is None:
            # nbgrader gives full marks to a cell without a result.
            self.log.warning("%s was not graded; its score is pending.", nbgrader(cell)["grade_id"])
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Save every score of a notebook."""
        about = resources["nbgrader"]
        graded_before = getattr(self.parent.parent, "graded_before", {})
        before = graded_before.get((about["student"], about["assignment"]))
        self._same = before is not None and nb.metadata.get("autograder", {}).get("digest") == before
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        """Save a score; nbgrader would flag every manual score, even where nothing has changed."""
        super()._add_score(cell, resources)
        grade = self.gradebook.find_grade(
            nbgrader(cell)["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        earlier: Earlier = self.parent.earlier
        grade.needs_manual_grade = earlier.asks_for_a_look(grade, grade.auto_score, same_notebook=self._same)
        self.gradebook.db.commit()
