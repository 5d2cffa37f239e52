"""Lets `nbgrader generate_assignment` make the course's own release: the same notebook, byte for byte."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import ClearSolutions as StockClearSolutions
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import CourseError
from autograder.gradebook.configuration import release_language
from autograder.gradebook.releasing import release_in_a_process
from autograder.gradebook.traits import InCourse
from autograder.messages import render, wished_language


class Release(InCourse, NbGraderPreprocessor):
    """A step that puts the released notebook in place of its source, and the due date into the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook that students get.

        Raises:
            NbGraderException: the course or the source notebook is not in order; the log has the sentences.
        """
        about = resources["nbgrader"]
        try:
            course, assignment = self.course, self.course_assignment(about["assignment"])
            if course is None or assignment is None:
                return nb, resources
            files = release_in_a_process(course, assignment, release_language(course))
        except CourseError as error:
            for said in error.messages:
                self.log.error(render(said, wished_language()))
            raise NbGraderException("The source notebook is not in order.") from None
        if assignment.due is not None and not self.parent.parent.no_database:
            with Gradebook(about["db_url"], self.parent.parent.coursedir.course_id) as gradebook:
                gradebook.update_or_create_assignment(assignment.id, duedate=assignment.due)
        name = f"{assignment.id}.ipynb"
        # nbconvert writes these beside the notebook, so nbgrader's exchange gives them to students, too.
        beside = {other: text.encode() for other, text in files.items() if other != name}
        resources["outputs"] = {**resources.get("outputs", {}), **beside}
        return nbformat.reads(files[name], as_version=4), resources


class ClearSolutions(InCourse, StockClearSolutions):
    """nbgrader's own step, for notebooks that are not the course's: a release has its stubs already."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Clear the solutions of a notebook that is not the course's."""
        if self.course_assignment(resources["nbgrader"]["assignment"]) is not None:
            return nb, resources
        return super().preprocess(nb, resources)
