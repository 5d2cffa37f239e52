"""Makes a task's report from its checks' results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.checks import CheckDefinition, CheckReport, Grader, Result, Subject
from autograder.course import Task
from autograder.feedback.report import Drawing, Target, TaskReport
from autograder.graph import Difference, outline, plain, plain_difference


def task_report(
    task: Task, grader: Grader, results: Mapping[str, Result], subject: Subject, *, attempted: bool = True
) -> TaskReport:
    """Return a task's report from its checks' results."""
    checks = [_check_report(definition, results[definition.id]) for definition in grader.of_task(task.id)]
    score = min(task.points, sum(check.score for check in checks))
    lost = score < task.points
    shown, differences = subject.picture() if lost and attempted else (None, ())
    differs = bool(differences) or shown is None
    if shown is None:
        shown = next((index for index, model in enumerate(subject.models) if model.graph is not None), None)
    return TaskReport(
        id=task.id,
        title=task.title,
        points=task.points,
        score=score,
        checks=checks,
        attempted=attempted or not lost,
        drawing=_drawing(subject, shown, differences),
        # Two pictures of the same thing would only say that the mistake is not in them.
        target=_target(task, subject, shown or 0) if lost and (not attempted or differs) else None,
    )


def _check_report(definition: CheckDefinition, result: Result) -> CheckReport:
    points = definition.marking.points
    return CheckReport(
        id=definition.id,
        title=definition.title,
        public=definition.public,
        verdict=result.verdict,
        points=points,
        score=points if result.verdict == "passed" else 0.0,
        failure=result.failure,
    )


def _drawing(subject: Subject, index: int | None, differences: Sequence[Difference]) -> Drawing | None:
    """Return the learner's graph as a drawing, with its differences from the wanted one marked."""
    graph = subject.models[index].graph if index is not None else None
    if graph is None:
        return None
    return Drawing(
        graph=plain(graph), differences=[plain_difference(difference) for difference in differences]
    )


def _target(task: Task, subject: Subject, index: int) -> Target | None:
    """Return what is wanted in place of the `index`-th model, as far as the task lets it be shown."""
    graph = subject.target(index)
    if graph is None or task.target == "nothing":
        return None
    # No picture shows how a model is compiled.
    shown = replace(outline(graph) if task.target == "outline" else graph, compiled=None)
    return Target(graph=plain(shown), shows=task.target)
