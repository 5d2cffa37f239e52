"""What the notebook `residual-identity` claims, run anew."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook, traced_once

NAME = "residual-identity"


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """What the solved notebook leaves behind, its experiment included."""
    return solved_notebook(NAME).names


@pytest.mark.slow
def test_keras_answers_task_one_as_the_solution_does(solved: dict[str, Any]) -> None:
    """Three convolutions with either padding, built and counted."""
    import keras
    from keras import layers

    def three(padding: str) -> Any:
        convolutions = [layers.Conv2D(128, 3, padding=padding) for _ in range(3)]
        return keras.Sequential([keras.Input((28, 28, 128)), *convolutions])

    x = keras.Input((28, 28, 128))
    assert solved["costs"] == {
        "valid": three("valid").output_shape[1:],
        "same": three("same").output_shape[1:],
        "convolutions": three("same").count_params(),
        "shortcut": keras.Model(x, layers.add([x, x])).count_params(),
    }


@pytest.mark.slow
def test_the_block_s_stub_stops_at_its_sizes_and_then_goes_wrong_silently() -> None:
    """With padding it builds, and gives twice the channels."""
    import keras

    cells = code_of(COURSE, NAME, given="identity-block-answer")
    upto = [name for name, _ in cells].index("identity-block-answer") + 1
    names, errors = run_code(cells[:upto])
    assert errors == {}
    with pytest.raises(ValueError, match="concatenation axis"):
        names["residual_block"](keras.Input((28, 28, 128)))

    padded = [(name, source.replace('"relu")', '"relu", padding="same")')) for name, source in cells[:upto]]
    names, _ = run_code(padded)
    assert names["residual_block"](keras.Input((28, 28, 128))).shape == (None, 28, 28, 256)


@pytest.mark.slow
def test_the_stack_s_stub_has_one_block_whatever_the_depth() -> None:
    """The number of parameters that task 3 quotes, for one block and for eight."""
    cells = code_of(COURSE, NAME, given="identity-stack-answer")
    upto = [name for name, _ in cells].index("identity-stack-answer") + 1
    names, errors = run_code(cells[:upto])

    assert errors == {}
    assert names["deep_network"](1).count_params() == names["deep_network"](8).count_params() == 7290


@pytest.mark.slow
def test_without_shortcuts_the_initialisation_decides(solved: dict[str, Any]) -> None:
    """A loss of ln 4 with the default; with He's it falls, but more slowly than with shortcuts."""
    guessing, slower, with_shortcuts = solved["curves"].values()

    assert round(math.log(4), 2) == 1.39
    assert min(guessing) > math.log(4) - 0.02
    assert slower[-1] < math.log(4) / 2
    assert min(with_shortcuts) < 0.1 < slower[-1] / 2
    assert len(guessing) == 8


@pytest.mark.slow
def test_a_shallow_plain_stack_learns(solved: dict[str, Any]) -> None:
    """With two blocks the loss falls to about half of that of guessing."""
    with traced_once():
        losses = solved["losses"](shortcut=False, blocks=2)

    assert losses[-1] / math.log(4) == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_with_the_default_initialisation_the_signal_is_gone_after_nineteen_layers() -> None:
    """He initialisation leaves much more of it."""
    import keras
    import numpy as np
    from keras import layers

    noise = np.random.default_rng(0).normal(size=(64, 8, 8, 1))

    def left(initializer: str) -> float:
        keras.utils.set_random_seed(0)
        x = images = keras.Input((8, 8, 1))
        for _ in range(19):
            x = layers.Conv2D(8, 3, padding="same", activation="relu", kernel_initializer=initializer)(x)
        return float(np.std(keras.Model(images, x)(noise)))

    assert left("glorot_uniform") < 1e-3 < 1e-2 < left("he_normal")
