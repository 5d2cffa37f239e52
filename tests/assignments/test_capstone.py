"""What the notebook `capstone` says is so."""

from __future__ import annotations

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code

ASSIGNMENT = "capstone"


@pytest.mark.slow
def test_only_the_first_stub_stops_with_an_error() -> None:
    """Sizes do not meet in the join; every other slip passes without a word."""
    stubs = ["inception-join", "projection-block", "photo-features", "listing-model", "listing-compile"]
    errors = {}
    for stub in stubs:
        cells = code_of(COURSE, ASSIGNMENT, given=f"{stub}-answer")
        errors[stub] = run_code([cell for cell in cells if not cell[0].startswith("experiment")])[1]

    assert errors.pop("inception-join")["listing-model-answer"] == "ValueError"
    assert errors == {stub: {} for stub in stubs[1:]}


@pytest.mark.slow
def test_the_accounts_are_what_the_text_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each part's share of the parameters and of the multiplications, and Keras's own count."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    names, errors = run_code(code_of(COURSE, ASSIGNMENT))
    printed = capsys.readouterr().out
    kept = {part: round(100 * kept / names["parameters"]) for part, (kept, _) in names["parts"].items()}
    work = {part: round(100 * done / names["work"]) for part, (_, done) in names["parts"].items()}
    first, second = names["parts"]["block: first 3×3"], names["parts"]["block: second 3×3"]

    assert errors == {}
    assert "107,703 parameters; Keras counts 107,703" in printed
    assert (kept["embedding"], work["embedding"]) == (30, 0)
    assert (kept["block: first 3×3"], work["block: first 3×3"]) == (26, 65)
    assert (kept["block: 1×1 shortcut"], work["block: 1×1 shortcut"]) == (3, 2)
    assert second[0] > first[0]
    assert 3 * second[1] == first[1]
    assert names["parts"]["block: 1×1 shortcut"][0] == 3136
    assert first[0] == 27_712 == (9 * 48 + 1) * 64


@pytest.mark.slow
def test_the_outputs_find_their_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fed by name, every head has its loss in the history."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    names, _ = run_code(code_of(COURSE, ASSIGNMENT))

    assert set(names["history"].history) == {"loss", "price_loss", "kind_loss", "damaged_loss"}
    assert names["joined"].shape == (None, 144)
