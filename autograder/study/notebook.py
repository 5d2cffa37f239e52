"""`check(...)` and `hint(...)` in a learner's own notebook: public checks, in the learner's own kernel."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr
from dataclasses import replace
from typing import Any

from autograder.checks import GraderError, read_subject, run_checks, trace
from autograder.course import Course, CourseError, Task
from autograder.course.learners import place_of_task
from autograder.encoding import fitting
from autograder.evidence import EvidenceError, capture, read
from autograder.feedback import TaskReport, card_html, card_text, task_report
from autograder.graph import backends
from autograder.importing import standard_error_silenced, without_collecting
from autograder.messages import AutograderError, Language, Message, message, render
from autograder.study.known import known_of, was_changed
from autograder.study.language import notebook_language
from autograder.study.memory import next_hint, remembered


class Card:
    """What a notebook shows: HTML where it can, and the same as plain text."""

    def __init__(self, report: TaskReport, language: Language, foot: Message | None = None) -> None:
        self.report = report
        self.language = language
        self.foot = foot

    def _repr_html_(self) -> str:
        with without_collecting():
            return card_html(self.report, self.language, foot=self.foot)

    def __repr__(self) -> str:
        return fitting(card_text(self.report, self.language, foot=self.foot))


class Sentence:
    """One sentence, shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return fitting(self.text)


class NotPassed(AutograderError, AssertionError):  # noqa: N818 - what nbgrader's Validate shows, not a fault
    """What `check` raises while nbgrader validates: Validate takes any other output for a passed test."""

    def _render_traceback_(self) -> list[str]:
        # IPython's own would show this package's lines to somebody who looks for a mistake of theirs.
        return str(self).splitlines()


def check(task_id: str, *objects: Any) -> Card | Sentence:
    """Run a task's public checks on what the learner made; never changes, compiles or trains it.

    Raises:
        NotPassed: a check has not passed, and nbgrader is validating the notebook.
    """
    validating = os.environ.get("NBGRADER_EXECUTION") == "validate"
    # Validate takes a word on standard error for a failed test, and TensorFlow writes there when it starts.
    with (
        standard_error_silenced(),
        redirect_stderr(sys.stdout if validating else sys.stderr),
        without_collecting(),
    ):
        shown = _checked(task_id, objects)
    passed = isinstance(shown, Card) and shown.report.score >= shown.report.points
    if validating and not passed:
        raise NotPassed(repr(shown))
    return shown


def _checked(task_id: str, objects: Sequence[Any]) -> Card | Sentence:
    language = notebook_language()
    if "keras" not in sys.modules and (said := backends.lacking()) is not None:
        return _sentence([said], language)
    try:
        known = known_of(task_id, language)
        task, grader, target = known.task, known.grader, known.target
        evidence = read(json.dumps(capture(task_id, objects, task.requests)))
    except (CourseError, GraderError, EvidenceError) as error:
        return _sentence(error.messages, language)
    subject = read_subject(task_id, [evidence], task.requests)
    attempted = target.starter is None or was_changed(target.cell) or target.starter != trace(subject)
    compared = replace(subject, reference=target.target, in_outline=target.in_outline)
    # The starter code is greeted, not judged: nothing of it need be compared.
    results = run_checks(grader, {task_id: compared if attempted else subject})
    public = task.model_copy(update={"points": grader.points(task_id)})
    report = task_report(public, grader, results, compared, attempted=attempted)
    return Card(
        report, language, _foot(known.course, task, report) if report.score >= report.points else None
    )


def _foot(course: Course, task: Task, report: TaskReport) -> Message | None:
    """What is said once the public checks have passed: what they are worth, how many hints it took."""
    said = []
    if report.points < task.points:
        said.append(
            message(
                "These checks are worth {shown} of this task's {points} points; the rest is looked at when "
                "it is handed in.",
                shown=report.points,
                points=task.points,
            )
        )
    if used := remembered(course).hints.get(task.id, 0):
        said.append(message("Hints used for this task: {used} of {count}.", used=used, count=len(task.hints)))
    if len(said) == 2:
        return Message(text="{worth} {hints}", values={"worth": said[0], "hints": said[1]})
    return said[0] if said else None


def hint(task_id: str) -> Sentence:
    """The task's next hint; after the last one, the last again."""
    language = notebook_language()
    try:
        return _sentence([next_hint(place_of_task(task_id).course, task_id).said(language)], language)
    except CourseError as error:
        return _sentence(error.messages, language)


def _sentence(said: Iterable[Message], language: Language) -> Sentence:
    return Sentence(" ".join(render(entry, language) for entry in said))
