"""Capturing what a learner hands over: models by their graph, values plainly, strange objects safely."""

from __future__ import annotations

import functools
import json
import sys
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from autograder.evidence import capture, read
from autograder.evidence.plainly import plain
from autograder.graph.settings import STARTED_AND_HELD_BACK


def value(thing):
    """A value's evidence, which must survive JSON and reading."""
    document = capture("task", [thing])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return read(json.dumps(document)).arguments[0]


def model_of(thing):
    found = value(thing)
    assert found["kind"] == "model"
    return found["model"]


def operations(model, **wanted):
    return [entry for entry in model["operations"] if all(entry[key] == item for key, item in wanted.items())]


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class Exploding:
    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")

    def __len__(self):
        raise RuntimeError("len")

    def __iter__(self):
        raise RuntimeError("iter")


class Liar:
    @property
    def __class__(self):
        return keras.Model


class ExplodingMeta(type):
    def __getattribute__(cls, name):
        raise RuntimeError(name)


class OfExplodingClass(metaclass=ExplodingMeta):
    pass


class OddText(str):
    def __str__(self):
        raise RuntimeError("str")

    def __getitem__(self, key):
        raise RuntimeError("item")


class OddNumber(int):
    def __add__(self, other):
        raise RuntimeError("add")

    def __int__(self):
        raise RuntimeError("int")


class OddList(list):
    def __iter__(self):
        raise RuntimeError("iter")


class OddArray(np.ndarray):
    def __array_finalize__(self, obj):
        raise RuntimeError("finalize")


@pytest.mark.parametrize(
    ("thing", "wanted"),
    [
        (None, {"kind": "none"}),
        (True, {"kind": "bool", "value": True}),
        (np.bool_(False), {"kind": "bool", "value": False}),
        (3, {"kind": "number", "value": 3}),
        (1.5, {"kind": "number", "value": 1.5}),
        (np.float32(1.5), {"kind": "number", "value": 1.5}),
        (np.float64(2.5), {"kind": "number", "value": 2.5}),
        (np.int64(7), {"kind": "number", "value": 7}),
        (OddNumber(4), {"kind": "number", "value": 4}),
        (float("nan"), {"kind": "number", "value": "nan"}),
        (float("-inf"), {"kind": "number", "value": "-inf"}),
        (10**400, {"kind": "number", "value": "inf"}),
        ("text", {"kind": "text", "value": "text"}),
        (OddText("text"), {"kind": "text", "value": "text"}),
        ("한국어", {"kind": "text", "value": "한국어"}),
        ("\ud800", {"kind": "text", "value": "?"}),
        ([1], {"kind": "list", "type": "list", "items": [{"kind": "number", "value": 1}]}),
        ((), {"kind": "list", "type": "tuple", "items": []}),
        (
            {"a": 1},
            {"kind": "dict", "items": [[{"kind": "text", "value": "a"}, {"kind": "number", "value": 1}]]},
        ),
        (AlwaysEqual(), {"kind": "opaque", "type": f"{__name__}.AlwaysEqual"}),
        (Exploding(), {"kind": "opaque", "type": f"{__name__}.Exploding"}),
        (Liar(), {"kind": "opaque", "type": f"{__name__}.Liar"}),
        (OfExplodingClass(), {"kind": "opaque", "type": f"{__name__}.OfExplodingClass"}),
        (1j, {"kind": "opaque", "type": "builtins.complex"}),
        (int, {"kind": "opaque", "type": "builtins.type"}),
        (np.array(["a"]), {"kind": "opaque", "type": "numpy.ndarray"}),
        (len, {"kind": "function", "name": "len"}),
    ],
    ids=lambda item: item["kind"] if type(item) is dict and "kind" in item else "of",
)
def test_a_value_is_told_plainly(thing, wanted):
    assert value(thing) == wanted


def test_an_array_is_told_with_its_shape():
    wanted = {
        "kind": "array",
        "shape": [2, 1],
        "dtype": "float32",
        "values": [1.0, "nan"],
        "truncated": False,
    }

    assert value(np.array([[1], [np.nan]], "float32")) == wanted
    assert value(np.array([[1], [np.nan]], "float32").view(np.ndarray)) == wanted


def test_a_long_array_is_cut():
    found = value(np.zeros((100, 100)))

    assert (found["shape"], len(found["values"]), found["truncated"]) == ([100, 100], 1000, True)


def test_an_array_with_tricks_is_opaque_at_worst():
    odd = np.zeros(2).view(np.ndarray)
    try:
        odd = odd.view(OddArray)
    except RuntimeError:
        odd = np.zeros(2)

    assert value(odd)["kind"] in ("array", "opaque")


