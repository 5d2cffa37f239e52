"""Provides `check(...)` and `hint(...)` in a learner's notebook: public checks, in the learner's kernel."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr
from dataclasses import replace
from functools import cached_property
from typing import Any

from autograder.cells import named_in
from autograder.checks import GraderError, Subject, read_subject, run_checks, trace
from autograder.course import CourseError
from autograder.course.learners import place_of_task
from autograder.encoding import fitting
from autograder.evidence import EvidenceError, capture, read
from autograder.feedback import Remarks, TaskReport, card_html, card_text, task_report
from autograder.feedback.card import code_in
from autograder.feedback.model_lines import models_text
from autograder.graph import backends
from autograder.importing import standard_error_silenced, without_collecting
from autograder.messages import AutograderError, Language, Message, message, render
from autograder.study.error_explanations import names_given, stopped
from autograder.study.known import known_of, ran, was_changed
from autograder.study.language import notebook_language
from autograder.study.memory import next_hint, remember_score
from autograder.study.remarks import remarks_on, shown_pass

BY_HAND = message(
    "This task is a text: there is nothing to check here. A person reads it and grades it after you hand in."
)


class Card:
    """What a notebook shows: HTML where it can, and the same as plain text."""

    def __init__(self, report: TaskReport, language: Language, remarks: Remarks) -> None:
        self.report = report
        self.language = language
        self.remarks = remarks

    @cached_property
    def _models(self) -> str:
        """The models in lines, which both forms have, and which take a third of their time."""
        return models_text(self.report, self.language)

    def _repr_html_(self) -> str:
        with without_collecting():
            return card_html(self.report, self.language, remarks=self.remarks, models=self._models)

    def __repr__(self) -> str:
        return fitting(card_text(self.report, self.language, remarks=self.remarks, models=self._models))


class Sentence:
    """One sentence, shown without quotes; a notebook shows what is in backticks as code."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return f"<p>{code_in(self.text)}</p>"

    def __repr__(self) -> str:
        return fitting(self.text)


class NotPassed(AutograderError, AssertionError):  # noqa: N818 - what nbgrader's Validate shows, not a fault
    """Raised by `check` while nbgrader validates: Validate takes any other output for a passed test."""

    def _render_traceback_(self) -> list[str]:
        # IPython's own traceback would show this package's lines to a learner who looks for a mistake.
        return str(self).splitlines()


def check(task_id: str, *objects: Any) -> Card | Sentence:
    """Run a task's public checks on what the learner made, without changing, compiling or training it.

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
    passed = isinstance(shown, Card) and shown_pass(shown.report)
    if validating and not passed:
        raise NotPassed(repr(shown))
    return shown


def _checked(task_id: str, objects: Sequence[Any]) -> Card | Sentence:
    language = notebook_language()
    if "keras" not in sys.modules and (said := backends.lacking()) is not None:
        return _sentence([said], language)
    try:
        known = known_of(task_id, language)
        if known.task.by_hand:
            return _sentence([BY_HAND], language)
        task, grader, target = known.task, known.grader, known.target
        evidence = read(json.dumps(capture(task_id, objects, task.requests)))
    except (CourseError, GraderError, EvidenceError) as error:
        return _sentence(error.messages, language)
    subject = read_subject(task_id, [evidence], task.requests, names=names_given)
    subject.stopped = stopped(named_in(cells[-1])) if (cells := ran()) else None
    attempted = target.starter is None or was_changed(target.cell) or target.starter != trace(subject)
    compared = replace(subject, reference=target.target, in_outline=target.in_outline)
    # Starter code is greeted, not judged, so that nothing of it need be compared.
    results = run_checks(grader, {task_id: compared if attempted else subject})
    report = task_report(task, grader, results, compared, attempted=attempted)
    remember_score(known.course, task_id, report.score)
    return Card(report, language, remarks_on(report, known, language, _called(compared)))


def _called(subject: Subject) -> Message | None:
    """Return which call of the function is drawn, where that is not the first or has plain arguments."""
    shown, _ = subject.picture()
    if shown is None:
        return None
    model = subject.models[shown]
    plain = any(item.shape is None for item in model.given)
    return model.where if shown > 0 or plain else None


def hint(task_id: str) -> Sentence:
    """Return the task's next hint; after the last one, the last again."""
    language = notebook_language()
    try:
        return _sentence([next_hint(place_of_task(task_id).course, task_id).said(language)], language)
    except CourseError as error:
        return _sentence(error.messages, language)


def _sentence(said: Iterable[Message], language: Language) -> Sentence:
    return Sentence(" ".join(render(entry, language) for entry in said))
