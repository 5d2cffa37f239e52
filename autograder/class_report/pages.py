"""Writes `class.html`: the class report as one page, offline, and complete without its one small script."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from autograder.class_report import figures
from autograder.class_report.alike import MOST_LEARNERS
from autograder.class_report.model import (
    Alike,
    AssignmentFigures,
    CheckFigures,
    ClassReport,
    Mistake,
    SameText,
    Score,
    TaskFigures,
    TaskMap,
)
from autograder.class_report.same_text import LEAST_CHARACTERS, LINES
from autograder.class_report.tables import by_student, counts, total, write_csv, write_json, write_pairs
from autograder.feedback import ClassList, ReportError, read_report, task_anchor, words
from autograder.feedback.card import code_in, context, environment, prose, style_sheet
from autograder.feedback.files import written_whole
from autograder.feedback.picture import inline_svg, picture
from autograder.graph import Difference, draw, from_plain
from autograder.messages import Language, Message, clean, clean_lines, format_number, message, render

if TYPE_CHECKING:
    from jinja2 import Environment

_LOG = logging.getLogger(__name__)

PAGE = "class.html"
PAIRS = "alike.csv"
FILES = (PAGE, "class.json", "class.csv", PAIRS)

STUDENTS_SHOWN = 500
"""How many students the page's table lists at most: a longer one neither opens at once nor is read."""
MISTAKES_SHOWN = 12
"""How many mistakes of one task the page tells of at most."""
ALIKE_SHOWN = 12
"""How many groups of models that are alike, and how many pairs with the same text, are shown for a task."""
NAMES_SHOWN = 12
"""How many learners are named for one mistake at most."""
PICTURED = 3
"""How many of a task's mistakes show a learner's model: pictures make up most of a page's size."""
PASSAGE_CHARACTERS, PASSAGE_LINES = 4_000, 60
"""How much of one passage the page shows at most."""
_COLUMN, _GAP, _HEIGHT = 36, 10, 78

BY_HAND = "✎"
"""The sign of a score that a person has given."""

Links = Mapping[tuple[str, str], str]


def write_class(
    report: ClassReport,
    output: Path,
    language: Language,
    *,
    links: Links | None = None,
    back: str | None = None,
) -> None:
    """Write `class.html`, `class.json`, `class.csv` and `alike.csv` below `output`.

    Args:
        report: the class.
        output: the folder.
        language: the page's language.
        links: where each submission's feedback is, seen from the page, by student and assignment.
        back: where the page's link back leads, if it has one.

    Raises:
        OSError: the disk is full, the folder is not writable, …; the old files are still there then.
    """
    write_json(report, output / "class.json")
    write_csv(report, output / "class.csv")
    write_pairs(report, output / PAIRS)
    with written_whole(output / PAGE) as file:
        file.writelines(page(report, language, links=links, back=back))


def page(
    report: ClassReport, language: Language, *, links: Links | None = None, back: str | None = None
) -> Iterator[str]:
    """Yield the page in pieces; its arguments are those of `write_class`."""
    say = _Words(language, links or {}, report.names)
    script = _source("class.js")
    name = message("What the class has not understood yet")
    course = clean(report.title.in_language(language)) if report.title is not None else ""
    lead = message(
        "Submissions: {submissions}, students: {students}",
        submissions=len(report.scores),
        students=len(report.students),
    )
    return (
        _environment()
        .get_template("class.html.j2")
        .generate(
            **context(language),
            styles=style_sheet("card.css") + style_sheet("page.css") + Markup(_source("class.css")),
            script=Markup(script),
            script_digest=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
            title=say(name),
            lead=f"{course} · {say(lead)}" if course else say(lead),
            back=back,
            legend=[say(said) for said in _legend(report)],
            left_out=[prose(said, language) for said in report.left_out],
            rows=say.rows(report) if len(report.students) <= STUDENTS_SHOWN else None,
            assignments=[
                say.assignment(one, f"assignment-{number}")
                for number, one in enumerate(report.assignments, 1)
            ],
            meanings=[(say(term), say(meaning)) for term, meaning in _meanings()],
        )
    )


