"""`grade` keeps the class page in step with the reports, and writes it when one of them has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_report import FILES, NoReports, class_report, links_from, update_class
from autograder.course import load_course
from autograder.feedback import (
    Summary,
    pages,
    read_report,
    report_path,
    report_paths,
    score_changes,
    summarise,
    write_pages,
    write_report,
)
from tests.class_report import classes

COURSE = load_course(Path(__file__).parents[2] / "course.yml")


def summaries(output: Path) -> list[Summary]:
    return [summarise(read_report(path), path) for path in report_paths(output)]


def test_what_was_made_of_the_same_reports_stands(tmp_path: Path) -> None:
    output = classes.written(classes.submissions()[11:14], tmp_path)
    update_class(summaries(output), output, "en", COURSE)
    first = {name: (output / name).stat().st_mtime_ns for name in FILES}
    update_class(summaries(output), output, "en", COURSE)
    again = {name: (output / name).stat().st_mtime_ns for name in FILES}
    write_report(classes.submissions()[0], report_path(output, "s11", "inception"))
    update_class(summaries(output), output, "ko", COURSE)
    page = (output / "class.html").read_text(encoding="utf-8")

    assert first == again
    assert all((output / name).stat().st_mtime_ns > time for name, time in first.items())
    assert '<html lang="ko">' in page
    assert 'href="index.html#submission-1"' in page
    assert 'href="index.html"' in page


def test_without_a_report_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(NoReports):
        update_class([], tmp_path, "en", COURSE)
    assert not (tmp_path / "class.html").exists()


def test_a_page_elsewhere_leads_to_the_index_if_that_shows_the_same_submissions(tmp_path: Path) -> None:
    graded, output = classes.written(classes.submissions()[:3], tmp_path / "out"), tmp_path / "a page"
    lines = summaries(graded)
    report = class_report([line.path for line in lines if line.path is not None])

    assert links_from(output, report, graded) == ({}, None)
    write_pages(lines, graded, "en")
    places, index = links_from(output, report, graded)
    assert index == "../out/index.html"
    assert places["s01", "inception"] == "../out/index.html#submission-2"
    assert links_from(graded, report, graded)[0]["s01", "inception"] == "index.html#submission-2"
    before, after = classes.submissions()[0], classes.submissions()[12]
    changes = score_changes(before, after.model_copy(update={"student": before.student}))
    assert changes
    write_pages(lines, graded, "en", changes=changes)
    assert links_from(output, report, graded) == (places, index), "where scores have changed as well"
    write_pages(lines[1:], graded, "en")
    assert links_from(output, report, graded) == ({}, None)


def test_in_a_large_class_it_leads_to_the_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "INLINE_LIMIT", 2)
    graded = classes.written(classes.submissions()[:3], tmp_path)
    lines = summaries(graded)
    report = class_report([line.path for line in lines if line.path is not None])
    write_pages(lines, graded, "en")

    place = links_from(graded, report, graded)[0]["s01", "inception"]

    assert place == "feedback/s01/inception.html"
    assert (graded / place).is_file()
