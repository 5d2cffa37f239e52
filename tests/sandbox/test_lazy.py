"""Deferred weights are the weights that an eager model would have, made when they are first read."""

from __future__ import annotations

import pytest

from tests import warm
from tests.sandbox.running import RunCells, errors, printed

MODEL = """
import keras, numpy as np
keras.utils.set_random_seed(7)
x = keras.Input((6,))
y = keras.layers.Dense(5, activation="relu")(x)
y = keras.layers.BatchNormalization()(y)
y = keras.layers.Dropout(0.5)(y)
z = keras.layers.LSTM(3)(keras.layers.Embedding(9, 4)(x))
model = keras.Model(x, keras.layers.Dense(2)(keras.layers.concatenate([y, z])))
"""
FIT = """
model.compile("rmsprop", "mse")
history = model.fit(np.ones((8, 6)), np.ones((8, 2)), epochs=2, verbose=0, shuffle=False)
print([round(float(loss), 4) for loss in history.history["loss"]])
print([round(float(weight.sum()), 4) for weight in model.get_weights()])
"""


def eagerly(source: str) -> str:
    """What the source prints in a program of its own, where weights are drawn at once."""
    done = warm.run(["-c", source])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_drawn_before_it_is_read(run: RunCells) -> None:
    ran = run(
        MODEL,
        "print({'_drawn_later' in weight.__dict__ for weight in model.weights}, model.count_params())",
        "values = model.get_weights()\n"
        "print({'_drawn_later' in weight.__dict__ for weight in model.weights})",
    )

    assert errors(ran) == [None, None, None]
    assert printed(ran, 1).startswith("{True} ")
    assert printed(ran, 2) == "{False}\n"


@pytest.mark.slow
def test_training_gives_what_it_gives_eagerly(run: RunCells) -> None:
    ran = run(MODEL, FIT)

    assert errors(ran) == [None, None]
    assert printed(ran, 1) == eagerly(MODEL + FIT)


@pytest.mark.slow
def test_weights_read_in_another_order_are_the_same_weights(run: RunCells) -> None:
    sums = "print([round(float(weight.numpy().sum()), 4) for weight in model.weights])"

    ran = run(MODEL, "[weight.numpy() for weight in reversed(model.weights)];", sums)

    assert errors(ran) == [None, None, None]
    assert printed(ran, 2) == eagerly(MODEL + sums)


def test_weights_can_be_set_saved_and_shared_before_they_are_read(run: RunCells) -> None:
    ran = run(
        MODEL,
        "model.set_weights([np.full(weight.shape, 2.0) for weight in model.weights])",
        "model.save_weights('kept.weights.h5')\nother = keras.models.clone_model(model)",
        "other.load_weights('kept.weights.h5')\n"
        "print(float(other.weights[0].numpy()[0, 0]), model(np.ones((1, 6))).shape)",
    )

    assert errors(ran) == [None, None, None, None]
    assert printed(ran, 3) == "2.0 (1, 2)\n"
