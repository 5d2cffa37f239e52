"""The pictures of a notebook's targets: what its own solution builds, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course, CourseError
from autograder.course.release import Draw
from autograder.course.source import read_source
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from autograder.messages import Language, message
from autograder.sandbox import import_quietly

if TYPE_CHECKING:
    from autograder.graph import Graph

LEFT_TO_THE_LEARNER = ("strides", "padding")
"""Settings that a target's picture leaves out: its shapes tell them to whoever thinks."""


class _Evidence:
    """Keeps what the solution's `check` calls leave, by task."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    def record(self, document: dict[str, Any]) -> None:
        self.documents[document["task"]] = document


def targets(course: Course) -> Draw:
    """What draws the target graph of a task; each source notebook is run once, when it is first needed."""
    solved: dict[str, Mapping[str, dict[str, Any]]] = {}

    def draw_target(assignment: Assignment, task_id: str, language: Language) -> str:
        # Graphs need Keras, which takes seconds to import: only a notebook with a picture pays for it.
        from autograder.graph import canonical, draw, read_model, with_shapes

        if assignment.id not in solved:
            solved[assignment.id] = _solve(course, assignment)
        model = _model(solved[assignment.id].get(task_id, {}))
        if model is None:
            raise CourseError(
                message(
                    "{file}: the task `{task}` builds no model, so it has no target to be drawn.",
                    file=course.source(assignment).relative_to(course.root).as_posix(),
                    task=task_id,
                )
            )
        title = assignment.task(task_id).title.in_language(language)
        graph = with_shapes(canonical(read_model(model)))
        return draw(_without(graph, LEFT_TO_THE_LEARNER), language=language, title=title)

    return draw_target


def _solve(course: Course, assignment: Assignment) -> Mapping[str, dict[str, Any]]:
    """Runs the code of a source notebook up to its last graded cell, and returns its evidence by task.

    It runs in this process: a solution is the author's own code.
    """
    import_quietly(("keras",))
    from autograder.evidence import recorder

    probes = {
        task.id: [[item.request for item in probe] for probe in task.probes[:1]] for task in assignment.tasks
    }
    evidence = _Evidence()
    names: dict[str, Any] = {"__name__": "__main__"}
    recorder.install(evidence, probes)
    try:
        cells = read_source(course, assignment).cells
        last = max(number for number, cell in enumerate(cells) if nbgrader(cell).get("grade"))
        for cell in cells[: last + 1]:
            if cell.cell_type != "code":
                continue
            source = solution(cell.source) if nbgrader(cell).get("solution") else cell.source
            try:
                exec(compile(source, f"<{assignment.id}: {cell.id}>", "exec"), names)
            except Exception as error:
                raise CourseError(
                    message(
                        "{file}: cell `{cell}` of the solution fails with {error}.",
                        file=course.source(assignment).relative_to(course.root).as_posix(),
                        cell=cell.id,
                        error=f"{type(error).__name__}: {error}".split("\n")[0].rstrip("."),
                    )
                ) from error
    finally:
        recorder.install(None)
    return evidence.documents


def _model(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The model in a document of evidence: what the function built, or what was handed in."""
    for value in [probe["result"] for probe in document.get("probes", ())] + list(
        document.get("arguments", ())
    ):
        if value and value["kind"] == "model":
            model: dict[str, Any] = value["model"]
            return model
    return None


def _without(graph: Graph, settings: Sequence[str]) -> Graph:
    """The graph with those settings of its operations left out."""
    operations = {
        number: replace(
            operation,
            settings={name: value for name, value in operation.settings.items() if name not in settings},
        )
        for number, operation in graph.operations.items()
    }
    return replace(graph, operations=operations)
