"""Two answers are the same text where some rare lines in a row are, and these are long enough."""

from __future__ import annotations

import pytest

from autograder.class_report.alike import MOST_LEARNERS
from autograder.class_report.model import SameText
from autograder.class_report.same_text import LEAST_CHARACTERS, LINES, TextTally
from tests.feedback.builders import check, task

PASSAGE = [f"    layer_{number} = layers.Dense({number}, activation='relu')(inputs)" for number in range(4)]


def same(*answers: list[str], right: bool = False) -> list[SameText]:
    tally = TextTally()
    for number, lines in enumerate(answers):
        one = task([check("size", "passed" if right else "failed")])
        tally.add(one.model_copy(update={"written": "\n".join(lines)}), f"s{number}")
    return tally.same()


def test_a_pair_is_named_with_the_passage_that_it_has_in_common() -> None:
    (pair,) = same(["a = 1", *PASSAGE, "b = 2"], ["print(1)"], [*(line.strip() for line in PASSAGE), "c = 3"])

    assert pair.students == ["s0", "s2"]
    assert pair.passages == ["\n".join(PASSAGE)]
    assert pair.characters == sum(len("".join(line.split())) for line in PASSAGE)
    assert not pair.right


def test_of_right_answers_it_is_said() -> None:
    assert [pair.right for pair in same(PASSAGE, PASSAGE, right=True)] == [True]


@pytest.mark.parametrize(
    "other",
    [PASSAGE[: LINES - 1], [line.replace("inputs", "x") for line in PASSAGE], ["i = 1", "j = 2", "k = 3"]],
    ids=["few lines", "another name", "short"],
)
def test_what_may_be_chance_is_not_told(other: list[str]) -> None:
    assert same([*PASSAGE, "i = 1", "j = 2", "k = 3"], other) == []


def test_what_many_have_says_nothing() -> None:
    assert len(same(*[PASSAGE] * MOST_LEARNERS)) == MOST_LEARNERS * (MOST_LEARNERS - 1) // 2
    assert same(*[PASSAGE] * (MOST_LEARNERS + 1)) == []


def test_the_longest_comes_first() -> None:
    other = [line.upper() for line in PASSAGE[:3]]
    found = same(other, other, PASSAGE, PASSAGE)

    assert [pair.students for pair in found] == [["s2", "s3"], ["s0", "s1"]]
    assert found[0].characters > found[1].characters >= LEAST_CHARACTERS
