"""What a loop is given: losses in the order of the outputs, and the data that `fit` gets, in its batches."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from benchmarks.loops import batches_of, first_losses, heads_of
from tests import warm


def two_heads(**compiled: Any) -> keras.Model:
    inputs = [keras.Input((3,), name="left"), keras.Input((3,), name="right")]
    joined = layers.concatenate(inputs)
    model = keras.Model(inputs, [layers.Dense(1, name="age")(joined), layers.Dense(2, name="kind")(joined)])
    model.compile(**compiled)
    return model


@pytest.mark.parametrize(
    ("compiled", "heads"),
    [
        (
            {
                "loss": {"kind": "categorical_crossentropy", "age": "mse"},
                "loss_weights": {"kind": 2, "age": 0.5},
            },
            [("mean_squared_error", 0.5), ("categorical_crossentropy", 2)],
        ),
        (
            {"loss": ["mean_squared_error", "binary_crossentropy"], "loss_weights": [1, 10]},
            [("mean_squared_error", 1), ("binary_crossentropy", 10)],
        ),
        (
            {"loss": ["mean_squared_error", "binary_crossentropy"]},
            [("mean_squared_error", 1.0), ("binary_crossentropy", 1.0)],
        ),
    ],
)
def test_losses_and_weights_are_in_the_order_of_the_outputs(compiled: Any, heads: Any) -> None:
    assert heads_of(two_heads(**compiled)) == heads


def test_one_output_has_one_loss() -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layers.Dense(1)(inputs))
    model.compile(loss="binary_crossentropy")

    assert heads_of(model) == [("binary_crossentropy", 1.0)]


def test_batches_are_by_position_and_the_last_one_is_what_is_left() -> None:
    left, right, ages, kinds = (np.arange(10) + 100 * part for part in range(4))
    batches = batches_of(two_heads(), {"right": right, "left": left}, {"kind": kinds, "age": ages}, batch=4)

    assert [len(xs[0]) for xs, _ in batches] == [4, 4, 2]
    xs, ys = batches[-1]
    assert [part.tolist() for part in [*xs, *ys]] == [[8, 9], [108, 109], [208, 209], [308, 309]]


def test_a_side_that_cannot_train_is_left_out_with_its_reason() -> None:
    def stops(_epochs: int) -> tuple[float, float]:
        raise AssertionError("expected size 192==192\nand much more")

    losses, failed = first_losses({"loop": stops, "fit": lambda _epochs: (1.0, 0.5)})

    assert losses == {"fit": 0.5}
    assert failed == {"loop": "AssertionError: expected size 192==192"}


def test_without_the_gpu_that_is_asked_for_nothing_is_measured() -> None:
    done = warm.run(
        ["-m", "benchmarks.loops", "loss-weights", "--device", "gpu"],
        environment={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""},
    )

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().endswith("tensorflow finds no GPU here, only CPU:0.")
