"""A file of pinned answers is read, or refused with a sentence; what an answer gets is held against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit.linting.pinned import Failing, Pinned, Submitted, Wrong, differences, read_pinned
from autograder.course import CourseError
from autograder.messages import Localized, render
from tests.feedback.builders import check, report, task

YAML = """\
wrong:
  - name: too-narrow
    about: The last layer is too narrow.
    cells: {block-answer: "def block(x): return x"}
    scores: {block: 1}
    failures:
      block: {check: test_it, says: {en: too narrow}}
"""


def test_no_file_pins_nothing(tmp_path: Path) -> None:
    assert read_pinned(tmp_path / "none.yml") is None


def test_a_file_may_have_wrong_answers_alone(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(YAML, encoding="utf-8")
    found = read_pinned(tmp_path / "x.yml")

    assert isinstance(found, Pinned)
    assert [entry.name for entry in found.wrong] == ["too-narrow"]
    assert found.right == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wrong: [", "cannot be read"),
        ("- 1", "cannot be read"),
        (YAML.replace("about: The last layer is too narrow.", "about: x"), "wrong[0].about"),
        (YAML.replace("name: too-narrow", "name: Too Narrow"), "wrong[0].name"),
        (YAML + "    colour: red\n", "wrong[0].colour: not a valid key here"),
        ("right:\n  - {name: a, about: An answer., cells: SOLVED}\n", "right[0].cells"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_that_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.yml").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be read") as raised:
        read_pinned(tmp_path / "x.yml")

    assert said in str(raised.value)


def said(entry: Submitted, check_id: str = "size") -> list[str]:
    """What is said of an answer that gets 1 of 3 points for its task, and fails a check."""
    got = report(tasks=[task([check("join"), check(check_id, "failed", 2.0)])])
    return [render(fault, "en") for fault in differences(entry, got, ["en", "ko"])]


def wrong(score: float = 1, failing: str = "size", **says: str) -> Wrong:
    failure = Failing(check=failing, says=Localized(**(says or {"en": "does not halve the image"})))
    return Wrong(
        name="a", about="An answer.", cells={}, scores={"module": score}, failures={"module": failure}
    )


def test_an_answer_that_gets_what_is_pinned_is_not_named() -> None:
    assert said(wrong()) == []


def test_another_score_is_named() -> None:
    assert said(wrong(2)) == ["it gets 1 points for `module`, and 2 are pinned."]


def test_a_right_answer_has_full_marks() -> None:
    entry = Submitted(name="a", about="An answer.", cells={})

    assert said(entry) == ["it gets 1 points for `module`, and 3 are pinned."]


def test_another_check_is_named() -> None:
    assert said(wrong(failing="join")) == ["`module` fails `size`, and `join` is pinned."]


def test_another_sentence_is_named_in_its_language() -> None:
    (fault,) = said(wrong(en="does not halve the image", ko="없는 말"))

    assert "and “없는 말” is pinned (ko)." in fault
