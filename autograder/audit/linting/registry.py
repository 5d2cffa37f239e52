"""Rules for an assignment's entry in `course.yml`, beyond what loading it demands."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.audit.linting.finding import REGISTRY, Finding
from autograder.audit.linting.prose import in_language
from autograder.course import Assignment, Course, Task
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from autograder.messages import Localized, message

# A shorter line (`x = 2`) may well appear in a hint by chance.
_TELLING = 8


def registry_findings(course: Course, assignment: Assignment, source: NotebookNode) -> Iterator[Finding]:
    """Yield what is wrong with an assignment's points, titles and hints."""
    rules = course.rules
    if rules.points is not None and assignment.points != rules.points:
        fault = message(
            "`{id}` is worth {found} points; every assignment is worth {wanted}.",
            id=assignment.id,
            found=f"{assignment.points:g}",
            wanted=f"{rules.points:g}",
        )
        yield REGISTRY.finding("points", fault)
    if rules.tasks is not None and not rules.tasks[0] <= len(assignment.tasks) <= rules.tasks[1]:
        fault = message(
            "`{id}` has {found} tasks; it should have {least} to {most}.",
            id=assignment.id,
            found=len(assignment.tasks),
            least=rules.tasks[0],
            most=rules.tasks[1],
        )
        yield REGISTRY.finding("tasks", fault)
    titles = [(assignment.id, assignment.title), *((task.id, task.title) for task in assignment.tasks)]
    for name, title in titles:
        for language in course.languages:
            if not in_language(title.in_language(language), language):
                fault = message(
                    "the title of `{id}` in `{language}` is “{found}”; it should be in that language.",
                    id=name,
                    language=language,
                    found=title.in_language(language),
                )
                yield REGISTRY.finding("languages", fault)
    answers = (cell.source for cell in source.cells if nbgrader(cell).get("solution"))
    lines = {line.strip() for answer in answers for line in solution(answer).split("\n")}
    telling = sorted(line for line in lines if len(line) > _TELLING)
    for task in assignment.tasks:
        yield from _hints(course, task, telling)


def _hints(course: Course, task: Task, telling: list[str]) -> Iterator[Finding]:
    if course.rules.hints is not None and len(task.hints) != course.rules.hints:
        fault = message(
            "the task `{task}` has {found} hints; it should have {wanted}.",
            task=task.id,
            found=len(task.hints),
            wanted=course.rules.hints,
        )
        yield REGISTRY.finding("hints", fault)
    for number, hint in enumerate(task.hints, start=1):
        yield from _hint(course, task, number, hint, telling)


def _hint(course: Course, task: Task, number: int, hint: Localized, telling: list[str]) -> Iterator[Finding]:
    for language in course.languages:
        text = hint.in_language(language)
        if not in_language(text, language):
            fault = message(
                "hint {number} of `{task}` in `{language}` is “{found}”; it should be in that language.",
                number=number,
                task=task.id,
                language=language,
                found=text,
            )
            yield REGISTRY.finding("languages", fault)
        given = next((line for line in telling if line in text), None)
        if given is not None:
            fault = message(
                "hint {number} of `{task}` gives a line of the solution away, `{line}`; it should not.",
                number=number,
                task=task.id,
                line=given,
            )
            yield REGISTRY.finding("hints", fault)
