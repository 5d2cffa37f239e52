"""Proposes answers to pin: wrong and right ones of different kinds, with what the grader says of each."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from autograder.audit.equivalence.programs import Equivalent, equivalents
from autograder.audit.linting.pinned import Submitted, reports_of
from autograder.audit.messages import first_failed
from autograder.audit.proof import Outcome
from autograder.course import Assignment
from autograder.course.source import read_source
from autograder.course.tags import answer_of
from autograder.feedback import Report
from autograder.grading import GradingSession
from autograder.messages import Language, render

WRONG, RIGHT = 8, 6
"""How many answers of each sort are proposed, if there are as many different ones."""
_TRIED = 60
"""How many right programs are made, of which those that are proposed are chosen."""

Answer = tuple[str, str, str, str]
"""An answer's task, its kind, what it is about, and its code."""


def proposal(session: GradingSession, assignment: Assignment, outcomes: Iterable[Outcome], seed: int) -> str:
    """Return the text of a file that pins answers to an assignment (`linting.pinned`).

    Args:
        session: what grades them.
        assignment: the assignment.
        outcomes: what became of wrong answers; some of those that are written as code are proposed.
        seed: decides which right answers are made.

    Raises:
        CourseError, GradingError: as for `GradingSession.prepare`.
    """
    wrong = (
        (one.task, one.operator, one.what, one.source)
        for one in outcomes
        if one.source and one.fate == "killed" and not one.faults
    )
    made = equivalents(session.scheme(assignment.id), _TRIED, seed)
    untouched = Submitted(name="untouched", about="The notebook as it is given out.", cells="STUB")
    entries = [untouched, *_chosen(wrong, WRONG - 1), *_chosen(map(_right, made), RIGHT)]
    source = read_source(session.course, assignment)
    written: dict[str, list[dict[str, Any]]] = {"wrong": [], "right": []}
    for entry, report in zip(entries, reports_of(session, assignment, source, entries), strict=True):
        pinned = _pinned(entry, report, session.course.languages)
        written["wrong" if pinned["scores"] else "right"].append(
            pinned if pinned["scores"] else {key: pinned[key] for key in ("name", "about", "cells")}
        )
    return _as_yaml(written)


def _right(made: Equivalent) -> Answer:
    return made.task, "-".join(made.rules[:2]), ", ".join(made.rules), made.text


def _chosen(answers: Iterable[Answer], most: int) -> list[Submitted]:
    """Return at most that many, of as many tasks and kinds as there are, each with a name of its own."""
    kinds: dict[str, dict[str, Answer]] = {}
    for answer in answers:
        task, kind, *_ = answer
        kinds.setdefault(task, {}).setdefault(kind, answer)
    waiting = {task: list(found.values()) for task, found in kinds.items()}
    chosen: list[Submitted] = []
    while len(chosen) < most and any(waiting.values()):
        for found in waiting.values():
            if found and len(chosen) < most:
                chosen.append(_submitted(found.pop(0)))
    return chosen


def _submitted(answer: Answer) -> Submitted:
    task, kind, about, code = answer
    name = re.sub(r"[^a-z0-9]+", "-", f"{task}-{kind}".lower()).strip("-")
    said = " ".join(about.split())
    about = f"{said[:1].upper()}{said[1:]}".rstrip(".?!") + "."
    return Submitted(name=name, about=about, cells={answer_of(task): code.rstrip("\n") + "\n"})


def _pinned(entry: Submitted, report: Report, languages: Sequence[Language]) -> dict[str, Any]:
    """Return an answer as the file has it, with the scores below full marks, and why."""
    below = [task for task in report.tasks if task.score < task.points and not task.by_hand]
    failures: dict[str, Any] = {}
    for task in below:
        failed = first_failed(task)
        if failed is not None and failed.failure is not None:
            # The rest quotes Keras, whose words change from version to version.
            said = {language: render(failed.failure.rationale, language) for language in languages}
            failures[task.id] = {"check": failed.id, "says": said}
    cells = entry.cells
    return {
        "name": entry.name,
        "about": entry.about,
        "cells": cells
        if isinstance(cells, str)
        else {name: LiteralScalarString(text) for name, text in cells.items()},
        "scores": {task.id: _number(task.score) for task in below},
        "failures": failures,
    }


def _number(score: float) -> float | int:
    return int(score) if float(score).is_integer() else score


def _as_yaml(written: Mapping[str, Any]) -> str:
    yaml = YAML()
    yaml.width = 110
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(dict(written), text)
    return text.getvalue()
