"""Writes the class report beside the pages of `autograder grade`, unless it is there already."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from autograder.class_report.collect import class_report
from autograder.class_report.model import ClassReport
from autograder.class_report.pages import FILES, Links, write_class
from autograder.course import Course
from autograder.feedback import Ledger, Summary, links
from autograder.feedback.files import REPORT_BYTES
from autograder.feedback.ledger import file_state
from autograder.feedback.pages import renderer
from autograder.messages import Language
from autograder.regular import read_bytes

# Where a row of the index leads: to feedback that is there, or on a page of its own. A submission has several
# where scores have changed.
_SHOWN = re.compile(r'<th scope="row"><a href="((?:#submission-|feedback/)[^"]*)"')


def update_class(summaries: Sequence[Summary], output: Path, language: Language, course: Course) -> None:
    """Write `class.html` and what stands beside it, unless they were made of the same reports already.

    Args:
        summaries: the lines of the submissions, by student and then assignment.
        output: the folder that the reports and `index.html` lie in.
        language: the page's.
        course: whose order the assignments have, and whose title the page.

    Raises:
        NoReports: no report can be read.
        OSError: something cannot be written.
    """
    paths = [summary.path for summary in summaries if summary.path is not None]
    order = [assignment.id for assignment in course.assignments]
    made_of = _made_of(paths, [language, course.title.in_language(language), *order])
    with Ledger(output) as ledger:
        if all(ledger.page_stands(output / name, made_of) for name in FILES):
            return
    report = class_report(paths, order, course.title)
    places = links([summary.order for summary in summaries])
    write_class(report, output, language, links=places, back="index.html")
    with Ledger(output) as ledger:
        for name in FILES:
            ledger.note_page(output / name, made_of)


def links_from(output: Path, report: ClassReport, graded: Path) -> tuple[Links, str | None]:
    """Return where each submission's feedback lies, seen from another folder, and where the index is.

    Args:
        output: the folder that the class page is written to.
        report: the class.
        graded: the output folder of `autograder grade`. Where its index does not show just these submissions,
            there is nothing to lead to.
    """
    index = graded / "index.html"
    try:
        page = read_bytes(index, REPORT_BYTES, follow_links=False).decode("utf-8", "replace")
    except OSError:
        return {}, None
    if len({*_SHOWN.findall(page)}) != len(report.scores):
        return {}, None
    way = Path(os.path.relpath(graded.resolve(), output.resolve())).as_posix()
    before = "" if way == "." else f"{quote(os.fsencode(way))}/"
    places = links(sorted((score.student, score.assignment) for score in report.scores))
    return {key: f"{before}{place}" for key, place in places.items()}, f"{before}index.html"


def _made_of(paths: Sequence[Path], words: Sequence[str]) -> str:
    """The digest of the reports as they lie there, and of what the page is made with."""
    digest = blake2b(renderer().encode(), digest_size=16)
    for text in (*words, *(f"{path}:{file_state(path)}" for path in paths)):
        digest.update(f"{text}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
