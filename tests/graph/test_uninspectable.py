"""What cannot be seen has a sentence that is true of it, and another that says what to write instead."""

from __future__ import annotations

import keras
import pytest
from keras import layers, ops

from autograder.graph import uninspectable
from autograder.graph.model import Operation
from autograder.messages import render
from tests.graph.captured import raw


class Block(layers.Layer):
    def call(self, x):
        return x * 2

    def compute_output_shape(self, shape):
        return shape


class Net(keras.Model):
    def call(self, x):
        return x


def of(body, *shape):
    x = keras.Input(shape or (4,))
    return keras.Model(x, body(x))


def with_a_call_of_its_own():
    dense = layers.Dense(4)
    dense.call = lambda inputs: inputs
    return of(dense)


def called_differently(x):
    attend = layers.MultiHeadAttention(2, 3)
    return attend(attend(x, x), x, use_causal_mask=True)


MODELS = {
    "a layer class": (lambda: of(Block()), "own_layer", "`Block` is a class of your own", "a function that"),
    "a model class": (lambda: Net(), "own_model", "`Net` is a model class", "`keras.Model(inputs, outputs)`"),
    "a model class inside": (lambda: of(Net()), "own_model", "`Net` is a model class", "`keras.Model("),
    "a call": (with_a_call_of_its_own, "own_call", "The `call` of `Dense` was replaced", "as Keras provides"),
    "a Lambda": (
        lambda: of(layers.Lambda(lambda y: y * 2)),
        "lambda",
        "A `Lambda` layer hides",
        "`keras.ops`",
    ),
    "a Sequential without an input": (
        lambda: keras.Sequential([layers.Dense(2)]),
        "no_input",
        "This `Sequential` model has no input yet",
        "`keras.Input(...)` as its first entry",
    ),
    "a model of nothing": (keras.Model, "no_graph", "neither inputs nor outputs", "`keras.Model("),
    "a function of Python": (
        lambda: of(lambda x: ops.vectorized_map(lambda y: y, x)),
        "function_argument",
        "`VectorizedMap` is given a Python function",
        "`keras.ops`",
    ),
    "an activation": (
        lambda: of(layers.Dense(4, activation=lambda y: y)),
        "own_function",
        "`activation` is a function of your own",
        "an activation of Keras",
    ),
    "an activation inside a wrapper": (
        lambda: of(layers.TimeDistributed(layers.Dense(4, activation=lambda y: y)), 3, 4),
        "own_function",
        "`activation` is a function of your own",
        "an activation of Keras",
    ),
    "another function": (
        lambda: of(lambda x: layers.TextVectorization(standardize=lambda y: y)(ops.cast(x, "string"))),
        "own_function",
        "`standardize` is a function of your own",
        "a value that Keras names",
    ),
    "a class inside a wrapper": (
        lambda: of(layers.TimeDistributed(Block()), 3, 4),
        "own_layer",
        "`Block` is a class of your own",
        "a function that",
    ),
    "a cell": (
        lambda: of(layers.Bidirectional(layers.RNN(Cell(3))), 3, 4),
        "own_layer",
        "`Cell` is a class of your own",
        "a function that",
    ),
    "a tensor as a setting": (
        lambda: of(lambda x: ops.clip(x, ops.min(x), 1.0)),
        "object_setting",
        "`x_min` is an object",
        "a number, a text or a list of them",
    ),
    "a call with a setting of its own": (
        lambda: of(called_differently, 3, 4),
        "called_differently",
        "`MultiHeadAttention` is called with different settings",
        "the same settings",
    ),
}


@keras.saving.register_keras_serializable()
class Cell(layers.SimpleRNNCell):
    def call(self, *arguments, **named):
        return super().call(*arguments, **named)


@pytest.mark.parametrize("name", MODELS)
def test_the_sentence_is_true_of_what_hides_something(name):
    model, reason, why, instead = MODELS[name]

    (operation,) = (found for found in raw(model()).operations.values() if not found.inspectable)

    assert operation.reason == reason
    assert why in render(uninspectable.why(operation), "en")
    assert instead in render(uninspectable.instead(operation), "en")


@pytest.mark.parametrize("reason", uninspectable.REASONS)
def test_every_reason_has_sentences_in_both_languages(reason):
    operation = Operation(0, "Thing", "thing", {}, False, "activation here.Thing(Layer)", reason)

    for said in (uninspectable.why(operation), uninspectable.instead(operation)):
        assert render(said, "en") != render(said, "ko")


def test_a_sequential_that_was_built_later_can_be_seen():
    model = keras.Sequential([layers.Dense(2)])
    model.build((None, 4))

    assert [operation.inspectable for operation in raw(model).operations.values()] == [True, True]


def test_what_there_is_is_told_by_its_name_and_its_class():
    (operation,) = (found for found in raw(of(Block(name="mine"))).operations.values() if found.reason)

    assert render(uninspectable.found(operation), "en") == "`mine`: `Block`"
