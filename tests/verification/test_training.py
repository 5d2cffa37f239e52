"""What is said of a training is what has happened in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder.verification.result import Trained
from autograder.verification.training import initialise, train
from autograder.verification.trainings import Names, Scale, Size, Training

pytestmark = pytest.mark.slow


def two_heads(reached: bool) -> keras.Model:
    """Two heads of one trunk; to one of them no gradient comes unless it is `reached`."""
    inputs = keras.Input((4,))
    trunk = layers.Dense(8, activation="tanh", name="trunk")(inputs)
    one = layers.Dense(1, name="one")(trunk)
    other = layers.Dense(1, name="other")(trunk)
    if not reached:
        other = layers.Rescaling(0.0, name="shut")(other)
    model = keras.Model(inputs, [one, other])
    model.compile("rmsprop", ["mse", "mse"])
    return model


def training(reached: bool) -> Training:
    def feed(_names: Names, random: np.random.Generator, size: Size) -> tuple[Any, Any]:
        inputs = random.normal(size=(size.samples, 4)).astype("float32")
        return inputs, [inputs[:, :1], inputs[:, 1:2]]

    def model(_names: Names, _scale: Scale) -> keras.Model:
        return two_heads(reached)

    size = Size(64, 4, 16)
    return Training("fit", model, feed, size, size, 0.9, learning_rate=0.01)


@pytest.fixture(scope="module")
def fit() -> tuple[Trained, list[tuple[int, float]]]:
    """What has happened in a training, and what was told of its steps meanwhile."""
    told: list[tuple[int, float]] = []
    trained = train(
        training(reached=True), {}, "small", seed=0, jit_compile=False,
        listen=lambda step, rate: told.append((step, rate)),
    )  # fmt: skip
    return trained, told


def test_losses_fall_and_every_weight_moves(fit: tuple[Trained, object]) -> None:
    trained = fit[0]

    assert set(trained.first_loss) == {"loss", "one_loss", "other_loss"}
    assert trained.risen == []
    assert trained.still == []
    assert trained.parameters == 58
    assert (trained.samples, trained.epochs) == (64, 4)


def test_each_step_is_told_with_the_steps_a_second(fit: tuple[Trained, list[tuple[int, float]]]) -> None:
    """After the first step, in which a model is compiled, there is no rate yet."""
    trained, told = fit

    assert [step for step, _ in told] == [*range(1, Size(64, 4, 16).steps + 1)]
    assert told[0][1] == 0.0
    assert told[-1][1] == trained.steps_per_second > 0


def test_a_head_that_no_gradient_reaches_is_named() -> None:
    trained = train(training(reached=False), {}, "small", seed=0, jit_compile=False)

    assert sorted(trained.still) == ["other/bias", "other/kernel"]


def test_the_same_seed_begins_and_ends_alike(fit: tuple[Trained, object]) -> None:
    one = fit[0]
    same, other = (
        train(training(reached=True), {}, "small", seed=seed, jit_compile=False) for seed in (0, 1)
    )

    assert one.first_loss == same.first_loss
    assert one.last_loss == same.last_loss
    assert one.first_loss != other.first_loss


def test_a_step_is_traced_once() -> None:
    """TensorFlow traces a step twice in which a variable is made: an output's mean loss, the optimizer's."""
    traced: list[str] = []

    class Watched(layers.Dense):  # type: ignore[misc]
        def call(self, inputs: Any, training: bool | None = None) -> Any:
            if training:
                traced.append(self.name)
            return super().call(inputs)

    def model(_names: Names, _scale: Scale) -> keras.Model:
        inputs = keras.Input((4,))
        heads = [Watched(1, name="one")(inputs), layers.Dense(1, name="other")(inputs)]
        made = keras.Model(inputs, heads)
        made.compile("rmsprop", ["mse", "mse"], metrics=["mae", "mae"])
        return made

    train(replace(training(reached=True), model=model), {}, "small", seed=0, jit_compile=False)

    assert traced == ["one"]


def test_weights_begin_within_glorot_s_limit_and_biases_as_they_were() -> None:
    model = two_heads(reached=True)
    initialise(model, 0)
    kernel, bias = model.get_layer("trunk").get_weights()

    assert np.abs(kernel).max() <= np.sqrt(6 / 12)
    assert np.abs(kernel).max() > 0.5 * np.sqrt(6 / 12)
    assert not bias.any()


@pytest.mark.parametrize(("optimizer", "alike"), [("rmsprop", False), ("adam", False), ("sgd", True)])
def test_on_tensorflow_keras_takes_a_word_said_twice_for_two(optimizer: str, alike: bool) -> None:
    """Squares are added up where a sum is to be squared: a word moves the farther the more often it is said.

    Where this fails, Keras has mended it: then training ends alike on TensorFlow, too (`test_across.py`).
    """
    inputs = keras.Input((3,), dtype="int32")
    words = layers.Embedding(2, 1, embeddings_initializer="zeros")
    model = keras.Model(inputs, layers.Flatten()(words(inputs)))
    model.compile(optimizer, "mse", jit_compile=False)
    model.optimizer.learning_rate = 0.01
    model.train_on_batch(np.array([[0, 0, 1]]), np.array([[0.5, 0.5, 1.0]]))
    said_twice, said_once = np.asarray(words.embeddings).ravel().tolist()

    assert (said_twice == pytest.approx(said_once, rel=1e-4)) is alike
