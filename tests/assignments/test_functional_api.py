"""What the notebook `functional-api` claims, run anew."""

from __future__ import annotations

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook


def without_experiment(given: str) -> list[tuple[str, str]]:
    """The notebook's code with one cell as it is given out, without what trains for seconds."""
    return [cell for cell in code_of(COURSE, "functional-api", given) if "experiment" not in cell[0]]


@pytest.mark.slow
def test_the_stubs_fail_where_they_should() -> None:
    """Only the torn chain raises; the others run and are wrong."""
    stubs = ("sequential-rewrite", "broken-chain", "build-classifier", "compile-classifier")
    errors = {task: run_code(without_experiment(f"{task}-answer"))[1] for task in stubs}

    assert errors == {task: {} for task in stubs} | {"broken-chain": {"broken-chain-answer": "ValueError"}}


@pytest.mark.slow
def test_the_numbers_in_the_prose_are_right() -> None:
    """3,466 and 2,080 parameters; and 2,410 of the loop as it is given out, at any depth."""
    names = solved_notebook("functional-api").names
    given, _ = run_code(without_experiment("build-classifier-answer"))

    assert names["classifier"].count_params() == 3466
    assert names["classifier"].layers[1].count_params() == 64 * 32 + 32 == 2080
    assert names["build_classifier"](32, 2).count_params() == 3466
    assert {given["build_classifier"](32, depth).count_params() for depth in (1, 2, 9)} == {2410}


@pytest.mark.slow
def test_a_loss_for_class_numbers_is_noticed_in_fit() -> None:
    """As task 4 says, `compile` takes it and `fit` does not."""
    names, errors = run_code(without_experiment("compile-classifier-answer"))
    data = solved_notebook("functional-api").names

    assert errors == {}
    with pytest.raises(ValueError, match="shape"):
        names["classifier"].fit(data["images"][:8], data["labels"][:8], verbose=0)


@pytest.mark.slow
def test_the_experiment_shows_what_its_text_says() -> None:
    """One loss for both spellings, about half of what guessing would give."""
    names = solved_notebook("functional-api").names
    losses = names["losses"]

    assert losses["functional"] == pytest.approx(losses["sequential"], abs=1e-4)
    assert 0.35 < losses["functional"] / 2.3 < 0.65