def _legend(report: ClassReport) -> Iterator[Message]:
    """Yield what the table of the class means."""
    yield message(
        "Points: ✓ full marks, – not handed in, ! not graded. The darker a cell, the more of the points."
    )
    if any(score.pending_points for score in report.scores):
        yield message("In brackets stand the points that a person has still to give.")
    if report.scores_from == "gradebook":
        yield message(
            "The scores are the gradebook's, before anything is taken off for handing in late; {sign} means "
            "that a person has changed the score or given extra credit.",
            sign=BY_HAND,
        )


def _meanings() -> list[tuple[Message, Message]]:
    """Return what a reader of the figures must know at first."""
    return [
        (
            message("Share"),
            message(
                "How difficult it was: of a check, the share of the graded submissions that passed it; of a "
                "task, the share of its points that the class has. Who has not tried counts, too."
            ),
        ),
        (
            message("Tells apart"),
            message(
                "How well passing goes with the points in the rest of the assignment (point-biserial "
                "correlation). From 0.3 on, the check tells those who understand from those who do not; "
                "near 0 it does not; below 0 it is the strong ones who fail: look at the check and its text. "
                "It is given from {count} graded submissions on: in a smaller class, chance alone makes it "
                "that large too often.",
                count=figures.LEAST_SUBMISSIONS,
            ),
        ),
        (
            message("What went wrong"),
            message(
                "The first check that failed in each task, by what was wrong. Learners who have made the "
                "same mistake at the same place stand together, whatever they call their layers; the "
                "sentence is the one that most of them have read."
            ),
        ),
        (
            message("Alike in what is wrong"),
            message(
                "Models that differ from the target in the same places in the same way, where no more than "
                "{most} learners have such a model: look at them side by side. This is no proof: whoever has "
                "learnt together, or from the same example, makes the same mistakes.",
                most=MOST_LEARNERS,
            ),
        ),
        (
            message("The same text"),
            message(
                "At least {lines} lines in a row and {least} characters that two learners have both written, "
                "white space aside, that are unlike every line that was given out, and that no more than "
                "{most} learners have. A renamed variable makes another text. This is no proof either: right "
                "answers resemble each other, and there are textbooks and friends to learn from.",
                lines=LINES,
                least=LEAST_CHARACTERS,
                most=MOST_LEARNERS,
            ),
        ),
    ]


