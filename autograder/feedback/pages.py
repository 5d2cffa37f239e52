"""Writes `index.html` and its pages: a class's feedback, offline, without scripts."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from autograder.feedback import markdown, words
from autograder.feedback.card import card_view, code_in, context, environment, prose, style_sheet
from autograder.feedback.changes import ScoreChange
from autograder.feedback.class_list import NOBODY_NAMED, ClassList
from autograder.feedback.files import ReportError, file_name, own_trouble, read_report, written_whole
from autograder.feedback.given import GivenScores, with_given
from autograder.feedback.ledger import Ledger, file_state
from autograder.feedback.report import Afterwards, CellRun, Report
from autograder.feedback.summary import Summary, by_assignment, summarise
from autograder.messages import Language, Message, clean, clean_lines, message, render

_LEVEL = 2
"""The level of the headings below a page's title."""

_TRACEBACK_LIMIT = 6000
_TRACEBACK_LINES = 60


def write_pages(
    reports: Sequence[Path | Summary],
    output: Path,
    language: Language,
    *,
    title: str | None = None,
    class_page: str | None = None,
    changes: Sequence[ScoreChange] = (),
    class_list: ClassList = NOBODY_NAMED,
    given: Mapping[tuple[str, str], GivenScores] | None = None,
    tell: Callable[[Message], None] = lambda _said: None,
) -> list[Summary]:
    """Write `index.html` and each submission's own page under `output`, one report in memory at a time.

    A submission's page, `feedback/<student>/<assignment>.html`, is in the language of its notebook. It can be
    handed out, since nothing in it leads to the index or to another student. A page stays if it was made of
    the same report, by the same renderer, in the same language, with the same name and the same scores.

    A report that cannot be read or shown is left out of the feedback, and `tell` is told why; the summaries
    of the others are returned, in the order of the index.

    Args:
        reports: the reports' files, or their lines where those are known already.
        output: the folder.
        language: the language of the index, and of the pages whose notebooks name none.
        title: the title of the index.
        class_page: the name of a page beside the index that the index links to.
        changes: the scores that have changed, which the index names.
        class_list: students' names, and the order of the assignments.
        given: what the gradebook has, by student and assignment; what a person has given there is shown.
        tell: called with what could not be written.

    Raises:
        OSError: the disk is full, the folder is not writable, …; the old index is still there then.
    """
    with Ledger(output) as ledger:
        lines = ((one, None) if isinstance(one, Path) else (one.path, one) for one in reports)
        known = ((path, line or ledger.summary(path)) for path, line in lines if path is not None)
        shown = _Shown(language, class_list, given or {})
        summaries = list(_with_pages(known, output, shown, ledger, tell))
    summaries.sort(key=lambda summary: class_list.order(summary.order))
    with written_whole(output / "index.html") as file:
        file.writelines(_index(summaries, changes, language, title, class_page, class_list))
    return summaries


@dataclass(frozen=True)
class _Shown:
    """What a submission's page shows that its report does not say."""

    language: Language
    class_list: ClassList
    given: Mapping[tuple[str, str], GivenScores]

    def made_of(self, path: Path, of: Report | Summary) -> str:
        """Return what a page is made of: when any of it changes, the page is written again."""
        name = self.class_list.shown_name(of.student)
        given = self.given_of(of)
        return f"{file_state(path)} {self.language} {renderer()} {name} {given if given else ''}".strip()

    def given_of(self, of: Report | Summary) -> GivenScores | None:
        given = self.given.get((of.student, of.assignment))
        return given if given is not None and given.is_by_hand else None


