"""Evidence to be read: a document with everything in it, and what a check may do with one."""

from __future__ import annotations

import json
from functools import cache

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

from autograder.checks import CheckFailure, Subject, expect
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
    values += [np.array([(1, "a")], dtype=[("n", "i4"), ("t", "U3")]), _plot()]
    probes = [[{"shape": [4]}], [{"shape": [5]}]]
    function = lambda x: layers.Add()([x, layers.Dense(4)(x)])  # noqa: E731
    return capture(
        "task", [model, layers.TimeDistributed(layers.Dense(2)), function, keras.Input((2,)), *values], probes
    )


def _plot():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 2], label="line")
    axes.scatter([1], [2])
    axes.bar([0, 1], [2, 3])
    axes.imshow(np.zeros((2, 2)))
    axes.legend()
    return figure


OF_VALUES = (
    lambda one: one.equals(3),
    lambda one: one.is_close([1.0, 2.0], tolerance=0.5),
    lambda one: one.is_at_least(2),
    lambda one: one.equals_table({"n": [1], "t": ["a"]}),
    lambda one: one.equals_table({"n": [1], "t": ["b"]}, any_order=True),
)
OF_PLOTS = (
    lambda one: one.plots(),
    lambda one: one.has_title(),
    lambda one: one.has_axis_labels(x="x"),
    lambda one: one.has_legend("line"),
    lambda one: one.has_limits(y=(0, 1)),
    lambda one: one.shows_line([1, 3]),
    lambda one: one.shows_points([3], x=[1]),
    lambda one: one.shows_bars([2, 4]),
    lambda one: one.shows_image((3, 3)),
)
"""What a check may demand of a value, and of a plot."""


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
    for value in evidence.arguments:
        if value["kind"] not in ("number", "list", "dict", "array", "table", "plot"):
            continue
        for demand in OF_PLOTS if value["kind"] == "plot" else OF_VALUES:
            try:
                demand(expect(Subject("task", value=value, reference=Subject("task", value=value))))
            except CheckFailure:
                continue
