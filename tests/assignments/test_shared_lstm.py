"""What the notebook `shared-lstm` claims, run anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook

NAME = "shared-lstm"


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """What the solved notebook leaves behind, its experiments included."""
    return solved_notebook(NAME).names


def up_to(cell: str) -> list[tuple[str, str]]:
    """The notebook's code as far as a cell that is in its original state."""
    cells = code_of(COURSE, NAME, given=cell)
    return cells[: [name for name, _ in cells].index(cell) + 1]


@pytest.mark.slow
def test_keras_counts_as_the_solution_does(solved: dict[str, Any]) -> None:
    """The chapter's model and its clone, built and counted."""
    clone, errors = run_code(up_to("siamese-model-answer"))

    assert errors == {}
    assert solved["counts"] == {"lstm": 20_608, "dense": 65, "shared": 20_673, "cloned": 41_281}
    assert solved["model"].count_params() == 20_673
    assert clone["model"].count_params() == 41_281


@pytest.mark.slow
def test_the_builder_s_stub_builds_a_dead_input() -> None:
    """It runs, and reads the left sentence twice, with an LSTM of 32 units each time."""
    names, errors = run_code(up_to("siamese-builder-answer"))
    model = names["build_siamese"](7, 20)

    assert errors == {}
    assert [layer.units for layer in model.layers if type(layer).__name__ == "LSTM"] == [32, 32]


@pytest.mark.slow
def test_a_second_encoder_costs_what_the_prose_says(solved: dict[str, Any]) -> None:
    """Nearly twice the parameters at every width."""
    counts = dict(zip(solved["widths"], zip(solved["shared"], solved["cloned"], strict=True), strict=True))

    assert counts[32] == (20_673, 41_281)
    assert counts[128] == (131_841, 263_425)
    assert all(1.95 < cloned / shared < 2 for shared, cloned in counts.values())


@pytest.mark.slow
def test_only_the_clone_changes_its_answers(solved: dict[str, Any]) -> None:
    """Two models right nine times in ten; one in eleven answers changes with clones, none when shared."""
    rights, changed = list(solved["right_answers"].values()), list(solved["changed_answers"].values())

    assert rights[0] == pytest.approx(0.5, abs=0.04)
    assert rights[1] > 0.88
    assert rights[2] > 0.88
    assert changed[1] == 0
    assert 1 / 14 < changed[2] < 1 / 8
