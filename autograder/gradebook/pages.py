"""Makes the page that a learner gets back by `nbgrader generate_feedback`, offline and without scripts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from autograder.course import Assignment, Course
from autograder.feedback.card import context, style_sheet
from autograder.gradebook.configuration import release_language
from autograder.gradebook.engine import share_engines
from autograder.gradebook.stale import MARK, FeedbackPage, make_stale_anew
from autograder.gradebook.traits import InCourse
from autograder.grading import language_of

TEMPLATES = Path(__file__).with_name("templates")
TEMPLATE = "course-feedback"


class FeedbackExporter(InCourse, HTMLExporter):
    """An exporter of feedback on the course's assignments by its own template; on others by nbgrader's."""

    def __init__(self, *, config: Config | None = None, **settings: Any) -> None:
        # nbgrader's converter sets its own template for every HTMLExporter.
        own = Config()
        own.FeedbackExporter.template_name = TEMPLATE
        own.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        merged = Config(config or {})
        merged.merge(own)
        super().__init__(config=merged, **settings)
        if isinstance(self.parent, GenerateFeedback):
            share_engines()
            course = self.course
            make_stale_anew(self.parent, [known.id for known in course.assignments] if course else [])

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Export a notebook, as nbconvert's exporters do."""
        resources = {} if resources is None else resources
        course, assignment = self.course, self.course_assignment(resources["nbgrader"]["assignment"])
        if course is None or assignment is None:
            return self._stock().from_notebook_node(nb, resources, **kw)
        resources["autograder"] = {
            **_about(course, assignment, nb),
            **self._in_gradebook(resources["nbgrader"]),
        }
        nb = _without_title(nb, resources["autograder"]["title"])
        return super().from_notebook_node(nb, resources, **kw)

    def _in_gradebook(self, submission: dict[str, Any]) -> dict[str, Any]:
        """Return what the page is made of, and which graded cells have no score yet."""
        page = FeedbackPage.of(self.parent.coursedir, submission["student"], submission["assignment"])
        with Gradebook(submission["db_url"]) as gradebook:
            notebook = gradebook.find_submission_notebook(
                submission["notebook"], submission["assignment"], submission["student"]
            )
            # nbgrader itself would show such a score as 0.
            pending = [
                grade.cell.name
                for grade in notebook.grades
                if grade.auto_score is None and grade.manual_score is None
            ]
            return {"made_of": page.made_of(gradebook.db), "pending": pending}

    def _stock(self) -> HTMLExporter:
        exporter = HTMLExporter(parent=self.parent, config=self.parent.config)
        for step in self.parent.preprocessors:
            exporter.register_preprocessor(step)
        return exporter


def _without_title(nb: NotebookNode, title: str) -> NotebookNode:
    """Return the notebook without its own title, which the page has as its heading."""
    copy = nbformat.from_dict(nb)
    for cell in copy.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            heading, _, rest = cell.source.partition("\n")
            if heading.removeprefix("# ").strip() == title:
                cell.source = rest.lstrip("\n")
                break
    return copy


def _about(course: Course, assignment: Assignment, nb: NotebookNode) -> dict[str, Any]:
    """Return what the template needs of the course for a submission."""
    language = language_of(nb.metadata) or release_language(course)
    return {
        "language": language,
        "title": assignment.title.in_language(language),
        "titles": {task.id: task.title.in_language(language) for task in assignment.tasks},
        "styles": style_sheets(),
        "mark": MARK,
        "say": context(language)["say"],
    }


@cache
def style_sheets() -> Markup:
    """Return the style sheets of a feedback page."""
    own = (TEMPLATES / TEMPLATE / "notebook.css").read_text(encoding="utf-8")
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    code = f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"
    code += ".highlight { background: none; }\n"
    return style_sheet("card.css") + style_sheet("page.css") + Markup(code) + Markup(own)
