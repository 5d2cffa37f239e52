"""What the notebook `capstone` says is so."""

from __future__ import annotations

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook

ASSIGNMENT = "capstone"


@pytest.mark.slow
@pytest.mark.parametrize("stub", ["projection-block", "photo-features", "listing-model", "listing-compile"])
def test_these_slips_pass_without_a_word(stub: str) -> None:
    """Keras builds and compiles all the same."""
    cells = code_of(COURSE, ASSIGNMENT, given=f"{stub}-answer")
    names, errors = run_code([cell for cell in cells if not cell[0].startswith("experiment")])

    assert errors == {}
    assert names["model"].compiled


@pytest.mark.slow
def test_the_stub_of_the_join_stops_when_it_is_called() -> None:
    """The three branches end with three sizes."""
    import keras

    names, _ = run_code(code_of(COURSE, ASSIGNMENT, given="inception-join-answer")[:2])

    with pytest.raises(ValueError, match=r"30, 30, 16.*11, 11, 16"):
        names["inception_join"](keras.Input((32, 32, 32)))


@pytest.mark.slow
def test_the_accounts_are_what_the_text_says() -> None:
    """Each part's share of the parameters and of the multiplications, and Keras's own count."""
    solved = solved_notebook(ASSIGNMENT)
    names = solved.names
    kept = {part: round(100 * kept / names["parameters"]) for part, (kept, _) in names["parts"].items()}
    work = {part: round(100 * done / names["work"]) for part, (_, done) in names["parts"].items()}
    first, second = names["parts"]["block: first 3×3"], names["parts"]["block: second 3×3"]

    assert "107,703 parameters; Keras counts 107,703" in solved.printed
    assert (kept["embedding"], work["embedding"]) == (30, 0)
    assert (kept["block: first 3×3"], work["block: first 3×3"]) == (26, 65)
    assert (kept["block: 1×1 shortcut"], work["block: 1×1 shortcut"]) == (3, 2)
    assert second[0] > first[0]
    assert 3 * second[1] == first[1]
    assert names["parts"]["block: 1×1 shortcut"][0] == 3136
    assert first[0] == 27_712 == (9 * 48 + 1) * 64


@pytest.mark.slow
def test_the_outputs_find_their_losses() -> None:
    """Fed by name, every head has its loss in the history."""
    names = solved_notebook(ASSIGNMENT).names

    assert set(names["history"].history) == {"loss", "price_loss", "kind_loss", "damaged_loss"}
    assert names["joined"].shape == (None, 144)
