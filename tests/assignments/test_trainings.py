"""What the notebooks say of the trainings that take long, run anew by `make test-backends`.

`make test` holds the same of `functional-api`, and has every notebook run.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.assignments.notebooks import solved_notebook, traced_once

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def residual() -> dict[str, Any]:
    """What the solved notebook `residual-identity` leaves behind."""
    return solved_notebook("residual-identity").names


def test_without_shortcuts_the_initialisation_decides(residual: dict[str, Any]) -> None:
    """A loss of ln 4 with the default; with He's it falls, but more slowly than with shortcuts."""
    guessing, slower, with_shortcuts = residual["curves"].values()

    assert round(math.log(4), 2) == 1.39
    assert min(guessing) > math.log(4) - 0.02
    assert slower[-1] < math.log(4) / 2
    assert min(with_shortcuts) < 0.1 < slower[-1] / 2
    assert len(guessing) == 8


def test_a_shallow_plain_stack_learns(residual: dict[str, Any]) -> None:
    """With two blocks the loss falls to about half of that of guessing."""
    with traced_once():
        losses = residual["losses"](shortcut=False, blocks=2)

    assert losses[-1] / math.log(4) == pytest.approx(0.5, abs=0.1)


def test_an_exchanged_list_costs_most_answers() -> None:
    """Nearly everything right by position and by name; exchanged, far fewer, and more than by guessing."""
    accuracy = solved_notebook("multi-input").names["accuracy"]

    assert accuracy["by position"] == accuracy["by name"] > 0.95
    assert 1 / 16 < accuracy["swapped"] < 0.35


def test_only_the_clone_changes_its_answers() -> None:
    """Two models right nine times in ten; one in eleven answers changes with clones, none when shared."""
    solved = solved_notebook("shared-lstm").names
    rights, changed = list(solved["right_answers"].values()), list(solved["changed_answers"].values())

    assert rights[0] == pytest.approx(0.5, abs=0.04)
    assert rights[1] > 0.88
    assert rights[2] > 0.88
    assert changed[1] == 0
    assert 1 / 14 < changed[2] < 1 / 8


def test_a_small_loss_is_drowned_without_weights() -> None:
    """The gender is drowned without weights and learned with them; the age pays little."""
    solved = solved_notebook("loss-weights").names
    plain, weighted = solved["plain"], solved["weighted"]

    assert plain["age_loss"][0] > 100
    assert plain["gender_loss"][-1] > 0.6
    assert weighted["gender_loss"][-1] < 0.5
    assert weighted["age_loss"][-1] < 1.5 * plain["age_loss"][-1]