def _with_pages(
    reports: Iterable[tuple[Path, Summary | None]],
    output: Path,
    shown: _Shown,
    ledger: Ledger,
    tell: Callable[[Message], None],
) -> Iterator[Summary]:
    """Yield the reports' lines, and write each report's page unless it is up to date."""
    for path, known in reports:
        if known is not None and _stands(known, path, output, shown, ledger):
            yield known.with_given(shown.given_of(known))
            continue
        for report in _readable([path], tell):
            try:
                page = _write_page(report, output, shown)
            except Exception as error:
                if isinstance(error, OSError) and not own_trouble(error):
                    raise
                tell(_without_page(report, output, error))
            else:
                ledger.note_page(page, shown.made_of(path, report))
            yield summarise(report, path).with_given(shown.given_of(report))


def _stands(known: Summary, path: Path, output: Path, shown: _Shown, ledger: Ledger) -> bool:
    try:
        page = page_path(output, *known.order)
    except ValueError:
        return False
    return ledger.page_stands(page, shown.made_of(path, known))


def _write_page(report: Report, output: Path, shown: _Shown) -> Path:
    """Write a submission's own page, and return where.

    Raises:
        OSError: it cannot be written, or its folder is a link and would lead elsewhere.
        Exception: the report cannot be shown.
    """
    page = page_path(output, report.student, report.assignment)
    if page.parent.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(page.parent))
    language, name = report.language or shown.language, shown.class_list.shown_name(report.student)
    with written_whole(page) as file:
        file.writelines(submission_page(report, language, name, shown.given_of(report)))
    return page


def _without_page(report: Report, output: Path, error: Exception) -> Message:
    """Return why a submission has no page; its report is there all the same."""
    try:
        page = page_path(output, report.student, report.assignment)
    except ValueError:
        page = output / "feedback"
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return message(
        "{student}, {assignment}: the page {page} cannot be written ({reason}).",
        student=report.student,
        assignment=report.assignment,
        page=str(page),
        reason=reason,
    )


@cache
def renderer() -> str:
    """Return the digest of what makes a page: the package, its templates and its sentences."""
    package = Path(__file__).parents[1]
    files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".po", ".j2", ".css", ".js"))
    digest = blake2b(digest_size=16)
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def page_path(output: Path, student: str, assignment: str) -> Path:
    """Return where a submission's own page is.

    Raises:
        ValueError: one of the names is not the name of a file.
    """
    return output.joinpath("feedback", file_name(student), f"{file_name(assignment)}.html")


def task_anchor(task_id: str) -> str:
    """Return the id of a task's card on a submission's page, for links to it."""
    return f"task-{task_id}"


def submission_page(
    report: Report, language: Language, name: str = "", given: GivenScores | None = None
) -> Iterator[str]:
    """Yield one submission as a whole page, in pieces.

    Args:
        report: the submission's report.
        language: the page's language.
        name: the student's name, where it is known.
        given: what the gradebook has, where a person has given a score.
    """
    view = _report_view(report, language, given)
    return (
        environment()
        .get_template("page.html.j2")
        .generate(**context(language), styles=_styles(), name=name, report=view)
    )


def _index(
    summaries: list[Summary],
    changes: Sequence[ScoreChange],
    language: Language,
    title: str | None,
    class_page: str | None,
    class_list: ClassList,
) -> Iterator[str]:
    shown = {summary.order for summary in summaries}
    students = len({summary.student for summary in summaries})
    lead = message(
        "Submissions: {submissions}, students: {students}", submissions=len(summaries), students=students
    )
    return (
        environment()
        .get_template("index.html.j2")
        .generate(
            **context(language),
            styles=_styles(),
            title=clean(title) if title else render(message("Results of the class"), language),
            lead=render(lead, language),
            class_page=class_page,
            waiting=any(summary.pending for summary in summaries),
            assignments=_assignments(summaries, language, class_list),
            changes=[
                _change(change, change.order in shown, language, class_list)
                for change in sorted(changes, key=lambda change: class_list.order(change.order))
            ],
            rows=[_row(summary, language, class_list) for summary in summaries],
        )
    )


def _readable(paths: Iterable[Path], tell: Callable[[Message], None]) -> Iterator[Report]:
    for path in paths:
        try:
            report = read_report(path)
        except ReportError as error:
            tell(error.message)
        else:
            yield report


