"""`index.html` and its pages: a class's feedback, offline, without scripts."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from autograder.feedback import markdown, words
from autograder.feedback.card import card_view, code_in, context, environment, prose, style_sheet
from autograder.feedback.changes import ScoreChange
from autograder.feedback.files import ReportError, file_name, own_trouble, read_report, written_whole
from autograder.feedback.ledger import Ledger, file_state
from autograder.feedback.report import Afterwards, CellRun, Report
from autograder.feedback.summary import Summary, by_assignment, summarise
from autograder.messages import Language, Message, clean, clean_lines, message, render

INLINE_LIMIT = 60
"""The most submissions that stand in `index.html` itself; a larger class gets a page for each."""

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
    tell: Callable[[Message], None] = lambda _said: None,
) -> list[Summary]:
    """Write `index.html` under `output` from report files, one report in memory at a time.

    A report is a path, or its line where that is known already. `class_page` is the name of a page beside the
    index that it leads to.

    A page that was made from the same report, by the same renderer and in the same language, stays. `changes`
    are the scores that are others than before, which the index names.

    Up to `INLINE_LIMIT` submissions stand in the index; beyond, each has a page
    `feedback/<student>/<assignment>.html`. A report that cannot be read, or not be shown, is left out of the
    feedback, and `tell` is told why; the summaries of the others come back, by student and then assignment.

    Raises:
        OSError: the disk is full, the folder is not writable, …; the old index is then still there.
    """
    own_pages = len(reports) > INLINE_LIMIT
    with Ledger(output) as ledger:
        lines = ((one, None) if isinstance(one, Path) else (one.path, one) for one in reports)
        known = ((path, line or ledger.summary(path)) for path, line in lines if path is not None)
        read = _with_pages(known, output, language, ledger, tell) if own_pages else _read(known, tell)
        summaries = list(read)
    summaries.sort(key=lambda summary: summary.order)
    hrefs = [_href(summary, number, own_pages) for number, summary in enumerate(summaries, 1)]
    inline = [] if own_pages else [summary.path for summary in summaries if summary.path is not None]
    with written_whole(output / "index.html") as file:
        pieces = _index(summaries, hrefs, inline, changes, language, title, class_page, tell)
        file.writelines(pieces)
    return summaries


def _with_pages(
    reports: Iterable[tuple[Path, Summary | None]],
    output: Path,
    language: Language,
    ledger: Ledger,
    tell: Callable[[Message], None],
) -> Iterator[Summary]:
    """The reports' lines; each report's page is written, unless it stands."""
    for path, known in reports:
        made_of = f"{file_state(path)} {language} {renderer()}"
        if known is not None and ledger.page_stands(page_path(output, known), made_of):
            yield known
            continue
        for report in _readable([path], tell):
            try:
                page = _write_page(report, output, language)
            except Exception as error:
                if isinstance(error, OSError) and not own_trouble(error):
                    raise
                tell(_without_page(report, page_path(output, report), error))
            else:
                ledger.note_page(page, made_of)
            yield summarise(report, path)


def _write_page(report: Report, output: Path, language: Language) -> Path:
    """Write a submission's own page; returns where.

    Raises:
        OSError: it cannot be written, or its folder is a link and would lead elsewhere.
        Exception: the report cannot be shown.
    """
    page = page_path(output, report)
    if page.parent.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(page.parent))
    with written_whole(page) as file:
        file.writelines(submission_page(report, language, back="../../index.html"))
    return page


def _without_page(report: Report, page: Path, error: Exception) -> Message:
    """Why a submission has no page: its report is there all the same."""
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return message(
        "{student}, {assignment}: the page {page} cannot be written ({reason}).",
        student=report.student,
        assignment=report.assignment,
        page=str(page),
        reason=reason,
    )


def _read(
    reports: Iterable[tuple[Path, Summary | None]], tell: Callable[[Message], None]
) -> Iterator[Summary]:
    """The reports' lines; what is not known yet is read."""
    for path, known in reports:
        if known is not None:
            yield known
        else:
            yield from (summarise(report, path) for report in _readable([path], tell))


@cache
def renderer() -> str:
    """The digest of what makes a page: the package, its templates and its sentences."""
    package = Path(__file__).parents[1]
    files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".po", ".j2", ".css", ".js"))
    digest = blake2b(digest_size=16)
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def page_path(output: Path, of: Report | Summary) -> Path:
    """Where a submission's own page lies, in a class too large for one page."""
    return output.joinpath("feedback", file_name(of.student), f"{file_name(of.assignment)}.html")


