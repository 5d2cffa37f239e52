"""Writes the class report beside the pages of `autograder grade`, unless it is there already."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from autograder.class_report.collect import class_report
from autograder.class_report.pages import FILES, write_class
from autograder.course import Course
from autograder.feedback import Ledger, Summary, links
from autograder.feedback.ledger import file_state
from autograder.feedback.pages import renderer
from autograder.messages import Language


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
    places = {
        key: f"index.html{place}" if place.startswith("#") else place
        for key, place in links(summaries).items()
    }
    write_class(report, output, language, links=places, back="index.html")
    with Ledger(output) as ledger:
        for name in FILES:
            ledger.note_page(output / name, made_of)


def _made_of(paths: Sequence[Path], words: Sequence[str]) -> str:
    """The digest of the reports as they lie there, and of what the page is made with."""
    digest = blake2b(renderer().encode(), digest_size=16)
    for text in (*words, *(f"{path}:{file_state(path)}" for path in paths)):
        digest.update(f"{text}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