def page_href(student: str, assignment: str) -> str:
    """Return where a submission's own page is, seen from the folder of `index.html`."""
    return f"feedback/{quote(student, safe='')}/{quote(assignment, safe='')}.html"


def _row(summary: Summary, language: Language, class_list: ClassList) -> dict[str, Any]:
    return {
        "href": page_href(summary.student, summary.assignment),
        "name": class_list.shown_name(summary.student),
        "student": clean(summary.student),
        "title": clean(summary.assignment_title.in_language(language)),
        "score": words.fraction(summary.score, summary.max_score),
        "pending": words.number(summary.pending) if summary.pending else "",
        "percent": words.percent(summary.score, summary.decided),
        "first": prose(summary.first_message, language) if summary.first_message else "",
    }


def _change(change: ScoreChange, linked: bool, language: Language, class_list: ClassList) -> dict[str, Any]:
    return {
        "href": page_href(change.student, change.assignment) if linked else None,
        "name": class_list.shown_name(change.student),
        "student": clean(change.student),
        "task": code_in(clean(change.task_title.in_language(language))),
        "title": clean(change.title.in_language(language)),
        "score": words.score_change(change),
        "gained": change.gained > 0,
        "decides": prose(words.what_decides(change), language),
    }


def _assignments(summaries: list[Summary], language: Language, class_list: ClassList) -> list[dict[str, Any]]:
    return [
        {**asdict(one), "title": clean(one.title.in_language(language))}
        for one in by_assignment(summaries, class_list)
    ]


def _report_view(report: Report, language: Language, given: GivenScores | None = None) -> dict[str, Any]:
    took = message(
        "Took {total}: {run} for the notebook, {checks} for the checks.",
        total=words.duration(report.timings.total),
        run=words.duration(report.timings.run),
        checks=words.duration(report.timings.checks),
    )
    return {
        "student": clean(report.student),
        "title": clean(report.assignment_title.in_language(language)),
        "score": render(words.result(with_given(report, given) if given else report), language),
        "notes": [prose(note, language) for note in words.notes(report)],
        "tasks": [
            {
                "anchor": task_anchor(task.id),
                **card_view(task, language, "page", given=given.score_by_hand(task.id) if given else None),
            }
            for task in report.tasks
        ],
        "afterwards": _afterwards(report.afterwards, language, _LEVEL) if report.afterwards else None,
        "isolation": render(words.isolation(report.isolation), language),
        "lacking": [prose(lack, language) for lack in report.isolation.lacking],
        "took": render(took, language),
        "notebook": clean(report.notebook),
        # A cell that stopped is what the reader came for.
        "stopped": any(cell.state in ("error", "interrupted", "ended") for cell in report.cells),
        "cells": [_cell_view(report, cell, language) for cell in report.cells],
    }


def _cell_view(report: Report, cell: CellRun, language: Language) -> dict[str, Any]:
    took = words.cell_seconds(report, cell)
    return {
        "number": cell.index + 1,
        "task": _task_title(report, cell.task, language),
        "state": render(words.STATES[cell.state], language),
        "error": prose(cell.error, language) if cell.error else None,
        "traceback": clean_lines(cell.traceback, _TRACEBACK_LIMIT, _TRACEBACK_LINES),
        "seconds": render(words.duration(took), language) if took is not None else None,
    }


def _afterwards(afterwards: Afterwards, language: Language, level: int) -> dict[str, Any]:
    text = afterwards.text.in_language(language)
    return {
        "titled": words.has_heading(text),
        "text": markdown.html(text, level),
        "alternative": afterwards.alternative,
    }


def _task_title(report: Report, task_id: str | None, language: Language) -> Markup | None:
    if task_id is None:
        return None
    titles = {task.id: task.title.in_language(language) for task in report.tasks}
    return code_in(clean(titles.get(task_id, task_id)))


def _styles() -> Markup:
    return style_sheet("card.css") + style_sheet("page.css")
