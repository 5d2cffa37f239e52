"""A person is asked to look at a text until it is graded, and again where the notebook is another one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from autograder.gradebook.scores import Earlier


@pytest.mark.parametrize(
    ("by_hand", "flagged", "same_notebook", "asked"),
    [
        (None, True, True, True),
        (None, False, True, True),
        (3.0, False, True, False),
        (0.0, False, True, False),
        (3.0, True, True, True),
        (3.0, False, False, True),
    ],
)
def test_a_graded_text_stands_as_long_as_the_notebook_is_the_same(
    by_hand: float | None, flagged: bool, same_notebook: bool, asked: bool
) -> None:
    """It has no automatic score, before as after."""
    grade: Any = SimpleNamespace(cell=SimpleNamespace(name="why"), manual_score=by_hand)
    earlier = Earlier({"why": None}, {"why": flagged})

    assert earlier.asks_for_a_look(grade, None, same_notebook=same_notebook) is asked


def test_a_text_that_is_the_prompt_again_is_flagged() -> None:
    """What was pending is worth nothing now, and a person had given points."""
    grade: Any = SimpleNamespace(cell=SimpleNamespace(name="why"), manual_score=3.0)

    assert Earlier({"why": None}, {"why": False}).asks_for_a_look(grade, 0.0, same_notebook=True)
