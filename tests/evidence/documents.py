"""Evidence to be read: a document with everything in it, and what a check may do with one."""

from __future__ import annotations

import json
from functools import cache

import keras
import numpy as np
from keras import layers

from autograder.evidence import capture
from autograder.graph import (
    GraphError,
    canonical,
    count_parameters,
    from_plain,
    plain,
    read_model,
    with_shapes,
)
from autograder.graph.construction import without_weights


@cache
def example():
    """One document with a value of every kind in it."""
    with without_weights():
        shared = layers.Dense(4, activation="relu")
        inner = keras.Input((4,), name="inner")
        nested = keras.Model(inner, layers.ReLU()(shared(inner)), name="nested")
        x = keras.Input((4,), name="x")
        words = keras.Input((None,), dtype="int32", name="words")
        told = layers.Bidirectional(layers.LSTM(2))(layers.Embedding(10, 3, mask_zero=True)(words))
        joined = layers.concatenate([nested(shared(x)), told]) + 0
        model = keras.Model([x, words], {"a": layers.Dense(1)(joined), "b": joined[:, :2]})
    model.compile("adam", {"a": "mse", "b": "mae"}, loss_weights={"a": 1, "c": 2.0}, metrics={"a": ["acc"]})
    values = [1.5, float("nan"), True, None, "text", (1, 2), {"k": [3]}, np.arange(6).reshape(2, 3), object()]
    probes = [[{"shape": [4]}], [{"shape": [5]}]]
    function = lambda x: layers.Add()([x, layers.Dense(4)(x)])  # noqa: E731
    return capture(
        "task", [model, layers.TimeDistributed(layers.Dense(2)), function, keras.Input((2,)), *values], probes
    )


def use(evidence):
    """What a check may do with evidence that was read."""
    models = [argument["model"] for argument in evidence.arguments if argument["kind"] == "model"]
    models += [probe.result for probe in evidence.probes if probe.result is not None]
    for model in models:
        try:
            graph = read_model(model)
            found = canonical(graph)
            assert from_plain(json.loads(json.dumps(plain(found)))) == found
            with_shapes(found, [(None, 9), (None, 7)])
            count_parameters(graph)
        except GraphError:
            continue
