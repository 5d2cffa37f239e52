"""A stand-in gives tensors of the known shapes for the known calls, and holds nothing else."""

from __future__ import annotations

import json
from typing import Any

import keras
import pytest
from keras import layers

from autograder.checks import read_subject
from autograder.evidence import capture, read, stand_in
from autograder.graph import canonical, read_model, with_shapes

BLOCK: Any = {
    "name": "block",
    "parameters": [["x"], ["filters", 8]],
    "calls": [
        {
            "inputs": [{"shape": [6, 6, 3], "dtype": "float32"}, {"value": filters}],
            "model_inputs": [{"shape": [6, 6, 3], "dtype": "float32", "name": "x"}],
            "outputs": [{"shape": [3, 3, filters], "dtype": "float32", "name": "y"}],
            "several": False,
        }
        for filters in (8, 16)
    ],
}


def put(replacement: Any, **namespace: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A namespace after a replacement, and what it will have recorded."""
    recorded: list[dict[str, Any]] = []
    stand_in.put(namespace, "the-block", replacement, recorded.append)
    return namespace, recorded


def test_a_function_s_stand_in_gives_a_tensor_of_the_known_shape() -> None:
    block = put(BLOCK)[0]["block"]

    assert block(keras.Input((6, 6, 3))).shape == (None, 3, 3, 8)
    assert block(keras.Input((6, 6, 3)), 16).shape == (None, 3, 3, 16)
    assert block(x=keras.Input((6, 6, 3)), filters=16).shape == (None, 3, 3, 16)


@pytest.mark.parametrize("shape", [(7, 6, 3), (6, 6)])
def test_a_call_that_the_solution_never_makes_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="is not known to be called"):
        put(BLOCK)[0]["block"](keras.Input(shape))


def test_numbers_do_not_pass_through_it() -> None:
    images = keras.Input((6, 6, 3))
    model = keras.Model(images, put(BLOCK)[0]["block"](images))

    with pytest.raises(Exception, match="no weights"):
        model(keras.ops.zeros((1, 6, 6, 3)))


def test_a_model_s_stand_in_can_be_compiled_by_its_outputs_names() -> None:
    model = put(
        {
            "name": "model",
            "parameters": None,
            "calls": [
                {
                    "inputs": None,
                    "model_inputs": [{"shape": [4], "dtype": "float32", "name": "posts"}],
                    "outputs": [
                        {"shape": [1], "dtype": "float32", "name": "age"},
                        {"shape": [10], "dtype": "float32", "name": "income"},
                    ],
                    "several": True,
                }
            ],
        }
    )[0]["model"]

    model.compile(loss={"age": "mse", "income": "categorical_crossentropy"})
    document = read(json.dumps(capture("task", [model])))
    value = document.arguments[0]
    assert value["kind"] == "model"
    graph = canonical(with_shapes(read_model(value["model"], {"the-block": [two_heads()]})))
    assert [graph.operation_of(call).kind for call in graph] == ["Input", "Dense", "Dense"]
    assert graph.output_names == ("age", "income")
    assert graph.compiled is not None
    assert graph.compiled.losses == {"age": "mean_squared_error", "income": "categorical_crossentropy"}


def two_heads() -> Any:
    """The graph of a model with two outputs."""
    posts = keras.Input((4,), name="posts")
    model = keras.Model(posts, [layers.Dense(1, name="age")(posts), layers.Dense(10, name="income")(posts)])
    return read_subject("task", [read(json.dumps(capture("task", [model])))]).model.graph


def test_a_recorded_function_does_what_it_did_and_tells_each_way_it_is_called_once() -> None:
    def block(x: Any, filters: int = 8) -> Any:
        return layers.Conv2D(filters, 1)(x)

    namespace, recorded = put({"name": "block"}, block=block)
    images = keras.Input((6, 6, 3))
    for filters in (8, 16, 8):
        assert namespace["block"](images, filters).shape == (None, 6, 6, filters)
    namespace["block"](images)

    documents = [read(json.dumps(document)) for document in recorded]
    assert [[item.value for item in document.probes[0].inputs] for document in documents] == [
        [None, 8],
        [None, 16],
    ]
    assert {document.task for document in documents} == {"the-block"}


def test_a_model_under_the_name_is_left_as_it_is() -> None:
    images = keras.Input((4,))
    model = keras.Model(images, layers.Dense(1)(images))

    assert put({"name": "model"}, model=model)[0]["model"] is model
