"""Errors are searched in a time that grows with their length, and no more than a part of a long one is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from autograder.checks.errors import KINDS, meaning_of
from autograder.checks.errors.kinds import TEXT_AT_MOST, shortened
from autograder.messages import render

REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
MEGABYTE = 1_000_000


def repetitions(parsed: Any, inside: bool = False) -> Iterator[tuple[int, bool]]:
    """The upper bound of each repetition of a pattern, and whether it is inside another of several turns."""
    for code, argument in parsed:
        if code in REPEATS:
            _, most, body = argument
            yield int(most), inside
            yield from repetitions(body, inside or most > 50)
        elif code is _constants.BRANCH:
            for branch in argument[1]:
                yield from repetitions(branch, inside)
        elif code is _constants.SUBPATTERN:
            yield from repetitions(argument[3], inside)
        elif code in (_constants.ASSERT, _constants.ASSERT_NOT):
            yield from repetitions(argument[1], inside)


@pytest.mark.parametrize("pattern", sorted({one.pattern.pattern for one in KINDS}))
def test_no_repetition_of_a_pattern_is_open_or_inside_another(pattern: str) -> None:
    """So each place of a text is begun at once, and costs a bounded number of steps."""
    for most, inside in repetitions(_parser.parse(pattern, re.DOTALL)):
        assert most <= 2500
        assert not inside or most <= 50


def test_of_a_long_text_the_beginning_and_the_end_are_searched() -> None:
    text = "x" * MEGABYTE + "Received a label value of 7 which is outside the valid range of [0, 3)."
    meaning = meaning_of("InvalidArgumentError", text)

    assert len(shortened(text)) <= TEXT_AT_MOST + 1
    assert meaning is not None
    assert render(meaning.says, "en") == "A label is 7, and the output has 3 classes, numbered from 0."


@pytest.mark.parametrize("pattern", sorted({one.pattern.pattern for one in KINDS}))
def test_a_megabyte_of_a_patterns_own_beginning_is_searched_to_its_end(pattern: str) -> None:
    """A search that took the square of its length would not end while somebody waits."""
    beginning = re.split(r"[\\(\[{?|.]", pattern)[0] or "Error: "

    meaning_of("ValueError", beginning * (MEGABYTE // len(beginning)))


def test_an_error_that_is_nobodys_slip_with_keras_is_left_alone() -> None:
    assert meaning_of("ZeroDivisionError", "division by zero") is None
    assert meaning_of("KeyError", "'gender'", "ages['gender']") is None


@pytest.mark.slow
def test_no_module_is_imported_for_what_an_error_says() -> None:
    """A learner's code can raise whatever it likes."""
    import sys

    meaning_of("AttributeError", "module 'keras.antigravity' has no attribute 'x'")
    meaning_of("ModuleNotFoundError", "No module named 'keras.antigravity'")

    assert "antigravity" not in sys.modules
