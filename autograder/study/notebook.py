"""`check(...)` and `hint(...)` in a learner's own notebook: public checks, in the learner's own kernel."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from autograder.checks import load_grader, read_subject, run_checks, trace
from autograder.course import Course, CourseError, Task, learners_course_file, load_course
from autograder.evidence import EvidenceError, capture, read
from autograder.feedback import TaskReport, card_html, card_text
from autograder.grading import public_probes, task_report
from autograder.graph import backends
from autograder.messages import Language, Message, message, render
from autograder.sandbox import standard_error_silenced
from autograder.study.answers import was_changed
from autograder.study.hints import next_hint
from autograder.study.known import known_of
from autograder.study.language import notebook_language
from autograder.study.memory import remembered


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without collecting garbage: with TensorFlow there, that takes longer than a card."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Card:
    """What a notebook shows: HTML where it can, and the same as plain text."""

    def __init__(self, report: TaskReport, language: Language, foot: Message | None = None) -> None:
        self.report = report
        self.language = language
        self.foot = foot

    def _repr_html_(self) -> str:
        with _no_collection():
            return card_html(self.report, self.language, foot=self.foot)

    def __repr__(self) -> str:
        return card_text(self.report, self.language, foot=self.foot)


class Sentence:
    """One sentence, shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class NotPassed(AssertionError):  # noqa: N818 - what nbgrader's Validate shows, not a fault
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
        _no_collection(),
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
        course = course_of_notebook()
        assignment, task = course.find_task(task_id)
        grader = load_grader(assignment.id, hidden=False)
        evidence = read(json.dumps(capture(task_id, objects, public_probes(task))))
    except CourseError as error:
        return _sentence(error.messages, language)
    except EvidenceError as error:
        return _sentence([error.message], language)
    known = known_of(course, assignment, task_id)
    subject = read_subject(task_id, [evidence])
    attempted = known.starter is None or was_changed(known.cell) or known.starter != trace(subject)
    target = replace(subject, reference=known.target, in_outline=known.in_outline)
    # The starter code is greeted, not judged: nothing of it need be compared.
    results = run_checks(grader, task_id, target if attempted else subject)
    public = task.model_copy(update={"points": grader.points(task_id)})
    report = task_report(public, grader, results, target, attempted=attempted)
    return Card(report, language, _foot(course, task, report) if report.score >= report.points else None)


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
        return _sentence([next_hint(course_of_notebook(), task_id).said(language)], language)
    except CourseError as error:
        return _sentence(error.messages, language)


def course_of_notebook() -> Course:
    """The course around the notebook, else the one that came with the package.

    Raises:
        CourseError: there is neither.
    """
    path = learners_course_file()
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except OSError:
        return load_course(path)


@cache
def _loaded(path: Path, _changed: int) -> Course:
    # Reading the registry takes longer than most checks.
    return load_course(path)


def _sentence(said: Iterable[Message], language: Language) -> Sentence:
    return Sentence(" ".join(render(entry, language) for entry in said))
