"""`check(...)` and `hint(...)` in a learner's own notebook: public checks, in the learner's own kernel."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from autograder.checks import load_grader, read_subject, serve_checks
from autograder.course import Course, CourseError, find_course, load_course, shipped_course
from autograder.evidence import EvidenceError, capture, read
from autograder.feedback import TaskReport, card_html, card_text
from autograder.grading import public_probes, task_report
from autograder.graph import backends
from autograder.messages import Language, Message, render
from autograder.sandbox import standard_error_silenced
from autograder.study.hints import next_hint
from autograder.study.language import notebook_language


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
    with standard_error_silenced(), redirect_stderr(sys.stdout if validating else sys.stderr):
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
        assignment, task = _course().find_task(task_id)
        grader = load_grader(assignment.id, hidden=False)
        evidence = read(json.dumps(capture(task_id, objects, public_probes(task))))
    except CourseError as error:
        return _sentence(error.messages, language)
    except EvidenceError as error:
        return _sentence([error.message], language)
    subjects = {entry.id: read_subject(entry.id, []) for entry in assignment.tasks}
    subjects[task_id] = read_subject(task_id, [evidence])
    results = serve_checks([grader], lambda checker: checker.run(grader, subjects))
    public = task.model_copy(update={"points": grader.points(task_id)})
    return Card(task_report(public, grader, results, subjects[task_id]), language)


def hint(task_id: str) -> Sentence:
    """The task's next hint; after the last one, the last again."""
    language = notebook_language()
    try:
        return _sentence([next_hint(_course(), task_id).said(language)], language)
    except CourseError as error:
        return _sentence(error.messages, language)


def _course() -> Course:
    """The course around the notebook, else the one that came with the package.

    Raises:
        CourseError: there is neither.
    """
    try:
        return load_course(find_course(Path.cwd()))
    except CourseError:
        shipped = shipped_course()
        if shipped is None:
            raise
        return load_course(shipped)


def _sentence(said: Iterable[Message], language: Language) -> Sentence:
    return Sentence(" ".join(render(entry, language) for entry in said))
