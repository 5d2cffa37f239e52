"""Reading a model's evidence: nested models written out, only Keras's own classes judged, settings plain."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from autograder.graph import GraphError, canonical, compare, read_model
from autograder.graph.construction import without_weights
from autograder.graph.model import Compiled, Misfit, Tensor
from tests.graph.captured import built, evidence_of, raw


def only(graph, kind):
    (call,) = graph.of_kind(kind)
    return graph.operation_of(call)


def kinds(graph):
    return [graph.operation_of(call).kind for call in graph.calls]


def test_a_graph_has_the_names_of_the_learner():
    with without_weights():
        x = keras.Input((4,), name="text")
        model = keras.Model(x, layers.Dense(2, name="answer")(x), name="mine")
    graph = raw(model)

    assert (graph.name, graph.input_names, graph.output_names) == ("mine", ("text",), ("answer",))
    assert only(graph, "Dense").name == "answer"


def test_an_input_that_is_named_twice_is_told_twice():
    """Keras wants an array for each time, so it is no slip without consequences."""
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    graph = raw(keras.Model([left, left, right], layers.concatenate([left, right])))

    assert graph.input_names == ("left", "left", "right")
    assert graph.inputs == (Tensor(0), Tensor(0), Tensor(1))
    assert [call.inputs for call in graph.of_kind("Concatenate")] == [(Tensor(0), Tensor(1))]


def test_outputs_that_hang_on_an_input_of_nobody_are_no_graph():
    """Keras refuses them since it looks, which 3.10 does not: there the evidence looks like this."""
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    evidence = evidence_of(keras.Model([left, right], layers.concatenate([left, right])))
    written = evidence["graphs"][evidence["graph"]]
    del written["inputs"][1], written["input_names"][1]

    with pytest.raises(GraphError, match="hang on the input"):
        read_model(evidence)


def test_a_nested_model_reads_what_its_inputs_are_given():
    left, right = keras.Input((3,)), keras.Input((3,))
    inner = keras.Model([left, left, right], layers.subtract([left, right]))
    first, second = keras.Input((3,)), keras.Input((3,))
    graph = raw(keras.Model([first, second], inner([first, first, second])))

    assert [call.inputs for call in graph.of_kind("Subtract")] == [(Tensor(0), Tensor(1))]


def test_the_keys_of_dicts_are_the_names():
    with without_weights():
        x = keras.Input((4,), name="x")
        graph = raw(keras.Model({"x": x}, {"b": layers.Dense(2)(x), "a": layers.Dense(1)(x)}))

    assert (graph.input_names, graph.output_names) == (("x",), ("a", "b"))
    assert [graph.operation_of(tensor.call).settings["units"] for tensor in graph.outputs] == [1, 2]


def test_settings_are_plain_and_spelled_out():
    graph = raw(
        built(lambda x: layers.Conv2D(4, 3, strides=2, padding="SAME", activation="relu")(x), (8, 8, 3))
    )

    assert only(graph, "Conv2D").settings == {
        "filters": 4,
        "kernel_size": (3, 3),
        "strides": (2, 2),
        "padding": "same",
        "data_format": "channels_last",
        "dilation_rate": (1, 1),
        "groups": 1,
        "activation": "relu",
        "use_bias": True,
    }


def test_the_numbers_of_numpy_are_numbers():
    """Keras itself tells no configuration of an operation that was given one."""
    graph = raw(built(lambda x: ops.reshape(x, (-1, np.int64(8))), (4, 2)))

    assert only(graph, "ops.reshape").settings["newshape"] == (-1, 8)


def test_another_dtype_is_a_setting():
    graph = raw(built(lambda x: layers.Dense(2, dtype="float16")(x), (4,), dtype="int32"))

    assert (only(graph, "Input").settings, only(graph, "Dense").settings["dtype"]) == (
        {"dtype": "int32"},
        "float16",
    )


def test_inputs_have_their_shapes_and_nothing_else_has():
    graph = raw(built(lambda x: layers.Dense(2)(x), (None, 4)))

    assert [call.shapes for call in graph.calls] == [((None, None, 4),), ()]


def test_a_wrapped_layer_is_told_under_its_wrapper():
    settings = only(
        raw(built(lambda x: layers.Bidirectional(layers.LSTM(3))(x), (None, 4))), "Bidirectional"
    ).settings

    assert (settings["layer.kind"], settings["layer.units"], settings["merge_mode"]) == ("LSTM", 3, "concat")
    assert not [key for key in settings if key.startswith("backward_layer")]


def test_a_backward_layer_of_its_own_is_told():
    def body(x):
        return layers.Bidirectional(layers.LSTM(3), backward_layer=layers.GRU(3, go_backwards=True))(x)

    assert only(raw(built(body, (None, 4))), "Bidirectional").settings["backward_layer.kind"] == "GRU"


def test_a_cell_is_told_under_its_layer():
    settings = only(raw(built(lambda x: layers.RNN(layers.GRUCell(3))(x), (None, 4))), "RNN").settings

    assert (settings["cell.kind"], settings["cell.units"]) == ("GRUCell", 3)


def test_wrappers_around_one_layer_are_one_operation():
    def shared(x):
        dense = layers.Dense(4)
        return layers.TimeDistributed(dense)(layers.TimeDistributed(dense)(x))

    def separate(x):
        return layers.TimeDistributed(layers.Dense(4))(layers.TimeDistributed(layers.Dense(4))(x))

    assert len({call.operation for call in raw(built(shared, (3, 4))).of_kind("TimeDistributed")}) == 1
    assert len({call.operation for call in raw(built(separate, (3, 4))).of_kind("TimeDistributed")}) == 2


def timed(wrap):
    """A model of several layers at each step: wrapped as a whole, or each layer by itself."""

    def body(x):
        inner = keras.Input((6, 4))
        first, second = layers.Dense(3, activation="relu"), layers.Flatten()
        if wrap:
            y = first(inner)
            model = keras.Model(inner, second(layers.ReLU()(layers.add([y, y * 2]))))
            return layers.TimeDistributed(model, name="whole")(x)
        y = layers.TimeDistributed(first)(x)
        return layers.TimeDistributed(second)(layers.ReLU()(layers.add([y, y * 2])))

    return canonical(raw(built(body, (5, 6, 4))))


def test_a_model_in_time_is_each_of_its_layers_in_time():
    assert compare(timed(True), timed(False)) == []
    assert [call.path for call in timed(True).of_kind("TimeDistributed")] == [("whole",), ("whole",)]
    assert [timed(True).shape(tensor) for tensor in timed(True).outputs] == [(None, 5, 18)]


def test_a_model_in_time_that_is_called_twice_shares_its_layers():
    def body(x, y):
        inner = keras.Input((4,))
        model = layers.TimeDistributed(keras.Model(inner, layers.Dense(3)(inner)))
        return layers.concatenate([model(x), model(y)])

    graph = raw(built(body, (5, 4), (5, 4)))

    assert len({call.operation for call in graph.of_kind("TimeDistributed")}) == 1


def test_a_model_in_time_whose_layers_cannot_be_wrapped_one_by_one_is_uninspectable():
    def body(x):
        inner = keras.Input((6, 4))
        model = keras.Model(inner, layers.Attention()([inner, layers.Dense(4)(inner)]))
        return layers.TimeDistributed(model)(x)

    graph = raw(built(body, (5, 6, 4)))

    assert kinds(graph) == ["Input", "TimeDistributed"]
    assert only(graph, "TimeDistributed").reason == "wrapped_model"


def test_a_pipeline_that_holds_itself_is_read_to_no_end():
    evidence = evidence_of(built(lambda x: layers.Pipeline([layers.Rescaling(2)])(x), (4,)))
    pipeline = evidence["operations"][1]
    pipeline["config"]["layers"] = [{"operation": 1}, {"operation": 1}]

    assert [operation.inspectable for operation in read_model(evidence).operations.values()] == [True, False]


# Nested models


def nested(x):
    inner = keras.Input((4,))
    deeper = keras.Sequential([layers.Dense(4, name="deep")], name="deeper")
    return keras.Model(inner, deeper(inner), name="outer")(x)


def test_nested_models_are_written_out_with_their_path():
    graph = raw(built(nested, (4,)))

    assert kinds(graph) == ["Input", "Dense"]
    assert graph.calls[1].path == ("outer", "deeper")


def test_a_model_called_twice_is_written_out_twice_with_its_layers_shared():
    def body(a, b):
        inner = keras.Input((4,))
        model = keras.Model(inner, layers.Dense(3)(inner))
        return layers.concatenate([model(a), model(b)])

    graph = raw(built(body, (4,), (4,)))

    assert kinds(graph) == ["Input", "Input", "Dense", "Dense", "Concatenate"]
    assert len({call.operation for call in graph.of_kind("Dense")}) == 1


def test_a_nested_model_may_have_several_outputs():
    def body(x):
        inner = keras.Input((4,))
        one, other = keras.Model(inner, [layers.Dense(1)(inner), layers.Dense(2)(inner)])(x)
        return layers.concatenate([other, one])

    graph = raw(built(body, (4,)))

    assert [graph.operation_of(tensor.call).settings["units"] for tensor in graph.calls[-1].inputs] == [2, 1]


@pytest.mark.parametrize("given", [(8, 8, 3), (8, 8, 1)])
def test_a_nested_model_built_for_other_channels_than_it_is_called_on_is_noted(given):
    """Keras lets it pass where one of the two numbers is 1, and no image can be put through it."""

    def body(x):
        inner = keras.Input((8, 8, 4 - given[-1]))
        return keras.Model(inner, layers.Conv2D(4, 3)(inner), name="encoder")(x)

    graph = raw(built(body, given))

    assert graph.misfit == Misfit("encoder", (8, 8, 4 - given[-1]), given)


def test_a_nested_model_without_weights_takes_any_number_of_channels():
    def body(x):
        inner = keras.Input((8, 8, 1))
        return keras.Model(inner, layers.GlobalAveragePooling2D()(inner))(x)

    assert raw(built(body, (8, 8, 3))).misfit is None


# What a call is told beside its first tensors


def test_states_have_places_of_their_own():
    def body(x, state):
        return layers.GRU(3)(x, initial_state=[state])

    graph = raw(built(body, (None, 4), (3,)))

    assert only(graph, "GRU").settings["call.roles"] == ("sequences", "initial_state.0")
    assert len(graph.calls[-1].inputs) == 2


def test_constants_are_settings_of_their_operation():
    graph = raw(built(lambda x: 3 - x[:, :2], (4,)))

    assert only(graph, "Subtract").settings["call.x1"] == 3
    assert only(graph, "ops.get_item").settings["call.key"] == (
        ("slice", None, None, None),
        ("slice", None, 2, None),
    )


def test_defaults_of_a_call_are_not_told():
    def body(x):
        return layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=False, attention_mask=None)

    assert not [key for key in only(raw(built(body, (5, 4))), "MultiHeadAttention").settings if "call" in key]


def test_a_layer_called_in_different_ways_cannot_be_inspected():
    def body(x):
        attend = layers.MultiHeadAttention(2, 3)
        return attend(attend(x, x), x, use_causal_mask=True)

    assert not only_operation(raw(built(body, (5, 4))), "MultiHeadAttention").inspectable


def only_operation(graph, kind):
    (operation,) = {id(found): found for found in map(graph.operation_of, graph.of_kind(kind))}.values()
    return operation


# What cannot be inspected


class Add(layers.Layer):
    def call(self, inputs):
        return inputs[0] + inputs[1]

    def compute_output_shape(self, input_shape):
        return input_shape[0]


class Forged(layers.Dense):
    __module__ = "keras.src.layers.core.dense"


Forged.__name__ = Forged.__qualname__ = "Dense"


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        (lambda x: Add()([x, x]), f"{__name__}.Add(Layer)"),
        (lambda x: Forged(4)(x), "keras.src.layers.core.dense.Dense(Dense)"),
        (
            lambda x: layers.Lambda(lambda y: y * 2, output_shape=(4,))(x),
            "keras.src.layers.core.lambda_layer.Lambda",
        ),
        (lambda x: layers.Dense(4, activation=lambda y: y)(x), "activation __main__.<lambda>"),
        (lambda x: layers.TimeDistributed(Forged(4))(x[:, None]), "keras.src.layers.core.dense.Dense(Dense)"),
        (lambda x: ops.vectorized_map(lambda y: y, x), "keras.src.ops.core.VectorizedMap"),
    ],
    ids=["custom", "forged", "lambda", "activation", "wrapped", "map"],
)
def test_what_is_not_keras_cannot_be_inspected(body, origin):
    graph = raw(built(body, (4,)))
    found = [graph.operation_of(call) for call in graph.calls if not graph.operation_of(call).inspectable]

    assert [operation.origin for operation in found] == [origin]
    assert not [operation for operation in found if operation.kind == "Add"]
    assert [call.operation for call in canonical(graph).calls] != []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "eval"),
        ("os", "system"),
        ("keras.src.layers.core.dense", "Conv2D"),
        ("keras", "Dense"),
        ("keras.src.layers.core.lambda_layer", "Lambda"),
        ("keras.src.layers.tfsm_layer", "TFSMLayer"),
        ("keras.src.saving.saving_lib", "load_model"),
        ("", ""),
    ],
)
def test_only_classes_on_the_list_are_judged(module, name):
    evidence = evidence_of(built(lambda x: layers.Dense(4)(x), (4,)))
    evidence["operations"][1].update(module=module, class_name=name)

    assert [operation.inspectable for operation in read_model(evidence).operations.values()] == [True, False]


def test_a_model_without_a_graph_is_one_call_that_cannot_be_inspected():
    class Mine(keras.Model):
        def call(self, x):
            return x

    unbuilt, subclassed = raw(keras.Sequential([layers.Dense(2)])), raw(Mine())

    assert (kinds(unbuilt), kinds(subclassed)) == (["Sequential"], [f"{__name__}.Mine"])
    assert [graph.operation_of(0).inspectable for graph in (unbuilt, subclassed)] == [False, False]
    assert canonical(unbuilt).calls == unbuilt.calls


def test_a_subclassed_model_inside_cannot_be_inspected():
    class Mine(keras.Model):
        def call(self, x):
            return x

    graph = raw(built(lambda x: layers.Dense(2)(Mine()(x)), (4,)))

    assert [graph.operation_of(call).inspectable for call in graph.calls] == [True, False, True]


# The effect of compile


def heads(names=("age", "income", "gender"), keyed=False):
    x = keras.Input((4,))
    made = {name: layers.Dense(1, name=name)(x) for name in names}
    return keras.Model(x, made if keyed else list(made.values()))


def effect(loss, loss_weights=None, metrics=None, **settings) -> Compiled:
    model = heads(**settings)
    model.compile("rmsprop", loss, loss_weights=loss_weights, metrics=metrics)
    found = raw(model).compiled
    assert found is not None
    return found


LIST = ["mse", "categorical_crossentropy", "binary_crossentropy"]
WANTED = {
    "age": "mean_squared_error",
    "income": "categorical_crossentropy",
    "gender": "binary_crossentropy",
}


@pytest.mark.parametrize(
    "loss",
    [
        LIST,
        tuple(LIST),
        dict(zip(WANTED, LIST, strict=True)),
        dict(reversed(list(zip(WANTED, LIST, strict=True)))),
        ["mean_squared_error", keras.losses.CategoricalCrossentropy(), keras.losses.binary_crossentropy],
        [keras.losses.MeanSquaredError(name="mine"), "CategoricalCrossentropy", "bce"],
    ],
    ids=["list", "tuple", "dict", "dict in another order", "objects", "other names"],
)
def test_losses_have_one_effect_however_they_are_told(loss):
    assert dict(effect(loss).losses) == WANTED


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        (LIST, [0.25, 1, 10]),
        (dict(zip(WANTED, LIST, strict=True)), [0.25, 1.0, 10.0]),
        (dict(zip(WANTED, LIST, strict=True)), {"gender": 10, "age": 0.25, "income": 1}),
    ],
    ids=["lists", "dict and list", "dicts"],
)
def test_weights_have_one_effect_however_they_are_told(loss, weights):
    assert dict(effect(loss, weights).loss_weights) == {"age": 0.25, "income": 1.0, "gender": 10.0}


def keras_effect(model):
    """What Keras itself makes of the compile arguments: a weight for each output, by name."""
    compile_loss = model._compile_loss
    predicted = [keras.KerasTensor((None, 1)) for _ in model.outputs]
    compile_loss.build([keras.KerasTensor((None, 1)) for _ in model.outputs], predicted)
    return {found.name: found.loss_weights for found in compile_loss._flat_losses}


@pytest.mark.parametrize("weights", [[1, 2, 3], {"age": 1, "income": 2, "gender": 3}])
@pytest.mark.parametrize("keyed", [False, True])
def test_the_effect_of_weights_is_that_of_keras(weights, keyed):
    model = heads()
    loss = dict(zip(WANTED, LIST, strict=True)) if keyed else LIST
    model.compile("rmsprop", loss, loss_weights=weights)

    assert raw(model).compiled.loss_weights == keras_effect(model)


def test_weights_by_name_beside_a_list_of_losses_go_by_the_alphabet():
    found = effect(LIST, {"age": 0.25, "income": 1, "gender": 10})

    assert dict(found.loss_weights) == {"age": 0.25, "income": 10.0, "gender": 1.0}


def test_two_losses_for_three_outputs_leave_one_without():
    assert dict(effect(["mse", "mse"]).losses) == {
        "age": "mean_squared_error",
        "income": "mean_squared_error",
        "gender": None,
    }


@pytest.mark.parametrize(
    ("loss", "weights", "surplus"),
    [
        (LIST, [1, 2, 3], {}),
        ([*LIST, "mse"], None, {"loss": 4}),
        (LIST, [1, 2, 3, 4], {"loss_weights": 4}),
        ([*LIST, "mse"], [1, 2, 3, 4], {"loss": 4, "loss_weights": 4}),
    ],
)
def test_lists_that_are_too_long_are_told(loss, weights, surplus):
    """Keras refuses them, but not before it fits."""
    assert effect(loss, weights).surplus == surplus


@pytest.mark.parametrize(
    ("loss", "weights", "by_alphabet"),
    [
        (LIST, {"age": 1, "income": 2, "gender": 3}, True),
        (LIST, [1, 2, 3], False),
        (dict(zip(WANTED, LIST, strict=True)), {"age": 1, "income": 2, "gender": 3}, False),
    ],
)
def test_a_dict_of_weights_beside_a_list_of_losses_is_told(loss, weights, by_alphabet):
    """Keras then goes by the alphabet of the keys."""
    assert effect(loss, weights).weights_by_alphabet is by_alphabet


def test_one_loss_for_all_outputs_goes_to_each():
    assert set(effect("mse").losses.values()) == {"mean_squared_error"}


def test_keys_that_match_no_output_are_told():
    losses = {**dict(zip(WANTED, LIST, strict=True)), "sex": "mse"}
    found = effect(losses, {"age": 1, "incomes": 2}, {"gendre": ["acc"]})

    assert found.unmatched_losses == ("sex",)
    assert found.unmatched_loss_weights == ("incomes",)
    assert found.unmatched_metrics == ("gendre",)
    assert dict(found.loss_weights) == {"age": 1.0, "income": None, "gender": None}


def test_the_keys_of_outputs_are_what_losses_go_by():
    found = effect({"age": "mse"}, names=("age",), keyed=True)

    assert dict(found.losses) == {"age": "mean_squared_error"}


def test_settings_of_a_loss_are_part_of_its_name():
    found = effect([keras.losses.BinaryCrossentropy(from_logits=True)], names=("gender",))

    assert dict(found.losses) == {"gender": "binary_crossentropy(from_logits=True)"}


@pytest.mark.parametrize(
    ("metrics", "wanted"),
    [
        (["acc"], {"a": ("accuracy",)}),
        (["accuracy", "mae"], {"a": ("accuracy", "mean_absolute_error")}),
        ({"a": ["acc"]}, {"a": ("accuracy",)}),
        ([keras.metrics.MeanAbsoluteError()], {"a": ("mean_absolute_error",)}),
        (None, {"a": ()}),
    ],
)
def test_metrics_of_one_output(metrics, wanted):
    assert dict(effect("mse", metrics=metrics, names=("a",)).metrics) == wanted


@pytest.mark.parametrize(
    ("metrics", "wanted"),
    [
        ([["acc"], ["mae"]], {"a": ("accuracy",), "b": ("mean_absolute_error",)}),
        (["acc", "mae"], {"a": ("accuracy",), "b": ("mean_absolute_error",)}),
        ({"b": "mae"}, {"a": (), "b": ("mean_absolute_error",)}),
    ],
)
def test_metrics_of_two_outputs(metrics, wanted):
    assert dict(effect("mse", metrics=metrics, names=("a", "b")).metrics) == wanted


@pytest.mark.parametrize("optimizer", ["rmsprop", "RMSprop", keras.optimizers.RMSprop(0.1)])
def test_an_optimizer_has_one_name(optimizer):
    model = heads()
    model.compile(optimizer, "mse")

    assert raw(model).compiled.optimizer == "rmsprop"


def test_a_model_that_was_never_compiled_has_no_effect_to_tell():
    assert raw(heads()).compiled is None