def test_a_tensor_with_values_is_an_array_and_one_without_is_its_shape():
    assert value(tf.constant([1, 2]))["values"] == [1, 2]
    assert value(keras.Input((3,))) == {"kind": "tensor", "shape": [None, 3], "dtype": "float32"}


def test_a_list_within_itself_ends():
    endless = []
    endless.append(endless)

    assert value(endless)["items"][0]["kind"] == "list"


def test_a_list_is_read_by_its_own_items():
    assert value(OddList([1]))["items"] == [{"kind": "number", "value": 1}]


def test_what_there_is_no_room_for_is_opaque_as_a_whole():
    lists, texts = [[0] * 9_000] * 9, ["x" * 15_000] * 100

    assert [item["kind"] for item in value(lists)["items"]] == ["list"] * 5 + ["opaque"] * 4
    assert value([0] * 20_000) == {"kind": "opaque", "type": "builtins.list"}
    assert [item["kind"] for item in value(texts)["items"]] == ["text"] * 66 + ["opaque"] * 34


def test_a_history_is_opaque():
    assert value(keras.callbacks.History()) == {
        "kind": "opaque",
        "type": "keras.src.callbacks.history.History",
    }


def test_a_layer_is_told_by_its_configuration():
    found = value(layers.Bidirectional(layers.LSTM(3)))

    assert found["operation"]["class_name"] == "Bidirectional"
    assert found["operations"][found["operation"]["config"]["layer"]["operation"]]["config"]["units"] == 3


# Models


def test_a_functional_model_is_its_calls():
    x = keras.Input((4,), name="x")
    y = layers.Dense(2, name="y")(x)
    model = model_of(keras.Model(x, y, name="small"))
    (graph,) = model["graphs"]

    assert (model["name"], model["class"]["name"], model["inspectable"]) == ("small", "Functional", True)
    assert [call["operation"] for call in graph["calls"]] == [0, 1]
    assert graph["calls"][1]["args"] == [{"tensor": [0, 0]}]
    assert graph["calls"][1]["outputs"] == [{"shape": [None, 2], "dtype": "float32"}]
    assert (graph["inputs"], graph["outputs"]) == ([[0, 0]], [[1, 0]])
    assert (graph["input_names"], graph["output_names"]) == (["x"], ["y"])
    assert operations(model, name="y")[0]["config"]["units"] == 2


def test_a_shared_layer_is_one_operation_of_several_calls():
    shared = layers.Dense(4)
    x = keras.Input((4,))
    model = model_of(keras.Model(x, shared(shared(x))))

    assert [call["operation"] for call in model["graphs"][0]["calls"]] == [0, 1, 1]


def test_sharing_across_nested_models_survives():
    shared = layers.Dense(4)
    inner = keras.Input((4,))
    nested = keras.Model(inner, shared(inner))
    x = keras.Input((4,))
    model = model_of(keras.Model(x, nested(shared(x))))
    outside, inside = (graph["calls"][1]["operation"] for graph in model["graphs"])

    assert outside == inside
    assert len(operations(model, class_name="Dense")) == 1


def test_inputs_and_outputs_may_be_dicts():
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    outputs = {"wide": layers.Dense(5)(b), "narrow": layers.Dense(1)(a)}
    (graph,) = model_of(keras.Model({"b": b, "a": a}, outputs))["graphs"]

    assert graph["input_keys"] == ["a", "b"]
    assert graph["output_keys"] == ["narrow", "wide"]
    assert [graph["calls"][call]["outputs"][0]["shape"][1] for call, _ in graph["outputs"]] == [1, 5]


def test_a_nested_model_is_called_by_its_own_order_of_inputs():
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    nested = keras.Model([b, a], layers.concatenate([b, a]))
    x, y = keras.Input((2,)), keras.Input((3,))
    model = model_of(keras.Model([x, y], nested({"a": x, "b": y})))

    assert model["graphs"][0]["calls"][2]["args"] == [{"list": [{"tensor": [1, 0]}, {"tensor": [0, 0]}]}]


def test_a_built_sequential_has_a_graph_and_an_unbuilt_one_has_none():
    built = model_of(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))
    unbuilt = model_of(keras.Sequential([layers.Dense(2)]))

    assert (built["graph"], unbuilt["graph"]) == (0, None)
    assert (built["inspectable"], unbuilt["inspectable"]) == (True, False)


def test_a_subclassed_model_has_no_graph():
    class Mine(keras.Model):
        def call(self, x):
            return x

    class WithItsOwnCall(keras.Model):
        def __init__(self):
            x = keras.Input((4,))
            super().__init__(x, layers.Dense(2)(x))

        def call(self, x):
            return x

    assert model_of(Mine())["graph"] is None
    assert model_of(WithItsOwnCall())["graph"] is None


