"""A name that nothing has: what was meant, from the names that the notebook gives to anything."""

from __future__ import annotations

import pytest

from autograder.cells import given_in
from autograder.checks.errors import meaning_of
from autograder.checks.errors.spelling import misspelt
from autograder.messages import render

pytestmark = pytest.mark.slow

CELL = """
from keras import layers
import numpy as np

def tower(x, width):
    branch_a = layers.Dense(width)(x)
    return branch_a

model = tower
"""


def said(name: str) -> str:
    meaning = meaning_of("NameError", f"name '{name}' is not defined", names=given_in(CELL))
    assert meaning is not None
    return render(meaning.says, "en")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("modle", "model"), ("Model_", "model"), ("branch_A", "branch_a"), ("widht", "width")],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(written: str, meant: str) -> None:
    assert said(written) == f"Nothing is called `{written}` yet; did you mean `{meant}`?"


@pytest.mark.parametrize("written", ["branch_b", "something", "y"])
def test_a_name_that_is_much_like_none_or_a_sibling_is_not_guessed(written: str) -> None:
    """`branch_b` beside `branch_a` is no slip of the pen: its line is missing."""
    assert said(written) == f"Nothing is called `{written}` yet."


def test_two_texts_without_a_comma_between_them_are_told_apart() -> None:
    meaning = misspelt("loss", "msemae")

    assert meaning is not None
    assert render(meaning.says, "en") == "`msemae` is two names in one: `mse` and `mae`."
