"""What learners may know of a solution beforehand: its models as pictures and as data, and its starter code.

A notebook's text shows a target as a picture. What `check` shows beside a learner's model, and how it knows
that an answer is still the starter code, lies in one file beside the notebooks.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course, CourseError, Task
from autograder.course.release import Targets
from autograder.course.source import read_source
from autograder.course.starter import solution, starter, text_digest
from autograder.course.tags import nbgrader
from autograder.grading.scheme import public_probes
from autograder.messages import Language, message
from autograder.sandbox import import_quietly

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from autograder.graph import Graph


LEFT_TO_THE_LEARNER = ("strides", "padding")
"""Settings that the picture of an outline in a text leaves out: its shapes tell them to whoever thinks."""


class _Evidence:
    """Keeps what the solution's `check` calls leave, by task."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    def record(self, document: dict[str, Any]) -> None:
        self.documents[document["task"]] = document


def targets(course: Course) -> Targets:
    """A course's targets; each source notebook is run once, when it is first needed."""
    return _Solved(course)


class _Solved:
    """The targets as the solutions make them."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._solved: dict[str, Mapping[str, dict[str, Any]]] = {}

    def __call__(self, assignment: Assignment, task_id: str, language: Language) -> str:
        """The target of a task as SVG in plain colours, as far as it may be shown.

        Raises:
            CourseError: the solution stops with an error, the task builds no model, or it shows nothing.
        """
        # Graphs need Keras, which takes seconds to import: only a notebook with a picture pays for it.
        from autograder.graph import draw

        task = assignment.task(task_id)
        if task.target == "nothing":
            raise CourseError(
                message(
                    "{file}: a text shows the target of `{task}`, of which `course.yml` shows nothing.",
                    file=self._place(assignment),
                    task=task_id,
                )
            )
        graph = self._solved_graphs(assignment, task)[0]
        if task.target == "outline":
            # A text says what is in its picture; what there is to be found out is not.
            graph = _without(graph, LEFT_TO_THE_LEARNER)
        return draw(graph, language=language, title=task.title.in_language(language), themes=False)

    def document(self, assignment: Assignment) -> str:
        """What `check` knows of an assignment's tasks in a learner's kernel, as the text of its file.

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
        return json.dumps({"version": 1, "tasks": tasks}, ensure_ascii=False, separators=(",", ":")) + "\n"

    def _graphs(self, assignment: Assignment, task: Task) -> list[Graph]:
        """What a task's solution builds, as far as it may be shown."""
        from autograder.graph import outline

        graphs = self._solved_graphs(assignment, task)
        return [outline(graph) for graph in graphs] if task.target == "outline" else graphs

    def _solved_graphs(self, assignment: Assignment, task: Task) -> list[Graph]:
        """What a task's solution builds, and not what it is compiled with; there is one at least."""
        from autograder.graph import canonical, chosen_names, read_model, with_shapes

        if assignment.id not in self._solved:
            self._solved[assignment.id] = _solve(self._course, assignment)
        models = _models(self._solved[assignment.id].get(task.id, {}))
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


def _solve(course: Course, assignment: Assignment) -> Mapping[str, dict[str, Any]]:
    """Runs the code of a source notebook up to its last graded cell, and returns its evidence by task."""

    def stopped(cell_id: str, error: Exception) -> None:
        raise CourseError(
            message(
                "{file}: cell `{cell}` of the solution fails with {error}.",
                file=course.source(assignment).relative_to(course.root).as_posix(),
                cell=cell_id,
                error=f"{type(error).__name__}: {error}".split("\n")[0].rstrip("."),
            )
        ) from error

    return _run(assignment, _code(course, assignment, solution), stopped)


def _starter_traces(course: Course, assignment: Assignment) -> Mapping[str, str]:
    """The trace of each task's starter code, where it leaves anything at all."""
    from autograder.checks import read_subject, trace
    from autograder.evidence import read

    # Starter code may stop with an error: it is there to be mended.
    documents = _run(assignment, _code(course, assignment, starter), lambda _cell, _error: None)
    return {
        task_id: trace(read_subject(task_id, [read(json.dumps(document))]))
        for task_id, document in documents.items()
    }


def _starter_cells(course: Course, assignment: Assignment) -> Mapping[str, str]:
    """The digest of the starter code above each check."""
    found: dict[str, str] = {}
    above = ""
    for cell, source in _code(course, assignment, starter):
        if nbgrader(cell).get("solution"):
            above = text_digest(source)
        elif nbgrader(cell).get("grade"):
            found[nbgrader(cell)["grade_id"]] = above
    return found


def _code(
    course: Course, assignment: Assignment, answer: Callable[[str], str]
) -> Iterable[tuple[NotebookNode, str]]:
    """The code cells of a source notebook up to its last graded one, each with its text.

    `answer` makes the text of an answer: `solution` or `starter`.
    """
    cells = read_source(course, assignment).cells
    last = max(number for number, cell in enumerate(cells) if nbgrader(cell).get("grade"))
    for cell in cells[: last + 1]:
        if cell.cell_type == "code":
            yield cell, answer(cell.source) if nbgrader(cell).get("solution") else cell.source


def _run(
    assignment: Assignment,
    cells: Iterable[tuple[NotebookNode, str]],
    stopped: Callable[[str, Exception], None],
) -> Mapping[str, dict[str, Any]]:
    """The evidence that those cells leave, by task; `stopped` is told of a cell that stops with an error.

    They run in this process: what is run is the author's own code.
    """
    import_quietly(("keras",))
    from autograder.evidence import recorder

    evidence = _Evidence()
    names: dict[str, Any] = {"__name__": "__main__"}
    recorder.install(evidence, {task.id: public_probes(task) for task in assignment.tasks})
    try:
        for cell, source in cells:
            try:
                # What they print is nobody's: a command may be writing a document.
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(source, f"<{assignment.id}: {cell.id}>", "exec"), names)
            except Exception as error:
                stopped(cell.id, error)
    finally:
        recorder.install(None)
    return evidence.documents


def _models(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The models in a document of evidence: what the function built, or what was handed in."""
    values = [probe["result"] for probe in document.get("probes", ())] or document.get("arguments", ())
    return [value["model"] for value in values if value and value["kind"] == "model"]


def _without(graph: Graph, settings: Collection[str]) -> Graph:
    """The graph with those settings of its operations left out."""
    operations = {
        number: replace(
            operation,
            settings={name: value for name, value in operation.settings.items() if name not in settings},
        )
        for number, operation in graph.operations.items()
    }
    return replace(graph, operations=operations)
