"""A shared layer's weights move once, by all its calls, and whatever else happens is seen."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder.verification.sharing import shared_layers, shared_moves

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(0)
LEFT, RIGHT = (RANDOM.normal(size=(32, 3)).astype("float32") for _ in range(2))
TARGETS = (LEFT + RIGHT**2).sum(axis=1, keepdims=True)


class Doubling(layers.Dense):  # type: ignore[misc]
    """Its output is what it would be; its gradient is twice that."""

    def call(self, inputs: Any) -> Any:
        output = super().call(inputs)
        return 2 * output - keras.ops.stop_gradient(output)


class OneSided(layers.Dense):  # type: ignore[misc]
    """One call of two is left out of the gradient."""

    calls = 0

    def call(self, inputs: Any) -> Any:
        output = super().call(inputs)
        self.calls += 1
        return output if self.calls % 2 else keras.ops.stop_gradient(output)


class Stopped(layers.Dense):  # type: ignore[misc]
    """No gradient passes."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.stop_gradient(super().call(inputs))


def towers(tower: Any, other: Any | None = None, *more: Any) -> keras.Model:
    """Two inputs through one tower, or through two."""
    inputs = [keras.Input((3,), name=side) for side in ("left", "right")]
    joined = layers.concatenate([tower(inputs[0]), (other or tower)(inputs[1])])
    for layer in more:
        joined = layer(joined)
    model = keras.Model(inputs, layers.Dense(1)(joined))
    model.compile("rmsprop", "mse")
    return model


def moves_of(model: keras.Model) -> dict[str, float]:
    keras.utils.set_random_seed(1)
    return shared_moves(model, [LEFT, RIGHT], TARGETS)


def test_a_layer_called_twice_moves_once() -> None:
    assert moves_of(towers(layers.Dense(4, "tanh", name="tower"))) == {"tower": pytest.approx(1, abs=0.005)}


def test_a_model_called_twice_moves_once() -> None:
    tower = keras.Sequential([keras.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(2)], name="tower")

    assert moves_of(towers(tower)) == {"tower": pytest.approx(1, abs=0.005)}


def test_a_gradient_that_counts_twice_gives_two() -> None:
    assert moves_of(towers(Doubling(4, "tanh", name="tower"))) == {"tower": pytest.approx(2, abs=0.01)}


def test_a_call_that_is_left_out_is_seen() -> None:
    (moves,) = moves_of(towers(OneSided(4, "tanh", name="tower"))).values()

    assert not 0.95 < moves < 1.05


def test_weights_that_do_not_move_give_nought() -> None:
    assert moves_of(towers(Stopped(4, "tanh", name="tower"))) == {"tower": 0.0}


def test_two_towers_share_nothing_and_layers_without_weights_do_not_count() -> None:
    flat = layers.Flatten()
    inputs = [keras.Input((3,)) for _ in range(2)]
    one, other = layers.Dense(2), layers.Dense(2)
    joined = layers.concatenate([one(flat(inputs[0])), other(flat(inputs[1]))])

    assert shared_layers(keras.Model(inputs, joined)) == []
    assert moves_of(towers(layers.Dense(4), layers.Dense(4))) == {}


@pytest.mark.parametrize("layer", [layers.Dropout(0.5), layers.BatchNormalization()])
def test_a_model_that_trains_otherwise_than_it_answers_is_not_looked_at(layer: Any) -> None:
    assert moves_of(towers(layers.Dense(4), None, layer)) == {}


def test_mixed_precision_is_not_looked_at() -> None:
    assert moves_of(towers(layers.Dense(4, dtype="mixed_bfloat16"))) == {}


def test_weights_are_what_they_were() -> None:
    model = towers(layers.Dense(4, "tanh"))
    before = model.get_weights()
    moves_of(model)

    for one, other in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert type(model.optimizer) is keras.optimizers.RMSprop
    assert int(np.asarray(model.optimizer.iterations)) == 0
