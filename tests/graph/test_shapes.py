"""Shapes and counts from configuration alone: Keras's own, with no weight and no runtime."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder.evidence import capture
from autograder.graph import (
    ShapeError,
    canonical,
    count_parameters,
    from_plain,
    plain,
    read_model,
    with_shapes,
)
from autograder.graph.construction import without_weights
from autograder.messages import render
from tests.graph.captured import assert_no_runtime_is_started, built, evidence_of, raw

IMAGE = (28, 28, 3)


def inception(padding="same"):
    def body(x):
        a = layers.Conv2D(128, 1, activation="relu", strides=2, padding=padding)(x)
        b = layers.Conv2D(128, 1, activation="relu")(x)
        b = layers.Conv2D(128, 3, activation="relu", strides=2, padding=padding)(b)
        c = layers.AveragePooling2D(3, strides=2, padding=padding)(x)
        c = layers.Conv2D(128, 3, activation="relu", padding=padding)(c)
        d = layers.Conv2D(128, 1, activation="relu")(x)
        d = layers.Conv2D(128, 3, activation="relu", padding=padding)(d)
        d = layers.Conv2D(128, 3, activation="relu", strides=2, padding=padding)(d)
        return layers.concatenate([a, b, c, d])

    return body


def projected(padding):
    def body(x):
        y = layers.Conv2D(8, 3, padding="same")(x)
        y = layers.MaxPooling2D(2, strides=2, padding=padding, name="pool")(y)
        return layers.add([y, layers.Conv2D(8, 1, strides=2, padding="same")(x)], name="sum")

    return body


def siamese(shared=True):
    def body(left, right):
        lstm = layers.LSTM(32)
        other = lstm if shared else layers.LSTM(32)
        return layers.Dense(1, activation="sigmoid")(layers.concatenate([lstm(left), other(right)]))

    return body


def chapter(x):
    for units, activation in ((32, "relu"), (32, "relu"), (10, "softmax")):
        x = layers.Dense(units, activation=activation)(x)
    return x


def output_shapes(graph):
    return [graph.shape(tensor) for tensor in graph.outputs]


def recorded(evidence):
    """The shapes that Keras gave each call of a model without nested models."""
    return [tuple(tuple(out["shape"]) for out in call["outputs"]) for call in evidence["graphs"][0]["calls"]]


BODIES = {
    "inception": (inception(), IMAGE),
    "siamese": (siamese(), (None, 128), (None, 128)),
    "chapter": (chapter, (64,)),
    "states": (lambda x: layers.LSTM(3, return_state=True, return_sequences=True)(x), (7, 4)),
    "a state that is given": (lambda x, s: layers.GRU(3)(x, initial_state=[s]), (7, 4), (3,)),
    "both directions": (lambda x: layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x), (7, 4)),
    "both directions and states": (
        lambda x: layers.Bidirectional(layers.GRU(3, return_state=True))(x),
        (7, 4),
    ),
    "both directions apart": (lambda x: layers.Bidirectional(layers.LSTM(3), merge_mode=None)(x), (7, 4)),
    "in time": (lambda x: layers.TimeDistributed(layers.Conv2D(3, 3))(x), (5, 9, 9, 2)),
    "a cell": (lambda x: layers.RNN(layers.LSTMCell(3))(x), (7, 4)),
    "convolution and recurrence": (lambda x: layers.ConvLSTM2D(3, 3, return_sequences=True)(x), (5, 9, 9, 2)),
    "attention": (lambda x, y: layers.MultiHeadAttention(2, 3)(x, y), (5, 4), (7, 4)),
    "attention with a key": (lambda x, y: layers.MultiHeadAttention(2, 3)(x, y, key=y), (5, 4), (7, 4)),
    "attention and scores": (
        lambda x: layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True),
        (5, 4),
    ),
    "dot attention": (lambda x, y: layers.Attention()([x, y]), (5, 4), (7, 4)),
    "a dot": (lambda x, y: layers.Dot(axes=2)([x, y]), (5, 4), (7, 4)),
    "an equation": (lambda x: layers.EinsumDense("abc,cd->abd", (None, 6))(x), (5, 4)),
    "transposed": (lambda x: layers.Conv2DTranspose(4, 3, strides=2, padding="same")(x), IMAGE),
    "separable": (lambda x: layers.SeparableConv2D(4, 3)(layers.DepthwiseConv2D(3)(x)), IMAGE),
    "normalised": (lambda x: layers.LayerNormalization()(layers.GroupNormalization(3)(x)), IMAGE),
    "reshaped": (lambda x: layers.Permute((2, 1))(layers.Reshape((-1, 4))(layers.Flatten()(x))), IMAGE),
    "padded": (lambda x: layers.Cropping2D(2)(layers.UpSampling2D(2)(layers.ZeroPadding2D(1)(x))), IMAGE),
    "randomly": (lambda x: layers.RandomCrop(9, 9)(layers.Dropout(0.5)(layers.RandomFlip()(x))), IMAGE),
    "operations": (
        lambda x: (
            ops.squeeze(ops.expand_dims(ops.mean(x[:, 1:9, ..., :2], axis=(1, 2)), 1), 1) @ ops.ones((2, 5))
        ),
        IMAGE,
    ),
    "split and stacked": (lambda x: ops.stack(ops.split(x, 3, axis=-1), axis=1), IMAGE),
    "words": (lambda x: layers.LSTM(3)(layers.Embedding(9, 4, mask_zero=True)(x)), (None,)),
}


@pytest.mark.parametrize("name", BODIES)
def test_shapes_and_counts_are_those_of_keras(name):
    body, *shapes = BODIES[name]
    model = built(body, *shapes)
    evidence = evidence_of(model)
    graph = read_model(evidence)
    live = {call.operation for call in graph.calls}
    wanted = [
        shape
        for call, shape in zip(evidence["graphs"][0]["calls"], recorded(evidence), strict=True)
        if call["operation"] in live
    ]

    assert [call.shapes for call in with_shapes(graph).calls] == wanted
    assert output_shapes(with_shapes(canonical(graph))) == output_shapes(with_shapes(graph))
    assert count_parameters(graph) == count_parameters(canonical(graph)) == model.count_params()


def test_the_figures_of_the_chapter():
    assert count_parameters(raw(built(chapter, (64,)))) == 3_466
    assert count_parameters(raw(built(siamese(), (None, 128), (None, 128)))) == 20_673
    assert count_parameters(raw(built(siamese(shared=False), (None, 128), (None, 128)))) == 41_281
    assert output_shapes(with_shapes(raw(built(inception(), (28, 28, 192))))) == [(None, 14, 14, 512)]


def test_one_xception_called_on_two_cameras_counts_once():
    with without_weights():
        base = keras.applications.Xception(weights=None, include_top=False)
    graph = raw(built(lambda a, b: layers.concatenate([base(a), base(b)]), (250, 250, 3), (250, 250, 3)))

    assert count_parameters(graph) == 20_861_480
    assert output_shapes(with_shapes(graph)) == [(None, 8, 8, 4096)]


def test_the_shapes_that_a_learner_tells_are_not_believed():
    evidence = evidence_of(built(chapter, (64,)))
    for call in evidence["graphs"][0]["calls"]:
        call["outputs"][0]["shape"] = [None, 999]

    assert output_shapes(with_shapes(read_model(evidence))) == [(None, 10)]


# Other sizes of input


def test_a_graph_can_be_tried_on_other_sizes():
    graph = raw(built(inception(), (28, 28, 3)))

    assert output_shapes(with_shapes(graph, [(None, 27, 27, 3)])) == [(None, 14, 14, 512)]
    assert output_shapes(with_shapes(graph, {graph.input_names[0]: (2, 9, 8, 3)})) == [(2, 5, 4, 512)]
    assert output_shapes(with_shapes(graph, {"nothing": (1,)})) == [(None, 14, 14, 512)]


def test_sizes_that_do_not_meet_are_named_with_the_call():
    graph = raw(built(projected("valid"), IMAGE))

    assert output_shapes(with_shapes(graph)) == [(None, 14, 14, 8)]
    with pytest.raises(ShapeError) as caught:
        with_shapes(graph, [(None, 27, 27, 3)])
    assert graph.operation_of(caught.value.call).name == "sum"
    assert render(caught.value.message, "en") == (
        "The shapes that reach sum do not fit together: (None, 13, 13, 8), (None, 14, 14, 8)."
    )
    assert output_shapes(with_shapes(raw(built(projected("same"), IMAGE)), [(None, 27, 27, 3)])) == [
        (None, 14, 14, 8)
    ]


def test_a_mistake_that_builds_with_unknown_sizes_is_found_with_known_ones():
    graph = raw(built(inception("valid"), (None, None, 3)))

    assert output_shapes(with_shapes(graph)) == [(None, None, None, 512)]
    with pytest.raises(ShapeError, match="do not fit together"):
        with_shapes(graph, [(None, 28, 28, 3)])


def test_an_input_that_a_layer_cannot_take_is_named():
    graph = raw(built(lambda x: layers.Reshape((4, 2), name="fold")(x), (8,)))

    with pytest.raises(ShapeError) as caught:
        with_shapes(graph, [(None, 9)])
    assert render(caught.value.message, "en") == "fold cannot take an input of shape (None, 9)."


def test_a_canonical_graph_keeps_what_can_be_reckoned_when_sizes_do_not_meet():
    graph = raw(built(projected("valid"), IMAGE))
    odd = replace(
        graph,
        calls=tuple(replace(call, shapes=((None, 27, 27, 3),) if call.shapes else ()) for call in graph),
    )

    assert [call.shapes for call in canonical(odd).of_kind("Add")] == [()]
    assert canonical(odd).of_kind("MaxPooling2D")[0].shapes == ((None, 13, 13, 8),)


def test_what_cannot_be_inspected_has_no_shape_and_counts_nothing():
    def body(x):
        return layers.Dense(3)(layers.Lambda(lambda y: y * 2, output_shape=(4,))(layers.Dense(4)(x)))

    graph = raw(built(body, (8,)))

    assert [call.shapes for call in with_shapes(graph).calls] == [((None, 8),), ((None, 4),), (), ()]
    assert count_parameters(graph) == 36


def test_settings_that_keras_refuses_are_an_error_with_a_message():
    evidence = evidence_of(built(chapter, (64,)))
    evidence["operations"][1]["config"]["units"] = "many"

    with pytest.raises(ShapeError):
        with_shapes(read_model(evidence))


def test_huge_sizes_cost_nothing():
    evidence = evidence_of(built(lambda x: layers.Embedding(10, 4)(x), (None,)))
    evidence["operations"][1]["config"]["input_dim"] = 10**15

    assert count_parameters(read_model(evidence)) == 4 * 10**15


@pytest.mark.parametrize(
    ("split", "setting"),
    [
        (lambda x: ops.array_split(x, 2, axis=1)[0], "indices_or_sections"),
        (lambda x: ops.split(x, 2, axis=1)[0], "indices_or_sections"),
        (lambda x: ops.unstack(x, axis=1)[0], "num"),
    ],
)
def test_parts_without_number_are_not_made(split, setting):
    """Keras would make a tensor for each of them."""
    evidence = evidence_of(built(split, IMAGE))
    (operation,) = [one for one in evidence["operations"] if setting in (one["config"] or {})]
    operation["config"][setting] = 2**31

    with pytest.raises(ShapeError):
        with_shapes(read_model(evidence))


@given(size=st.integers(1, 40), kernel=st.integers(1, 5), stride=st.integers(1, 3), same=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_convolution_of_any_size_has_the_shape_that_arithmetic_says(size, kernel, stride, same):
    def body(x):
        return layers.Conv2D(2, kernel, strides=stride, padding="same" if same else "valid")(x)

    graph = raw(built(body, (None, None, 3)))
    wanted = -(-size // stride) if same else (size - kernel) // stride + 1
    if wanted < 1:
        with pytest.raises(ShapeError):
            with_shapes(graph, [(None, size, size, 3)])
    else:
        assert output_shapes(with_shapes(graph, [(None, size, size, 3)])) == [(None, wanted, wanted, 2)]


def test_reckoning_starts_no_runtime_so_that_a_process_may_still_be_forked():
    assert_no_runtime_is_started(
        {name: capture("task", [built(body, *shapes)]) for name, (body, *shapes) in BODIES.items()}
    )


def test_a_graph_in_plain_form_has_the_same_shapes():
    graph = canonical(raw(built(inception(), IMAGE)))

    assert with_shapes(from_plain(json.loads(json.dumps(plain(graph))))) == graph
