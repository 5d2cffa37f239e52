"""What is given out beside a notebook: what `check` may know, and nothing that is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course import Course, CourseError, load_course
from autograder.course.released import read_released, released_checks, written
from autograder.messages.sentences import said_by_grader

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT / "course.yml")


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_it_comes_back_as_it_was_written(assignment, tmp_path: Path) -> None:
    checks = released_checks(COURSE, assignment, {"a": {"starter": "1"}})
    path = tmp_path / "x.check.json"
    path.write_text(written(checks), encoding="utf-8")

    assert read_released(path) == checks
    assert checks.place == [one.id for one in COURSE.assignments].index(assignment.id)


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_no_hidden_check_and_nothing_that_it_says_is_in_it(assignment) -> None:
    """Not in Korean either: of the catalogue it has what the public checks say."""
    text = COURSE.released_checks(assignment, "ko").read_text(encoding="utf-8")
    hidden = COURSE.hidden_grader(assignment).read_text(encoding="utf-8")
    public = COURSE.public_grader(assignment).read_text(encoding="utf-8")
    said = {sentence for _, sentence in said_by_grader(hidden, "hidden")}
    open_to_all = {sentence for _, sentence in said_by_grader(public, "public")}

    assert said - open_to_all
    for sentence in said - open_to_all:
        assert json.dumps(sentence, ensure_ascii=False)[1:-1] not in text
    assert json.loads(text)["translations"].keys() == open_to_all
    assert "PROBES" not in text


def test_both_languages_get_the_same_file() -> None:
    for assignment in COURSE.assignments:
        english, korean = (COURSE.released_checks(assignment, tag).read_bytes() for tag in ("en", "ko"))
        assert english == korean


def test_a_file_of_another_version_is_refused(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "x.check.json"
    text = written(released_checks(course, course.assignments[0], {}))
    path.write_text(text.replace('"version":1', '"version":2'), encoding="utf-8")

    with pytest.raises(CourseError, match=r"x\.check\.json cannot be read \(version"):
        read_released(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "graders/public/test_adding.py is missing: it should hold checks of the assignment `adding`."),
        ("x = 1\ndef f(\n", "graders/public/test_adding.py, line 2: it cannot be imported: SyntaxError: "),
    ],
)
def test_public_checks_that_cannot_be_released_are_named(course: Course, text: str | None, said: str) -> None:
    path = course.public_grader(course.assignments[0])
    path.unlink(missing_ok=True)
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    with pytest.raises(CourseError) as raised:
        released_checks(course, course.assignments[0], {})

    assert str(raised.value).startswith(said)
