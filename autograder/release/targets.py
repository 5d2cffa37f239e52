"""Shows what learners may know of a solution: its models as pictures and as data, and its starter code.

A notebook's text shows a target as a picture. What `check` shows beside a learner's model, and how it knows
that an answer is still the starter code, is in one file beside the notebooks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course, CourseError, Task
from autograder.course.release import Targets
from autograder.course.source import read_source
from autograder.course.starter import solution, starter, text_digest
from autograder.course.tags import nbgrader
from autograder.importing import import_quietly
from autograder.messages import Language, message
from autograder.release.apart import documents_of
from autograder.release.solving import Probes, code_cells, models_in

if TYPE_CHECKING:
    from autograder.graph import Graph


LEFT_TO_THE_LEARNER = ("strides", "padding")
"""Settings that an outline's picture in a text leaves out: learners can work them out from the shapes."""


def targets(course: Course) -> Targets:
    """Return a course's targets; each source notebook is run once, when it is first needed."""
    return _Solved(course)


class _Solved:
    """The targets as the solutions make them."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._solved: dict[str, Mapping[str, dict[str, Any]]] = {}

    def __call__(self, assignment: Assignment, task_id: str, language: Language) -> str:
        """Return the target of a task as SVG in plain colours, as far as it may be shown.

        Raises:
            CourseError: the solution stops with an error, the task builds no model, or it shows nothing.
        """
        # Graphs need Keras, which takes seconds to import, so only a notebook with a picture waits for it.
        import_quietly(("keras",))
        from autograder.graph import draw

        task = assignment.task(task_id)
        if task.target == "nothing":
            raise CourseError(
                message(
                    "{file}: a text shows the target of `{task}`, although `course.yml` says that "
                    "nothing of it is shown; take the picture out, or write `target: outline` or "
                    "`target: everything` there.",
                    file=self._place(assignment),
                    task=task_id,
                )
            )
        graph = self._solved_graphs(assignment, task)[0]
        if task.target == "outline":
            # The text describes its picture, except for what is to be found out.
            graph = _without(graph, LEFT_TO_THE_LEARNER)
        return draw(graph, language=language, title=task.title.in_language(language), themes=False)

    def tasks(self, assignment: Assignment) -> Mapping[str, Any]:
        """Return what `check` knows of an assignment's tasks in a learner's kernel.

        Raises:
            CourseError: the solution stops with an error, or a task that shows its target builds no model.
        """
        from autograder.graph import plain

        traces = _starter_traces(self._course, assignment)
        cells = _starter_cells(self._course, assignment)
        tasks: dict[str, dict[str, Any]] = {}
        for task in assignment.tasks:
            tasks[task.id] = {
                "starter": traces.get(task.id),
                "cell": cells.get(task.id),
                "target": None,
            }
            if task.target != "nothing":
                graphs = [plain(graph) for graph in self._graphs(assignment, task)]
                tasks[task.id]["target"] = {"shows": task.target, "graphs": graphs}
        return tasks

    def _graphs(self, assignment: Assignment, task: Task) -> list[Graph]:
        """Return what a task's solution builds, as far as it may be shown."""
        from autograder.graph import outline

        graphs = self._solved_graphs(assignment, task)
        return [outline(graph) for graph in graphs] if task.target == "outline" else graphs

    def _solved_graphs(self, assignment: Assignment, task: Task) -> list[Graph]:
        """Return what a task's solution builds, at least one model, without what it is compiled with."""
        from autograder.graph import canonical, chosen_names, read_model, with_shapes

        if assignment.id not in self._solved:
            cells = read_source(self._course, assignment).cells
            solved = code_cells(cells, solution)
            self._solved[assignment.id] = documents_of(self._course, assignment, solved, _probes(assignment))
        models = models_in(self._solved[assignment.id].get(task.id, {}))
        if not models:
            raise CourseError(
                message(
                    "{file}: the task `{task}` builds no model, so it has no target to be drawn.",
                    file=self._place(assignment),
                    task=task.id,
                )
            )
        return [
            replace(chosen_names(canonical(with_shapes(read_model(model)))), compiled=None)
            for model in models
        ]

    def _place(self, assignment: Assignment) -> str:
        return self._course.source(assignment).relative_to(self._course.root).as_posix()


def _starter_traces(course: Course, assignment: Assignment) -> Mapping[str, str]:
    """Return the trace of each task's starter code that leaves anything at all."""
    import_quietly(("keras",))
    from autograder.checks import read_subject, trace
    from autograder.evidence import read

    cells = code_cells(read_source(course, assignment).cells, starter)
    documents = documents_of(course, assignment, cells, _probes(assignment), starter=True)
    return {
        task_id: trace(read_subject(task_id, [read(json.dumps(document))], assignment.task(task_id).requests))
        for task_id, document in documents.items()
    }


def _starter_cells(course: Course, assignment: Assignment) -> Mapping[str, str]:
    """Return the digest of the starter code above each check."""
    found: dict[str, str] = {}
    above = ""
    for cell, source in code_cells(read_source(course, assignment).cells, starter):
        if nbgrader(cell).get("solution"):
            above = text_digest(source)
        elif nbgrader(cell).get("grade"):
            found[nbgrader(cell)["grade_id"]] = above
    return found


def _probes(assignment: Assignment) -> Probes:
    return {task.id: task.requests for task in assignment.tasks}


def _without(graph: Graph, settings: Collection[str]) -> Graph:
    """Return the graph without those settings of its operations."""
    operations = {
        number: replace(
            operation,
            settings={name: value for name, value in operation.settings.items() if name not in settings},
        )
        for number, operation in graph.operations.items()
    }
    return replace(graph, operations=operations)