def test_a_functional_subclass_that_calls_nothing_of_its_own_has_a_graph():
    class Mine(keras.Model):
        def __init__(self):
            x = keras.Input((4,))
            super().__init__(x, layers.Dense(2)(x))

    model = model_of(Mine())

    assert (model["graph"], model["class"]["name"]) == (0, "Mine")


def test_operations_and_constants_are_calls_too():
    x = keras.Input((4, 4))
    model = model_of(keras.Model(x, ops.relu(x[:, :2] + 1)))
    calls = model["graphs"][0]["calls"]

    assert [model["operations"][call["operation"]]["class_name"] for call in calls] == [
        "InputLayer",
        "GetItem",
        "Add",
        "Relu",
    ]
    assert calls[1]["args"][1] == {"list": [{"slice": [None, None, None]}, {"slice": [None, 2, None]}]}
    assert calls[2]["args"] == [{"tensor": [1, 0]}, {"value": 1}]


def test_hundreds_of_layers_in_a_row_are_no_trouble():
    first = x = keras.Input((4,))
    for _ in range(300):
        x = layers.Activation("relu")(x)

    assert len(model_of(keras.Model(first, x))["graphs"][0]["calls"]) == 301


# What is a learner's own


def custom(layer):
    x = keras.Input((4,))
    model = model_of(keras.Model(x, layer(x)))
    return model["operations"][1]


def test_an_overridden_get_config_is_not_asked():
    class Mine(layers.Dense):
        def get_config(self):
            raise AssertionError("asked")

    found = custom(Mine(3))

    assert (found["custom"], found["base"]["name"], found["config"]["units"]) == (True, "Dense", 3)


def test_a_class_that_says_it_is_keras_is_custom():
    class Add(layers.Layer):
        __module__ = "keras.src.layers.merging.add"

        def call(self, x):
            return x

    found = custom(Add())

    assert (found["module"], found["class_name"], found["custom"]) == (
        "keras.src.layers.merging.add",
        "Add",
        True,
    )


def test_a_layer_whose_call_was_replaced_is_custom():
    layer = layers.Dense(4)
    layer.call = lambda x: x

    assert custom(layer)["custom"]


def test_a_class_that_lies_about_itself_is_what_it_is():
    class Mine(layers.Layer):
        @property
        def __class__(self):
            return layers.Add

        def call(self, x):
            return x

    assert custom(Mine())["class_name"] == "Mine"


def test_a_function_that_is_only_named_relu_is_told_apart():
    def relu(x):
        return x * 2

    assert custom(layers.Dense(4, activation=relu))["config"]["activation"] == {"function": "__main__.relu"}
    assert custom(layers.Dense(4, activation="relu"))["config"]["activation"] == "relu"
    assert custom(layers.Dense(4, activation=tf.nn.relu))["config"]["activation"] == {
        "function": "tensorflow.python.ops.gen_nn_ops.relu"
    }


def test_a_layer_that_is_given_as_an_activation_is_what_it_applies():
    def relu(x):
        return x * 2

    class Activation(layers.Activation):
        pass

    def told(activation):
        return custom(layers.Dense(4, activation=activation))["config"]["activation"]

    assert told(layers.Activation("relu")) == "relu"
    assert told(layers.Activation(layers.Activation(keras.ops.relu))) == {"function": "keras.src.ops.nn.relu"}
    assert told(layers.Activation(relu)) == {"function": "__main__.relu"}
    assert told(Activation("relu"))["class_name"] == "Activation"
    assert not told(Activation("relu"))["module"].startswith("keras.")


def test_a_lambda_brings_no_code_along():
    assert custom(layers.Lambda(lambda x: x * 2, output_shape=(4,)))["config"] == {}


def test_a_model_that_was_tampered_with_is_opaque():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(x))
    vars(model)["_outputs"] = [Exploding()]

    assert value(model) == {"kind": "opaque", "type": "keras.src.models.functional.Functional"}


# What a capture leaves as it was


def test_capturing_changes_nothing_of_a_model():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(x))
    model.compile("adam", "mse")
    before = (model.to_json(), dict(vars(model)), [len(layer._inbound_nodes) for layer in model.layers])
    value(model)

    assert before == (
        model.to_json(),
        dict(vars(model)),
        [len(layer._inbound_nodes) for layer in model.layers],
    )


