"""What a course's checks say is there in each of its languages, and the linter says what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit.linting.translations import translation_findings, written_in
from autograder.course import Course
from autograder.messages import render
from tests.audit.conftest import Made


def said(course: Course) -> list[tuple[str, str]]:
    """What the linter finds: the file, and the sentence."""
    findings = translation_findings(course, course.assignments[0])
    return [(finding.file, str(finding.said.values["fault"].values)) for finding in findings]  # type: ignore[union-attr]


def catalogue(course: Course) -> Path:
    return course.catalogue("ko")


def test_nothing_is_found_where_everything_is_translated(make: Made) -> None:
    assert said(make(release=False)) == []


def test_a_sentence_without_a_translation_is_named_with_its_line(make: Made) -> None:
    """Of public and of hidden checks."""
    course = make(release=False)
    catalogue(course).unlink()

    (public, first), (hidden, second) = said(course)

    assert (public, hidden) == ("graders/public/test_adding.py", "graders/hidden/test_adding.py")
    assert "The sum is right." in first
    assert "'line': 5" in first
    assert "graders/messages/ko.po" in first
    assert "The product is right." in second


def test_a_translation_with_other_gaps_is_named(make: Made) -> None:
    """What it would show is a gap that nothing fills."""
    course = make(release=False)
    text = catalogue(course).read_text(encoding="utf-8")
    catalogue(course).write_text(text.replace("합이 맞습니다", "{n}이 맞습니다"), encoding="utf-8")

    ((file, fault),) = said(course)

    assert file == "graders/public/test_adding.py"
    assert "`{n}`" in fault


def test_a_catalogue_that_cannot_be_read_is_one_finding(make: Made) -> None:
    course = make(release=False)
    catalogue(course).write_text("no catalogue", encoding="utf-8")

    (finding,) = translation_findings(course, course.assignments[0])

    assert "ko.po cannot be read as a catalogue" in render(finding.said, "en")


@pytest.mark.parametrize(
    ("languages", "written"),
    [(("en",), "en"), (("ko", "en"), "en"), (("de",), "de"), (("de", "ko"), "de")],
)
def test_graders_are_written_in_english_or_the_courses_first_language(
    make: Made, languages: tuple[str, ...], written: str
) -> None:
    """That language needs no catalogue, and every other one does."""
    course = make(release=False)
    catalogue(course).unlink()
    course = course.model_copy(update={"languages": languages})

    assert written_in(course) == written
    assert len(said(course)) == 2 * (len(languages) - 1)
