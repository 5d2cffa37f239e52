"""All of Keras: every public layer, activation and operation is read into a graph, or has a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import pytest
from keras import layers, ops

from autograder.evidence import capture, read
from autograder.graph import (
    canonical,
    compare,
    count_parameters,
    read_model,
    settings,
    uninspectable,
    with_shapes,
)
from autograder.graph.allowed import parameters_of
from autograder.graph.construction import without_weights
from tests.graph import everything
from tests.graph.captured import assert_no_runtime_is_started, evidence_of, raw

READ = sorted(
    set(everything.everything()) - everything.NO_PART - everything.REFUSED - set(everything.UNINSPECTABLE)
)


@cache
def captured(name: str) -> tuple[keras.Model, dict[str, Any]]:
    """Return a model that uses the thing of that name, and its evidence as it is handed in."""
    model = everything.build(name)
    return model, capture("task", [model])


@pytest.mark.parametrize("name", READ)
def test_it_is_read_with_its_shapes_and_told_from_another(name):
    """What is new in Keras fails here, until it is on the allow-list or has its sentence."""
    model, document = captured(name)
    evidence = read(json.dumps(document)).arguments[0]["model"]
    graph = read_model(evidence)
    shaped = with_shapes(graph)
    form = canonical(shaped)
    other = replace(
        form,
        operations={
            number: operation if operation.kind == "Input" else replace(operation, kind="ops.erf")
            for number, operation in form.operations.items()
        },
        calls=tuple(replace(call, activation="tanh") for call in form.calls),
    )

    assert [operation.origin for operation in graph.operations.values() if not operation.inspectable] == []
    assert [shaped.shape(tensor) for tensor in shaped.outputs] == [tuple(out.shape) for out in model.outputs]
    assert count_parameters(graph) == model.count_params()
    assert compare(form, canonical(read_model(evidence))) == []
    assert len(form.calls) == len(form.inputs) or compare(other, form) != []


def test_every_setting_of_a_layer_is_read_or_left_out_on_purpose():
    """Keras takes some that no constructor declares, and a layer that has one is another layer."""
    undeclared = set()
    for name in READ:
        if name.startswith("layers."):
            for layer in captured(name)[0].layers:
                declared = {parameter for parameter, _ in parameters_of(type(layer), "__init__")}
                undeclared |= layer.get_config().keys() - declared - settings.DROPPED

    undeclared = {one for one in undeclared if not one.endswith(settings.STARTED_AND_HELD_BACK)}
    # A vocabulary's size is read by itself; only `IntegerLookup`, which declares it, takes an `oov_method`.
    assert undeclared == {*settings.UNDECLARED, "vocabulary_size", "oov_method"}


@pytest.mark.filterwarnings("ignore:.*rms_scaling")
@pytest.mark.parametrize(
    ("kind", "given"),
    [("LayerNormalization", {"rms_scaling": True}), ("Solarization", {"data_format": "channels_first"})],
)
def test_a_setting_that_keras_takes_without_declaring_it_counts(kind: str, given: dict[str, Any]):
    def graph(**given: Any):
        x = keras.Input((4, 4, 4))
        with without_weights():
            made = keras.Model(x, getattr(layers, kind)(name="layer", **given)(x))
        return canonical(with_shapes(read_model(evidence_of(made))))

    (difference,) = compare(graph(**given), graph())

    assert (difference.kind, difference.setting) == ("setting", *given)
    assert compare(graph(**given), graph(**given)) == []


@pytest.mark.parametrize("name", sorted(set(everything.REFUSED) & set(everything.everything())))
def test_what_keras_refuses_in_a_functional_model_needs_no_sentence(name):
    with pytest.raises((ValueError, TypeError, NotImplementedError)):
        everything.build(name)


def test_what_is_listed_as_uninspectable_or_refused_is_on_no_other_list():
    listed = [everything.NO_PART, everything.REFUSED, set(everything.UNINSPECTABLE)]

    assert len(set().union(*listed)) == sum(map(len, listed))
    assert set(everything.UNINSPECTABLE.values()) <= set(uninspectable.REASONS)


def reasons(model):
    return [operation.reason for operation in raw(model).operations.values() if operation.reason]


@pytest.mark.parametrize("name", sorted(set(everything.UNINSPECTABLE) & set(everything.everything())))
def test_what_is_uninspectable_has_the_reason_of_its_sentence(name):
    """Of what needs a library that is not here, the evidence is written as it would be."""
    evidence = evidence_of(keras.Model(x := keras.Input((4,)), layers.Dense(4)(x)))
    kind = everything.class_of(name)
    evidence["operations"][1].update(module=kind.__module__, class_name=kind.__name__, config={})

    (found,) = (
        operation for operation in read_model(evidence).operations.values() if operation.kind != "Input"
    )

    assert (found.inspectable, found.reason) == (False, everything.UNINSPECTABLE[name])


def test_operations_that_take_a_function_are_found_in_a_model():
    x = keras.Input((4,))

    assert reasons(keras.Model(x, ops.vectorized_map(lambda y: y, x))) == ["function_argument"]
    assert reasons(keras.Model(x, ops.map(lambda y: y, x))) == ["function_argument"]
    assert reasons(keras.Model(x, ops.cond(ops.sum(x) > 0, lambda: x + 1, lambda: x - 1))) == [
        "function_argument"
    ]


def test_a_pipeline_is_the_layers_that_it_calls():
    def piped(x):
        return layers.Pipeline([layers.Pipeline([layers.RandomFlip()]), layers.Rescaling(2)])(x)

    def called(x):
        return layers.Rescaling(2)(layers.RandomFlip()(x))

    x, y = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    assert compare(canonical(raw(keras.Model(x, piped(x)))), canonical(raw(keras.Model(y, called(y))))) == []


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow's runtime")
def test_none_of_it_starts_a_runtime_where_it_is_read():
    """A process that has started one cannot be forked any more."""
    assert_no_runtime_is_started({name: captured(name)[1] for name in READ})