def submission_page(report: Report, language: Language, *, back: str | None = None) -> Iterator[str]:
    """One submission as a whole page, in pieces; `back` is where its way back leads."""
    return (
        environment()
        .get_template("page.html.j2")
        .generate(
            **context(language), styles=_styles(), back=back, report=_report_view(report, language, "page", 2)
        )
    )


def _index(
    summaries: list[Summary],
    hrefs: list[str],
    inline: list[Path],
    changes: Sequence[ScoreChange],
    language: Language,
    title: str | None,
    class_page: str | None,
    tell: Callable[[Message], None],
) -> Iterator[str]:
    anchors = {summary.order: href for summary, href in zip(summaries, hrefs, strict=True)}
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
            assignments=_assignments(summaries, language),
            changes=[
                _change(change, anchors.get(change.order), language)
                for change in sorted(changes, key=lambda change: change.order)
            ],
            rows=[_row(summary, href, language) for summary, href in zip(summaries, hrefs, strict=True)],
            reports=(
                view
                for number, path in enumerate(inline, 1)
                for report in _readable([path], tell)
                for view in _inline_view(report, number, path, language, tell)
            ),
        )
    )


def _inline_view(
    report: Report, number: int, path: Path, language: Language, tell: Callable[[Message], None]
) -> Iterator[dict[str, Any]]:
    """A report as it stands in the index itself; nothing where it cannot be shown."""
    try:
        yield {**_report_view(report, language, str(number), 4), "anchor": f"submission-{number}"}
    except Exception as error:
        tell(_without_page(report, path, error))


def _readable(paths: Iterable[Path], tell: Callable[[Message], None]) -> Iterator[Report]:
    for path in paths:
        try:
            report = read_report(path)
        except ReportError as error:
            tell(error.message)
        else:
            yield report


def links(submissions: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return where each submission's feedback lies, seen from the folder of `index.html`.

    Args:
        submissions: the students and assignments of all that the index was made of, in order.
    """
    own_pages = len(submissions) > INLINE_LIMIT
    return {
        (student, assignment): _page_href(student, assignment)
        if own_pages
        else f"index.html#submission-{number}"
        for number, (student, assignment) in enumerate(submissions, 1)
    }


def _href(summary: Summary, number: int, own_pages: bool) -> str:
    if not own_pages:
        return f"#submission-{number}"
    return _page_href(summary.student, summary.assignment)


def _page_href(student: str, assignment: str) -> str:
    return f"feedback/{quote(student, safe='')}/{quote(assignment, safe='')}.html"


def _row(summary: Summary, href: str, language: Language) -> dict[str, Any]:
    return {
        "href": href,
        "student": clean(summary.student),
        "title": clean(summary.assignment_title.in_language(language)),
        "score": words.fraction(summary.score, summary.max_score),
        "percent": words.percent(summary.score, summary.max_score),
        "first": prose(summary.first_message, language) if summary.first_message else "",
    }


def _change(change: ScoreChange, href: str | None, language: Language) -> dict[str, Any]:
    return {
        "href": href,
        "student": clean(change.student),
        "task": code_in(clean(change.task_title.in_language(language))),
        "title": clean(change.title.in_language(language)),
        "score": words.score_change(change),
        "gained": change.gained > 0,
        "decides": prose(words.what_decides(change), language),
    }


def _assignments(summaries: list[Summary], language: Language) -> list[dict[str, Any]]:
    return [
        {**asdict(one), "title": clean(one.title.in_language(language))} for one in by_assignment(summaries)
    ]


def _report_view(report: Report, language: Language, place: str, level: int) -> dict[str, Any]:
    took = message(
        "Took {total}: {run} for the notebook, {checks} for the checks.",
        total=words.duration(report.timings.total),
        run=words.duration(report.timings.run),
        checks=words.duration(report.timings.checks),
    )
    return {
        "student": clean(report.student),
        "title": clean(report.assignment_title.in_language(language)),
        "score": render(words.result(report), language),
        "notes": [prose(note, language) for note in words.notes(report)],
        "tasks": [card_view(task, language, place) for task in report.tasks],
        "afterwards": _afterwards(report.afterwards, language, level) if report.afterwards else None,
        "isolation": render(words.isolation(report.isolation), language),
        "lacking": [prose(lack, language) for lack in report.isolation.lacking],
        "took": render(took, language),
        "notebook": clean(report.notebook),
        # What stopped is what the reader came for.
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