class _Words:
    """What the template shows, in words of one language."""

    def __init__(self, language: Language, links: Links, names: Mapping[str, str]) -> None:
        self.language = language
        self.links = links
        self.named = ClassList(lambda student: names.get(student, ""))

    def __call__(self, said: Message) -> str:
        return render(said, self.language)

    def rows(self, report: ClassReport) -> list[dict[str, Any]]:
        """Return the table of the class."""
        scores = by_student(report)
        return [
            {
                "name": report.names.get(student, ""),
                "student": clean(student),
                "cells": [self._cell(scores[student].get(one.id)) for one in report.assignments],
                "total": words.number(total(scores[student])),
                "total_value": total(scores[student]),
            }
            for student in report.students
        ]

    def _cell(self, score: Score | None) -> dict[str, Any]:
        if score is None:
            return {"text": "–", "value": -2, "level": "none", "href": None}
        href = self.links.get((score.student, score.assignment))
        if not counts(score):
            return {"text": "!", "value": -1, "level": "none", "href": href}
        percent = words.percent(score.score, score.decided)
        full = percent == 100 and not score.pending_points
        sign = "✓ " if full else "! " if score.outcome != "graded" else ""
        sign = f"{BY_HAND} {sign}" if score.by_hand else sign
        pending = f" (+{words.number(score.pending_points)})" if score.pending_points else ""
        # All and nothing have colours of their own; the rest is divided into thirds.
        level = 4 if full else 0 if percent == 0 else 1 + (percent >= 34) + (percent >= 67)
        return {
            "text": sign + words.number(score.score) + pending,
            "value": score.score,
            "level": level,
            "href": href,
        }

    def assignment(self, one: AssignmentFigures, anchor: str) -> dict[str, Any]:
        """Return one assignment's part of the page."""
        return {
            "anchor": anchor,
            "title": clean(one.title.in_language(self.language)),
            "lead": " ".join(self(said) for said in _leads(one)),
            "plot": self._plot(one.distribution),
            "tasks": [self._task(task, one.id) for task in one.tasks],
            "likeness": any(task.alike or task.same_text for task in one.tasks),
        }

    def _plot(self, distribution: list[int]) -> dict[str, Any]:
        tenths = [*range(0, 100, 100 // figures.TENTHS)]
        names = [*(f"{tenth}–{tenth + 9}%" for tenth in tenths), "100%"]
        labels = [*map(str, tenths), "100%"]
        most = max(1, *distribution)
        return {
            "width": len(distribution) * (_COLUMN + _GAP) - _GAP,
            "said": ", ".join(f"{label}: {count}" for label, count in zip(names, distribution, strict=True)),
            "bars": [
                {
                    "x": number * (_COLUMN + _GAP),
                    "height": round(_HEIGHT * count / most, 1),
                    "count": count,
                    "label": label,
                }
                for number, (label, count) in enumerate(zip(labels, distribution, strict=True))
            ],
        }

    def _task(self, task: TaskFigures, assignment: str) -> dict[str, Any]:
        return {
            "title": code_in(clean(task.title.in_language(self.language))),
            "full": task.full,
            "partly": task.tried - task.full - task.waiting,
            "not_tried": task.not_tried,
            **_shown(task.difficulty, task.discrimination),
            "map": self._map(task, assignment),
            "alike": [self._alike(one, assignment, task.id) for one in task.alike[:ALIKE_SHOWN]],
            "same_text": [self._same_text(one, assignment, task.id) for one in task.same_text[:ALIKE_SHOWN]],
            "more_alike": sum(max(0, len(some) - ALIKE_SHOWN) for some in (task.alike, task.same_text)),
            "checks": [self._check(check) for check in task.checks],
            "mistakes": [
                self._mistake(one, assignment, task.id)
                | {"picture": self._picture(one, assignment, task.id, number) if number < PICTURED else None}
                for number, one in enumerate(task.mistakes[:MISTAKES_SHOWN])
            ],
            "more": max(0, len(task.mistakes) - MISTAKES_SHOWN),
        }

    def _map(self, task: TaskFigures, assignment: str) -> dict[str, Any] | None:
        """Return the wanted graph, with how many went wrong where; None where there is none to be drawn."""
        if task.map is None:
            return None
        try:
            drawn = inline_svg(drawing_of(task.map, self.language), f"{assignment}-{task.id}-map-")
        except Exception:
            # A picture that cannot be drawn is left out; the page stays.
            _LOG.exception("a map could not be drawn")
            return None
        elsewhere = message(
            "{count} of them have something in their models that has no place in this graph.",
            count=task.map.elsewhere,
        )
        caption = message(
            "The model that is wanted, and where {count} learners went wrong. Each box is one layer call.",
            count=task.map.learners,
        )
        said = [caption, elsewhere] if task.map.elsewhere else [caption]
        return {"svg": Markup(drawn), "caption": " ".join(map(self, said))}

    def _alike(self, one: Alike, assignment: str, task: str) -> dict[str, Any]:
        said = message("The same {count} differences from the target:", count=one.differences)
        return {"said": self(said), "students": self._names(one.students, assignment, task)}

    def _same_text(self, one: SameText, assignment: str, task: str) -> dict[str, Any]:
        named = self._names(one.students, assignment, task)
        (student, _), (other, _) = named
        said = message(
            "{student} and {other}: {characters} characters in common",
            student=student,
            other=other,
            characters=one.characters,
        )
        right = message("Both have full marks here: right answers resemble each other.")
        return {
            "said": self(said),
            "right": self(right) if one.right else None,
            "students": named,
            "passages": [
                clean_lines(dedent(passage), PASSAGE_CHARACTERS, PASSAGE_LINES) for passage in one.passages
            ],
        }

    def _names(self, students: Sequence[str], assignment: str, task: str) -> list[tuple[str, str | None]]:
        """Return learners' names, each with a link to their feedback on a task."""
        pages = [(one, self.links.get((one, assignment))) for one in students]
        return [
            (self.named.name_and_id(one), f"{page}#{task_anchor(task)}" if page is not None else None)
            for one, page in pages
        ]

    def _check(self, check: CheckFigures) -> dict[str, Any]:
        return {
            "title": prose(check.title, self.language),
            "counts": (check.passed, check.failed, check.skipped, check.not_tried, check.broken),
            **_shown(check.difficulty, check.discrimination),
        }

    def _mistake(self, one: Mistake, assignment: str, task: str) -> dict[str, Any]:
        named = (
            (message("Actual"), one.found),
            (message("Expected"), one.wanted),
            (message("Hint"), one.hint),
        )
        facts = [(self(name), prose(fact, self.language)) for name, fact in named if fact is not None]
        lines = [(self(message("Line")), code_in(f"`{clean(line)}`")) for line in one.lines]
        shown = one.students[:NAMES_SHOWN]
        return {
            "count": one.count,
            "message": prose(one.message, self.language),
            "facts": [*facts, *lines],
            "students": self._names(shown, assignment, task),
            "others": len(one.students) - len(shown),
            "example": self._names([one.example.student], assignment, task)[0],
        }

    def _picture(self, one: Mistake, assignment: str, task: str, number: int) -> dict[str, Any] | None:
        """Return the example's model, its differences marked; None where there is none."""
        try:
            tasks = read_report(Path(one.example.report)).tasks
        except (OSError, ReportError):
            # The reports that were summed up may be gone; the sentences are enough.
            return None
        drawing = next((there.drawing for there in tasks if there.id == task), None)
        drawn = picture(drawing, self.language, f"{assignment}-{task}-{number}-")
        if not drawn:
            return None
        caption = message(
            "The model of {student}, with what sets it apart from the target marked. "
            "Each box is one layer call.",
            student=self.named.name_and_id(one.example.student),
        )
        return {"svg": Markup(drawn), "caption": self(caption)}


def drawing_of(task_map: TaskMap, language: Language) -> str:
    """Return a task's map as SVG: marked as pictures are, with how many went wrong at each call and wire."""
    total = task_map.learners
    wrong = [
        Difference(
            kind=mark.kind,
            found_calls=tuple(mark.calls),
            wanted_calls=(),
            setting=None,
            found=mark.message,
            wanted=None,
            message=message(
                "{count} of {total}: {difference}", count=mark.count, total=total, difference=mark.message
            ),
            where=mark.where,
            wires=tuple(mark.wires),
        )
        for mark in task_map.marks
    ]
    notes = {
        at.call: message("{count} of {total} went wrong here", count=at.count, total=total)
        for at in task_map.calls
    }
    return draw(from_plain(task_map.graph), differences=wrong, language=language, notes=notes)


def _leads(one: AssignmentFigures) -> Iterator[Message]:
    """Yield the figures of an assignment in sentences."""
    yield message(
        "Submissions: {submissions}, not handed in: {missing}, not graded: {ungraded}.",
        submissions=one.submissions,
        missing=one.not_handed_in,
        ungraded=one.not_graded,
    )
    if one.waiting:
        yield message(
            "To be graded by hand: {waiting}; shares are of the points that are decided.", waiting=one.waiting
        )
    if one.mean is not None and one.median is not None:
        yield message(
            "Average {mean}%, median {median}%, full marks: {full}.",
            mean=round(100 * one.mean),
            median=round(100 * one.median),
            full=one.full,
        )
    if one.seconds_median is not None and one.seconds_most is not None:
        yield message(
            "A notebook ran for {median} (median), the longest for {most}. Notebooks with a cell that ran "
            "into a limit: {limits}.",
            median=words.duration(one.seconds_median),
            most=words.duration(one.seconds_most),
            limits=one.limits,
        )


def _shown(difficulty: float | None, discrimination: float | None) -> dict[str, Any]:
    percent = round(100 * difficulty) if difficulty is not None else 0
    return {
        "percent": percent,
        "share": f"{percent}%" if difficulty is not None else "–",
        # A hyphen would be read aloud as a hyphen, not as a minus.
        "discrimination": format_number(round(discrimination, 2)).replace("-", "−")
        if discrimination is not None
        else "–",
    }


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, PackageLoader

    shared = environment()
    assert shared.loader is not None
    return shared.overlay(loader=ChoiceLoader([PackageLoader("autograder.class_report"), shared.loader]))


def _source(name: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]
