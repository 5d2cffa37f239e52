"""`grade` keeps the class page in step with the reports, and writes it when one of them has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_report import FILES, NoReports, update_class
from autograder.course import load_course
from autograder.feedback import Summary, read_report, report_path, report_paths, summarise, write_report
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
