"""Writes the class report beside the pages of `autograder grade`, unless it is there already."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from autograder.class_report.collect import class_report
from autograder.class_report.model import ClassReport, Score
from autograder.class_report.pages import FILES, Links, write_class
from autograder.course import Course
from autograder.feedback import (
    NOBODY_NAMED,
    ClassList,
    GivenScores,
    Ledger,
    Summary,
    page_href,
    page_path,
)
from autograder.feedback.ledger import file_state
from autograder.feedback.pages import renderer
from autograder.messages import Language


def update_class(
    summaries: Sequence[Summary],
    output: Path,
    language: Language,
    course: Course,
    class_list: ClassList = NOBODY_NAMED,
    given: Sequence[GivenScores] | None = None,
) -> None:
    """Write `class.html` and what accompanies it, unless they were made of the same reports already.

    Args:
        summaries: the lines of the submissions.
        output: the folder of the reports and `index.html`.
        language: the page's language.
        course: the course, for its title and those of its assignments.
        class_list: students' names, and the order of the assignments.
        given: what the gradebook has, where the scores are to be the gradebook's.

    Raises:
        NoReports: no report can be read.
        OSError: something cannot be written.
    """
    paths = [summary.path for summary in summaries if summary.path is not None]
    names = class_list.names(sorted({summary.student for summary in summaries}))
    titles = course.titles
    made_with = (language, course.title, titles, class_list.assignments, names, given)
    made_of = _made_of(paths, map(repr, made_with))
    with Ledger(output) as ledger:
        if all(ledger.page_stands(output / name, made_of) for name in FILES):
            return
    report = class_report(paths, class_list, course.title, titles, given)
    places = {summary.order: page_href(*summary.order) for summary in summaries}
    write_class(report, output, language, links=places, back="index.html")
    with Ledger(output) as ledger:
        for name in FILES:
            ledger.note_page(output / name, made_of)


def links_from(output: Path, report: ClassReport, graded: Path) -> tuple[Links, str | None]:
    """Return where each submission's feedback is, seen from another folder, and where the index is.

    Args:
        output: the folder that the class page is written to.
        report: the class.
        graded: the output folder of `autograder grade`; submissions without a page there have no link.
    """
    way = Path(os.path.relpath(graded.resolve(), output.resolve())).as_posix()
    before = "" if way == "." else f"{quote(os.fsencode(way))}/"
    places = {
        (score.student, score.assignment): f"{before}{page_href(score.student, score.assignment)}"
        for score in report.scores
        if _has_page(graded, score)
    }
    return places, f"{before}index.html" if file_state(graded / "index.html") else None


def _has_page(graded: Path, score: Score) -> bool:
    try:
        return bool(file_state(page_path(graded, score.student, score.assignment)))
    except ValueError:
        # A gradebook, or an edited report, may have a name that no folder can have.
        return False


def _made_of(paths: Sequence[Path], words: Iterable[str]) -> str:
    """Return the digest of the reports as they are now, and of what the page is made with."""
    digest = blake2b(renderer().encode(), digest_size=16)
    for text in (*words, *(f"{path}:{file_state(path)}" for path in paths)):
        digest.update(f"{text}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
