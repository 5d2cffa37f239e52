"""A graph as plain JSON: what is written down is read back as it was."""

from __future__ import annotations

import json

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

from autograder.graph import Call, Compiled, Graph, Operation, Tensor, canonical, from_plain, plain
from tests.graph.captured import raw

SETTINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)
NAMES = st.text(max_size=5)
SHAPES = st.lists(st.none() | st.integers(0, 99), max_size=4).map(tuple)
TENSORS = st.builds(Tensor, st.integers(0, 9), st.integers(0, 2))
OPERATIONS = st.builds(
    Operation,
    id=st.integers(0, 9),
    kind=NAMES,
    name=NAMES,
    settings=st.dictionaries(NAMES, SETTINGS, max_size=3),
    inspectable=st.booleans(),
    origin=NAMES,
    reason=NAMES,
)
CALLS = st.builds(
    Call,
    id=st.integers(0, 9),
    operation=st.integers(0, 9),
    inputs=st.lists(TENSORS, max_size=3).map(tuple),
    shapes=st.lists(SHAPES, max_size=2).map(tuple),
    activation=st.none() | NAMES,
    path=st.lists(NAMES, max_size=2).map(tuple),
)
EFFECTS = st.builds(
    Compiled,
    optimizer=st.none() | NAMES,
    losses=st.dictionaries(NAMES, st.none() | NAMES, max_size=2),
    loss_weights=st.dictionaries(NAMES, st.none() | st.floats(allow_nan=False), max_size=2),
    metrics=st.dictionaries(NAMES, st.lists(NAMES, max_size=2).map(tuple), max_size=2),
    unmatched_losses=st.lists(NAMES, max_size=2).map(tuple),
    unmatched_loss_weights=st.lists(NAMES, max_size=2).map(tuple),
    unmatched_metrics=st.lists(NAMES, max_size=2).map(tuple),
)
GRAPHS = st.builds(
    Graph,
    operations=st.lists(OPERATIONS, max_size=3).map(lambda found: {entry.id: entry for entry in found}),
    calls=st.lists(CALLS, max_size=3).map(tuple),
    inputs=st.lists(TENSORS, max_size=2).map(tuple),
    outputs=st.lists(TENSORS, max_size=2).map(tuple),
    input_names=st.lists(NAMES, max_size=2).map(tuple),
    output_names=st.lists(NAMES, max_size=2).map(tuple),
    compiled=st.none() | EFFECTS,
    name=NAMES,
)


@given(graph=GRAPHS)
def test_any_graph_comes_back_as_it_was(graph):
    assert from_plain(json.loads(json.dumps(plain(graph)))) == graph


def test_a_learners_graph_comes_back_as_it_was():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2, name="head")(x))
    model.compile("adam", "mse", metrics=["acc"])
    graph = canonical(raw(model))

    assert from_plain(json.loads(json.dumps(plain(graph)))) == graph


@pytest.mark.parametrize("document", [{}, {"operations": []}])
def test_what_is_no_graph_is_an_error(document):
    with pytest.raises(KeyError):
        from_plain(document)
