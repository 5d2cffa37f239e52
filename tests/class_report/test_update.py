"""`grade` keeps the class page in step with the reports, and writes it when one of them has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_report import FILES, NoReports, class_report, links_from, update_class
from autograder.class_report.pages import BY_HAND
from autograder.course import load_course
from autograder.feedback import (
    ClassList,
    GivenScores,
    Summary,
    read_report,
    report_path,
    report_paths,
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
    assert 'href="feedback/s12/inception.html"' in page
    assert 'href="index.html"' in page


def test_without_a_report_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(NoReports):
        update_class([], tmp_path, "en", COURSE)
    assert not (tmp_path / "class.html").exists()


def test_a_class_page_leads_to_the_pages_that_are_there(tmp_path: Path) -> None:
    """Whatever order the index has them in, and from wherever the class page lies."""
    graded, output = classes.written(classes.submissions()[:3], tmp_path / "out"), tmp_path / "a page"
    lines = summaries(graded)
    report = class_report([line.path for line in lines if line.path is not None])
    assert links_from(output, report, graded) == ({}, None)

    write_pages(lines[1:], graded, "en")
    places, index = links_from(output, report, graded)

    assert index == "../out/index.html"
    assert places == {
        (student, "inception"): f"../out/feedback/{student}/inception.html" for student in ("s01", "s02")
    }
    assert all((output / place).resolve().is_file() for place in places.values())
    assert links_from(graded, report, graded)[0]["s01", "inception"] == "feedback/s01/inception.html"


def test_a_name_that_no_folder_has_leads_nowhere(tmp_path: Path) -> None:
    given = GivenScores("../kim", "inception", 1.0, 4.0, {})
    report = class_report([], given=[given])

    assert links_from(tmp_path, report, tmp_path) == ({}, None)


def test_a_page_is_made_anew_where_a_name_or_a_score_in_the_gradebook_is_another(tmp_path: Path) -> None:
    output = classes.written(classes.submissions()[:1], tmp_path)
    page = output / "class.html"
    named = ClassList(lambda _student: "Ahn, Yuna")
    given = GivenScores("s00", "inception", 3.0, 4.0, {"module": 2.0, "sizes": 1.0}, ("module",))
    shown = []
    for class_list, scores in ((ClassList(), None), (named, None), (named, [given])):
        update_class(summaries(output), output, "en", COURSE, class_list, scores)
        text = page.read_text(encoding="utf-8")
        shown.append(("Ahn, Yuna" in text, BY_HAND in text))

    assert shown == [(False, False), (True, False), (True, True)]