def test_compile_arguments_are_told_as_given():
    x = keras.Input((4,))
    heads = [layers.Dense(1, name="a")(x), layers.Dense(1, name="b")(x)]
    model = keras.Model(x, heads)
    loss = {"a": "mse", "b": keras.losses.BinaryCrossentropy(from_logits=True)}

    def mine(_, p):
        return p

    model.compile("rmsprop", loss, loss_weights={"a": 1, "c": 2.5}, metrics=[["acc"], [mine]])
    told = model_of(model)["compile"]

    assert told["optimizer"]["class_name"] == "RMSprop"
    assert told["loss"]["a"] == "mse"
    assert told["loss"]["b"]["class_name"] == "BinaryCrossentropy"
    assert told["loss"]["b"]["config"]["from_logits"] is True
    assert told["loss_weights"] == {"a": 1, "c": 2.5}
    assert told["metrics"] == [["acc"], [{"function": f"{__name__}.mine"}]]


def test_numbers_of_numpy_are_told_as_numbers():
    x = keras.Input((4,))
    model = keras.Model(x, [layers.Dense(1)(x), layers.Dense(1)(x), layers.Dense(1)(x)])
    weights = [np.float32(0.5), np.int64(2), np.float64(0.1)]

    model.compile("rmsprop", ["mse"] * 3, loss_weights=weights)

    assert model_of(model)["compile"]["loss_weights"] == [0.5, 2, 0.1]


def test_a_model_that_was_never_compiled_says_so():
    assert model_of(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))["compile"] is None


def test_a_module_may_be_handed_over():
    assert value(sys)["kind"] == "opaque"
    assert value(types.SimpleNamespace())["kind"] == "opaque"


def told_by_keras(layer):
    """What Keras's own class tells of a layer, but for what its weights begin with and are held back by."""
    told = json.loads(json.dumps(plain(type(layer).get_config(layer))))
    return {name: told[name] for name in told if not name.endswith(STARTED_AND_HELD_BACK)}


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Dense(
            4, kernel_initializer="zeros", kernel_regularizer="l2", bias_constraint="non_neg"
        ),
        lambda: layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", bias_initializer="ones"),
        lambda: layers.Conv1DTranspose(4, 3),
        lambda: layers.SeparableConv2D(4, 3, depthwise_regularizer="l1"),
        lambda: layers.DepthwiseConv2D(3, depthwise_constraint="max_norm"),
        lambda: layers.BatchNormalization(axis=1, momentum=0.9, gamma_initializer="zeros"),
        lambda: layers.LayerNormalization(epsilon=0.1),
        lambda: layers.GroupNormalization(groups=2),
        lambda: layers.Embedding(100, 8, embeddings_initializer="ones"),
        lambda: layers.LSTM(4, return_sequences=True, recurrent_initializer="zeros"),
        lambda: layers.GRU(4, go_backwards=True),
        lambda: layers.SimpleRNN(4, bias_regularizer="l2"),
        lambda: layers.EinsumDense("ab,bc->ac", output_shape=4),
        lambda: layers.MultiHeadAttention(2, 4, kernel_constraint="unit_norm"),
        lambda: layers.PReLU(alpha_initializer="ones"),
        lambda: layers.Dropout(0.3, seed=3),
        lambda: layers.MaxPooling2D((2, 3)),
        lambda: layers.Dense(4, dtype="mixed_bfloat16"),
    ],
)
def test_configuration_is_what_keras_tells_but_for_what_weights_begin_with(make):
    """A stand-in without initializers, regularizers and constraints is asked; the layer keeps its own."""
    layer = make()
    before = dict(vars(layer))
    found = value(layer)["operation"]["config"]
    assert found == told_by_keras(layer)
    assert vars(layer) == before


def test_methods_of_the_learner_are_not_asked_for_the_configuration():
    class Mine(layers.Dense):
        @property
        def dtype_policy(self):
            raise RuntimeError("asked")

    layer = layers.Dense(4)
    layer.__class__ = Mine
    assert value(layer)["operation"]["config"]["units"] == 4


def test_whatever_can_be_called_is_called_on_probes() -> None:
    """An object, a class, a remembered function, a model; without probes none of them is."""

    class Doubled:
        def __call__(self, x):
            return layers.add([x, x])

    class Kept:
        def __new__(cls, x):
            return layers.add([x, x])

    remembered = functools.lru_cache(Doubled().__call__)
    model = keras.Sequential([layers.Dense(2)])
    for answer in (Doubled(), Kept, remembered, model):
        (probe,) = capture("task", [answer], [[{"shape": [4]}]])["probes"]
        assert probe["error"] is None
        assert probe["result"]["kind"] == "model"
        assert capture("task", [answer])["probes"] == []


def test_what_cannot_be_called_is_not() -> None:
    assert capture("task", [3], [[{"shape": [4]}]])["probes"] == []
