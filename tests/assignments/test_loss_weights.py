"""What the notebook `loss-weights` claims, run anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook

LOSSES = {"age": "mse", "income": "categorical_crossentropy", "gender": "binary_crossentropy"}
WEIGHTS = {"age": 0.25, "income": 1.0, "gender": 10.0}
MISTAKES: dict[str, dict[str, Any]] = {
    "wrong_loss_key": {
        "loss": {"age": "mse", "income": "categorical_crossentropy", "sex": "binary_crossentropy"}
    },
    "two_losses": {"loss": ["mse", "categorical_crossentropy"]},
    "missing_weight": {"loss": LOSSES, "loss_weights": {"age": 0.25, "income": 1.0}},
    "extra_weight": {"loss": LOSSES, "loss_weights": {**WEIGHTS, "sex": 10.0}},
    "one_metric": {"loss": LOSSES, "metrics": ["accuracy"]},
}


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """What the solved notebook leaves behind, its experiment included."""
    return solved_notebook("loss-weights").names


def fit(model: Any) -> dict[str, list[float]]:
    """The history of one step, which is not traced: that would take a second, and Keras checks the same."""
    import numpy as np

    model.run_eagerly = True
    targets = [np.ones((8, 1)), np.eye(10)[:8], np.ones((8, 1))]
    history: dict[str, list[float]] = model.fit(np.ones((8, 6)), targets, verbose=0).history
    return history


@pytest.mark.slow
def test_keras_notices_the_mistakes_of_task_one_when_the_solution_says(solved: dict[str, Any]) -> None:
    found = {}
    for name, mistake in MISTAKES.items():
        model, found[name] = solved["author_model"](), "compile"
        try:
            model.compile(optimizer="rmsprop", **mistake)
            found[name] = "fit"
            fit(model)
            found[name] = "never"
        except (KeyError, ValueError):
            pass

    assert found == solved["noticed"]


@pytest.mark.slow
def test_a_head_without_a_loss_stays_as_it_was_initialised(solved: dict[str, Any]) -> None:
    import numpy as np

    model = solved["author_model"]()
    head = model.get_layer("gender")
    before = head.get_weights()[0]
    model.compile(optimizer="rmsprop", **MISTAKES["two_losses"])
    fit(model)

    assert np.array_equal(before, head.get_weights()[0])


@pytest.mark.slow
def test_beside_a_list_of_losses_a_dict_of_weights_is_sorted_by_its_keys(solved: dict[str, Any]) -> None:
    """The total shows it: the income has the gender's weight."""
    model = solved["author_model"]()
    model.compile(optimizer="rmsprop", loss=list(LOSSES.values()), loss_weights=WEIGHTS)
    told = {name: values[0] for name, values in fit(model).items()}

    total = 0.25 * told["age_loss"] + 10 * told["income_loss"] + told["gender_loss"]
    assert told["loss"] == pytest.approx(total, rel=1e-4)


@pytest.mark.slow
def test_the_experiment_shows_what_its_text_says(solved: dict[str, Any]) -> None:
    """The gender is drowned without weights and learned with them; the age pays little."""
    plain, weighted = solved["plain"], solved["weighted"]

    assert plain["age_loss"][0] > 100
    assert plain["gender_loss"][-1] > 0.6
    assert weighted["gender_loss"][-1] < 0.5
    assert weighted["age_loss"][-1] < 1.5 * plain["age_loss"][-1]


@pytest.mark.slow
def test_the_stubs_run(solved: dict[str, Any]) -> None:
    """None of the compile mistakes raises at compile; the first stub's model even fits."""
    stubs = [
        code_of(COURSE, "loss-weights", given=f"compile-by-{way}-answer")[:4] for way in ("list", "name")
    ]
    (by_list, none), (_, nor_here) = map(run_code, stubs)

    assert none == nor_here == {}
    assert "gender_loss" not in fit(by_list["by_list"])
