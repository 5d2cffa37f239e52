"""The canonical form: every way of writing a model has one, and different models have different ones."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder.graph import canonical
from autograder.graph.construction import without_weights
from tests.graph.captured import built, form, nameless, raw

VECTOR = (8,)
IMAGE = (28, 28, 8)
SEQUENCE = (None, 8)


def conv(x, filters=4, size=3, **settings):
    return layers.Conv2D(filters, size, **settings)(x)


def layer_by_layer(x):
    for part in (layers.Conv2D(4, 1, activation="relu"), layers.MaxPooling2D(2)):
        x = part(x)
    return x


def as_sequential(x):
    return keras.Sequential([layers.Conv2D(4, 1, activation="relu"), layers.MaxPooling2D(2)])(x)


def as_model(x):
    inner = keras.Input(IMAGE)
    return keras.Model(inner, layer_by_layer(inner), name="branch")(x)


def as_model_in_model(x):
    inner = keras.Input(IMAGE)
    return keras.Model(inner, as_sequential(inner))(x)


SAME = {
    "a sum of two": (
        VECTOR,
        lambda x: layers.add([x, layers.Dense(8)(x)]),
        lambda x: layers.Add()([x, layers.Dense(8)(x)]),
        lambda x: x + layers.Dense(8)(x),
        lambda x: ops.add(x, layers.Dense(8)(x)),
        lambda x: sum([x, layers.Dense(8)(x)]),
    ),
    "a sum of three": (
        VECTOR,
        lambda x: layers.add([x, layers.Dense(8)(x), layers.Dense(8, use_bias=False)(x)]),
        lambda x: x + layers.Dense(8)(x) + layers.Dense(8, use_bias=False)(x),
        lambda x: x + (layers.Dense(8)(x) + layers.Dense(8, use_bias=False)(x)),
        lambda x: layers.add([layers.add([x, layers.Dense(8)(x)]), layers.Dense(8, use_bias=False)(x)]),
        lambda x: sum([x, layers.Dense(8)(x), layers.Dense(8, use_bias=False)(x)]),
        lambda x: ops.add(layers.Add()([x, layers.Dense(8)(x)]), layers.Dense(8, use_bias=False)(x)),
    ),
    "a product": (
        VECTOR,
        lambda x: layers.multiply([x, layers.Dense(8)(x)]),
        lambda x: x * layers.Dense(8)(x),
        lambda x: ops.multiply(x, layers.Dense(8)(x)),
        lambda x: 1 * x * layers.Dense(8)(x),
    ),
    "a maximum": (
        VECTOR,
        lambda x: layers.maximum([x, layers.Dense(8)(x)]),
        lambda x: ops.maximum(x, layers.Dense(8)(x)),
    ),
    "a minimum": (
        VECTOR,
        lambda x: layers.minimum([x, layers.Dense(8)(x)]),
        lambda x: ops.minimum(x, layers.Dense(8)(x)),
    ),
    "a difference": (
        VECTOR,
        lambda x: layers.subtract([x, layers.Dense(8)(x)]),
        lambda x: x - layers.Dense(8)(x),
        lambda x: ops.subtract(x, layers.Dense(8)(x)),
        lambda x: x - layers.Dense(8)(x) - 0,
    ),
    "an average": (
        VECTOR,
        lambda x: layers.average([x, layers.Dense(8)(x)]),
        lambda x: layers.Average()([x, layers.Dense(8)(x)]),
        lambda x: (x + layers.Dense(8)(x)) / 2,
        lambda x: 0.5 * (x + layers.Dense(8)(x)),
    ),
    "a join": (
        IMAGE,
        lambda x: layers.concatenate([x, conv(x, padding="same")]),
        lambda x: layers.Concatenate()([x, conv(x, padding="same")]),
        lambda x: layers.Concatenate(axis=3)([x, conv(x, padding="same")]),
        lambda x: layers.concatenate([x, conv(x, padding="same")], axis=-1),
        lambda x: ops.concatenate([x, conv(x, padding="same")], axis=3),
        lambda x: ops.concatenate([x, conv(x, padding="same")], -1),
    ),
    "a join of three": (
        VECTOR,
        lambda x: layers.concatenate([x, layers.Dense(4)(x), layers.Dense(2)(x)]),
        lambda x: layers.concatenate([layers.concatenate([x, layers.Dense(4)(x)]), layers.Dense(2)(x)]),
        lambda x: ops.concatenate([x, layers.concatenate([layers.Dense(4)(x), layers.Dense(2)(x)], 1)], -1),
    ),
    "an activation after a layer": (
        VECTOR,
        lambda x: layers.Dense(4, activation="relu")(x),
        lambda x: layers.Dense(4, activation=keras.activations.relu)(x),
        lambda x: layers.Dense(4, activation=ops.relu)(x),
        lambda x: layers.Dense(4, activation=layers.ReLU())(x),
        lambda x: layers.Activation("relu")(layers.Dense(4)(x)),
        lambda x: layers.ReLU()(layers.Dense(4)(x)),
        lambda x: ops.relu(layers.Dense(4)(x)),
        lambda x: keras.activations.relu(layers.Dense(4)(x)),
        lambda x: ops.maximum(layers.Dense(4, activation="linear")(x), 0),
    ),
    "a softmax": (
        VECTOR,
        lambda x: layers.Dense(4, activation="softmax")(x),
        lambda x: layers.Softmax()(layers.Dense(4)(x)),
        lambda x: layers.Softmax(axis=1)(layers.Dense(4)(x)),
        lambda x: ops.softmax(layers.Dense(4)(x)),
        lambda x: layers.Activation(keras.activations.softmax)(layers.Dense(4, activation=None)(x)),
    ),
    "a leaky activation": (
        VECTOR,
        lambda x: layers.Dense(4, activation=layers.LeakyReLU(negative_slope=0.1))(x),
        lambda x: layers.LeakyReLU(0.1)(layers.Dense(4)(x)),
        lambda x: ops.leaky_relu(layers.Dense(4)(x), 0.1),
        lambda x: layers.ReLU(negative_slope=0.1)(layers.Dense(4)(x)),
    ),
    "a swish": (
        VECTOR,
        lambda x: layers.Dense(4, activation="swish")(x),
        lambda x: layers.Dense(4, activation="silu")(x),
        lambda x: ops.silu(layers.Dense(4)(x)),
    ),
    "an activation on its own": (
        VECTOR,
        lambda x: layers.Activation("relu")(x),
        lambda x: layers.ReLU()(x),
        lambda x: ops.relu(x),
        lambda x: keras.activations.relu(x),
    ),
    "an activation in each step of time": (
        SEQUENCE,
        lambda x: layers.TimeDistributed(layers.Dense(4, activation="relu"))(x),
        lambda x: layers.ReLU()(layers.TimeDistributed(layers.Dense(4))(x)),
    ),
    "no activation": (
        VECTOR,
        lambda x: layers.Dense(4)(x),
        lambda x: layers.Dense(4, activation="linear")(x),
        lambda x: layers.Activation("linear")(layers.Dense(4)(x)),
        lambda x: layers.Identity()(layers.Dense(4)(x)),
        lambda x: layers.Dense(4)(layers.Identity()(x)),
    ),
    "strides": (IMAGE, lambda x: conv(x, strides=2), lambda x: conv(x, strides=(2, 2))),
    "a kernel size": (IMAGE, lambda x: conv(x, size=3), lambda x: conv(x, size=(3, 3))),
    "a pool's strides": (
        IMAGE,
        lambda x: layers.MaxPooling2D(2)(x),
        lambda x: layers.MaxPool2D((2, 2), strides=2)(x),
    ),
    "a padding": (IMAGE, lambda x: conv(x, padding="SAME"), lambda x: conv(x, padding="same")),
    "class aliases": (
        IMAGE,
        lambda x: layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(x)),
        lambda x: layers.GlobalAvgPool2D()(layers.Convolution2D(4, 3)(x)),
    ),
    "how weights start": (
        VECTOR,
        lambda x: layers.Dense(4)(x),
        lambda x: layers.Dense(4, kernel_initializer="zeros", kernel_regularizer="l2", name="mine")(x),
    ),
    "a branch": (IMAGE, layer_by_layer, as_sequential, as_model, as_model_in_model),
    "a keyword for training": (
        VECTOR,
        lambda x: layers.Dropout(0.5)(x),
        lambda x: layers.Dropout(0.5, seed=1)(x, training=False),
    ),
    "zeros added": (
        VECTOR,
        lambda x: layers.Dense(4)(x),
        lambda x: layers.Dense(4)(x) + 0,
        lambda x: 0.0 + layers.Dense(4)(x),
        lambda x: layers.Dense(4)(x) + np.zeros((4,), "float32"),
        lambda x: 1.0 * layers.Dense(4)(x),
        lambda x: layers.Dense(4)(x) / 1,
    ),
    "a dead branch": (
        VECTOR,
        lambda x: layers.Dense(4)(x),
        lambda x: (layers.Dense(9)(x), layers.Dense(4)(x))[1],
    ),
    "a layer without weights used twice": (
        IMAGE,
        lambda x: layers.add([layers.MaxPooling2D(2)(x), layers.MaxPooling2D(2)(conv(x, 8, padding="same"))]),
        lambda x: (lambda pool: layers.add([pool(x), pool(conv(x, 8, padding="same"))]))(
            layers.MaxPooling2D(2)
        ),
    ),
    "a reshape": (
        VECTOR,
        lambda x: layers.Reshape((4, 2))(x),
        lambda x: ops.reshape(x, (-1, 4, 2)),
    ),
    "both directions": (
        SEQUENCE,
        lambda x: layers.Bidirectional(layers.LSTM(4))(x),
        lambda x: layers.Bidirectional(layers.LSTM(4), backward_layer=layers.LSTM(4, go_backwards=True))(x),
    ),
}

DIFFERENT = {
    "the type of a merge": (VECTOR, lambda x: x + layers.Dense(8)(x), lambda x: x * layers.Dense(8)(x)),
    "a sum and an average": (
        VECTOR,
        lambda x: layers.add([x, layers.Dense(8)(x)]),
        lambda x: layers.average([x, layers.Dense(8)(x)]),
    ),
    "the operands of a difference": (
        VECTOR,
        lambda x: x - layers.Dense(8)(x),
        lambda x: layers.Dense(8)(x) - x,
    ),
    "the axis of a join": (
        IMAGE,
        lambda x: layers.concatenate([x, conv(x, 8, padding="same")]),
        lambda x: layers.concatenate([x, conv(x, 8, padding="same")], axis=1),
    ),
    "channels": (IMAGE, lambda x: conv(x, 4), lambda x: conv(x, 5)),
    "a size": (IMAGE, lambda x: conv(x, size=3), lambda x: conv(x, size=(3, 1))),
    "a stride": (IMAGE, lambda x: conv(x, strides=1), lambda x: conv(x, strides=2)),
    "a padding": (IMAGE, lambda x: conv(x, padding="same"), lambda x: conv(x, padding="valid")),
    "an activation": (
        VECTOR,
        lambda x: layers.Dense(4, activation="relu")(x),
        lambda x: layers.Dense(4, activation="tanh")(x),
    ),
    "a lost activation": (
        VECTOR,
        lambda x: layers.Dense(4, activation="relu")(x),
        lambda x: layers.Dense(4)(x),
    ),
    "a slope": (
        VECTOR,
        lambda x: layers.LeakyReLU(0.1)(x),
        lambda x: layers.LeakyReLU(0.2)(x),
    ),
    "an activation before a merge or after it": (
        VECTOR,
        lambda x: layers.ReLU()(x + layers.Dense(8)(x)),
        lambda x: x + layers.ReLU()(layers.Dense(8)(x)),
    ),
    "an activation that one of two readers skips": (
        VECTOR,
        lambda x: (lambda y: layers.concatenate([y, layers.ReLU()(y)]))(layers.Dense(4)(x)),
        lambda x: (lambda y: layers.concatenate([y, y]))(layers.Dense(4, activation="relu")(x)),
    ),
    "a constant that is not zero": (
        VECTOR,
        lambda x: layers.Dense(4)(x),
        lambda x: layers.Dense(4)(x) + 1,
    ),
    "an array that is not zero": (
        VECTOR,
        lambda x: layers.Dense(4)(x),
        lambda x: layers.Dense(4)(x) + np.array([0, 0, 0, 1], "float32"),
    ),
    "zeros that make a tensor wider": (
        VECTOR,
        lambda x: layers.Dense(1)(x),
        lambda x: layers.Dense(1)(x) + np.zeros((4,), "float32"),
    ),
    "a tensor added twice": (VECTOR, lambda x: x + x, lambda x: layers.Identity()(x)),
    "a clone where a layer is shared": (
        VECTOR,
        lambda x: (lambda dense: dense(dense(x)))(layers.Dense(8)),
        lambda x: layers.Dense(8)(layers.Dense(8)(x)),
    ),
    "a layer called twice on one tensor": (
        VECTOR,
        lambda x: (lambda dense: layers.add([dense(x), dense(x)]))(layers.Dense(8)),
        lambda x: (lambda once: layers.add([once, once]))(layers.Dense(8)(x)),
    ),
    "a silent broadcast": (
        IMAGE,
        lambda x: layers.add([x, conv(x, 8, padding="same")]),
        lambda x: layers.add([x, conv(x, 1, padding="same")]),
    ),
    "a missing branch": (
        VECTOR,
        lambda x: layers.add([x, layers.Dense(8)(x), layers.Dense(8)(x)]),
        lambda x: layers.add([x, layers.Dense(8)(x)]),
    ),
    "what a recurrent layer does inside": (
        SEQUENCE,
        lambda x: layers.LSTM(4)(x),
        lambda x: layers.LSTM(4, activation="relu")(x),
    ),
    "what a layer gives back": (
        SEQUENCE,
        lambda x: layers.LSTM(4)(x),
        lambda x: layers.LSTM(4, return_sequences=True)(x),
    ),
    "a layer inside a wrapper": (
        SEQUENCE,
        lambda x: layers.Bidirectional(layers.LSTM(4))(x),
        lambda x: layers.Bidirectional(layers.GRU(4))(x),
    ),
    "a causal mask": (
        SEQUENCE,
        lambda x: layers.MultiHeadAttention(2, 4)(x, x),
        lambda x: layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True),
    ),
}

SPELLINGS = [
    pytest.param(shape, first, other, id=f"{name} ({number})")
    for name, (shape, first, *others) in SAME.items()
    for number, other in enumerate(others, 2)
]


@pytest.mark.parametrize(("shape", "one", "other"), SPELLINGS)
def test_a_spelling_is_forgiven(shape, one, other):
    assert form(one, shape) == form(other, shape)


@pytest.mark.parametrize(
    ("shape", "one", "other"), [pytest.param(*bodies, id=name) for name, bodies in DIFFERENT.items()]
)
def test_a_difference_is_kept(shape, one, other):
    assert form(one, shape) != form(other, shape)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        pytest.param(shape, body, id=f"{name} ({number})")
        for name, (shape, *bodies) in (SAME | DIFFERENT).items()
        for number, body in enumerate(bodies)
    ],
)
def test_a_canonical_graph_is_its_own_canonical_form(shape, body):
    found = canonical(raw(built(body, shape)))

    assert found == canonical(found)


def test_calls_come_after_what_they_read():
    found = form(lambda x: layers.add([layers.Dense(8)(x), layers.ReLU()(layers.Dense(8)(x)) + 0, x]), VECTOR)

    assert list(range(len(found.calls))) == [call.id for call in found.calls]
    assert all(tensor.call < call.id for call in found.calls for tensor in call.inputs)


def test_a_merge_that_is_read_twice_stays_a_merge_of_its_own():
    def body(x):
        inner = x + layers.Dense(8)(x)
        return layers.concatenate([inner + x, inner])

    assert kinds(form(body, VECTOR)) == ["Input", "Dense", "Add", "Add", "Concatenate"]


def test_a_merge_that_is_an_output_stays_a_merge_of_its_own():
    def body(x):
        inner = x + layers.Dense(8)(x)
        return [inner, inner + x]

    assert len(form(body, VECTOR).of_kind("Add")) == 2


def test_a_layer_keeps_the_activation_of_each_of_its_calls():
    def body(x):
        dense = layers.Dense(8)
        return layers.concatenate([layers.ReLU()(dense(x)), dense(layers.Dense(8)(x))])

    found = form(body, VECTOR)
    shared = [call for call in found.of_kind("Dense") if len(found.calls_of(call.operation)) == 2]

    assert [call.activation for call in shared] == ["relu", None]


def test_an_output_keeps_its_name_when_its_activation_is_folded_away():
    model = built(
        lambda x: layers.Activation("sigmoid", name="gender")(layers.Dense(1, name="logit")(x)), VECTOR
    )
    found = canonical(raw(model))

    assert found.output_names == ("gender",)
    assert (found.operation_of(1).name, found.call(1).activation) == ("logit", "sigmoid")


def test_the_mask_of_an_embedding_is_no_edge():
    def body(x):
        return layers.LSTM(4)(layers.Embedding(10, 3, mask_zero=True)(x))

    assert kinds(form(body, (None,))) == ["Input", "Embedding", "LSTM"]


def test_an_input_of_an_embedding_may_call_its_numbers_what_it_likes():
    def body(x):
        return layers.Embedding(10, 3)(x)

    assert form(body, (None,)) == form(body, (None,), dtype="int32")
    assert form(body, (None,)) != form(body, (None,), dtype="int8")


def test_constants_of_a_chain_come_together():
    found = form(lambda x: 1 + x + layers.Dense(8)(x) + 2, VECTOR)
    (merge,) = found.of_kind("Add")

    assert len(merge.inputs) == 2
    assert found.operation_of(merge).settings["constant"] == 3


def test_an_unread_input_stays():
    with without_weights():
        used, unused = keras.Input((3,)), keras.Input((4,))
        model = keras.Model([used, unused], layers.Dense(2)(used))

    assert tuple(found.shapes[0] for found in canonical(raw(model)).of_kind("Input")) == (
        (None, 3),
        (None, 4),
    )


def test_an_input_may_be_an_output():
    assert kinds(form(lambda x: layers.Identity()(x), VECTOR)) == ["Input"]


def kinds(graph):
    return [graph.operation_of(call).kind for call in graph.calls]


# Random small graphs, each written by a random choice of spellings.

MERGES = {
    "Add": (lambda a, b: a + b, lambda a, b: layers.add([a, b]), lambda a, b: ops.add(a, b)),
    "Multiply": (lambda a, b: a * b, lambda a, b: layers.multiply([a, b])),
    "Maximum": (lambda a, b: ops.maximum(a, b), lambda a, b: layers.maximum([a, b])),
}
ACTIVATIONS = (
    lambda x, n: layers.Dense(8, activation=n)(x),
    lambda x, n: layers.Activation(n)(layers.Dense(8)(x)),
    lambda x, n: getattr(ops, n)(layers.Dense(8)(x)),
    lambda x, n: keras.Sequential([layers.Dense(8), layers.Activation(n)])(x),
)
STEPS = st.one_of(
    st.tuples(st.sampled_from(sorted(MERGES)), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.sampled_from(["relu", "tanh", "sigmoid"]), st.integers(0, 9), st.just(0)),
)


def written(steps, choose):
    def body(x):
        made = [x]
        for what, first, second in steps:
            one, other = made[first % len(made)], made[second % len(made)]
            spellings = MERGES.get(what)
            result = choose(spellings)(one, other) if spellings else choose(ACTIVATIONS)(one, what)
            made.append(choose((lambda t: t, lambda t: t + 0, lambda t: layers.Identity()(t)))(result))
        return made[-1]

    return body


@given(steps=st.lists(STEPS, min_size=1, max_size=6), random=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_random_spellings_of_a_graph_have_one_form(steps, random):
    plain = form(written(steps, lambda choices: choices[0]), VECTOR)
    spelled = form(written(steps, random.choice), VECTOR)

    assert plain == spelled
    assert nameless(canonical(plain)) == plain
