"""`check(...)` and `hint(...)` in a learner's own notebook: public checks, in the learner's own kernel."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from autograder.checks import GraderError, load_grader, public_graders, read_subject, serve_checks
from autograder.course import Course, CourseError, Task, find_course, load_course
from autograder.evidence import EvidenceError, capture, read
from autograder.feedback import TaskReport, card_html, card_text
from autograder.grading import task_report
from autograder.messages import Language, Localized, message, render, wished_language


class Card:
    """What a notebook shows: HTML where it can, and the same as plain text."""

    def __init__(self, report: TaskReport, language: Language) -> None:
        self.report = report
        self.language = language

    def _repr_html_(self) -> str:
        return card_html(self.report, self.language)

    def __repr__(self) -> str:
        return card_text(self.report, self.language)


class Sentence:
    """One sentence, shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


# How many hints of each task this kernel has shown.
_shown: dict[str, int] = {}


def check(task_id: str, *objects: Any) -> Card | Sentence:
    """Run a task's public checks on what the learner made; never changes, compiles or trains it."""
    language = wished_language()
    assignment = next((name for name in public_graders() if _defines(name, task_id)), None)
    if assignment is None:
        return Sentence(
            render(
                message("There is no task `{task}`: look at the cell's first argument.", task=task_id),
                language,
            )
        )
    grader = load_grader(assignment, hidden=False)
    probes = [
        [{"shape": list(shape), "dtype": "float32"} for shape in probe]
        for probe in grader.probes.get(task_id, ())
    ]
    try:
        evidence = read(json.dumps(capture(task_id, objects, probes)))
    except EvidenceError as error:
        return Sentence(render(error.message, language))
    subject = read_subject(task_id, [evidence])
    others = {entry.marking.task: read_subject(entry.marking.task, []) for entry in grader.checks}
    results = serve_checks([grader], lambda checker: checker.run(grader, {**others, task_id: subject}))
    return Card(task_report(_task(task_id, grader.points(task_id)), grader, results, subject), language)


def hint(task_id: str) -> Sentence:
    """The task's next hint; after the last one, the last again."""
    language = wished_language()
    course = _course()
    try:
        if course is None:
            raise CourseError(message("Hints are in course.yml, and there is none here."))
        hints = course.find_task(task_id)[1].hints
    except CourseError as error:
        return Sentence(" ".join(render(said, language) for said in error.messages))
    number = min(_shown.get(task_id, 0), len(hints) - 1)
    _shown[task_id] = number + 1
    said = message(
        "Hint {number} of {count}: {hint}",
        number=number + 1,
        count=len(hints),
        hint=hints[number].in_language(language),
    )
    return Sentence(render(said, language))


def _defines(assignment: str, task_id: str) -> bool:
    try:
        return bool(load_grader(assignment, hidden=False).of_task(task_id))
    except GraderError:
        return False


def _course() -> Course | None:
    try:
        return load_course(find_course(Path.cwd()))
    except CourseError:
        return None


def _task(task_id: str, points: float) -> Task:
    """The task as the public checks score it; its title where there is a course to ask."""
    course = _course()
    title = Localized(en=task_id, ko=task_id)
    if course is not None:
        with contextlib.suppress(CourseError):
            title = course.find_task(task_id)[1].title
    return Task.model_construct(id=task_id, title=title, points=points)
