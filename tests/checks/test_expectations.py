"""What each expectation lets pass, and what it says where it is not met."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder.checks import CheckFailure, expect, read_subject
from autograder.checks.verdict import NothingSeen
from autograder.evidence import capture, read
from autograder.messages import message, render, verbatim
from tests.checks.subjects import said, subject


def heads(**arguments: Any) -> keras.Model:
    """A model with the outputs `age` and `gender`, compiled with those arguments."""
    posts = keras.Input((4,), name="posts")
    model = keras.Model(
        posts, [layers.Dense(1, name="age")(posts), layers.Dense(1, "sigmoid", name="gender")(posts)]
    )
    if arguments:
        model.compile(**arguments)
    return model


def siamese(encode: Callable[[Any, Any], Sequence[Any]]) -> keras.Model:
    """Two inputs, encoded and joined."""
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    return keras.Model([left, right], layers.concatenate(list(encode(left, right))))


LOSSES = {"age": "mse", "gender": "binary_crossentropy"}
REFERENCE = heads(
    optimizer="rmsprop", loss=LOSSES, loss_weights={"age": 0.25, "gender": 10}, metrics={"gender": ["acc"]}
)


class TestCompile:
    """What `compile` was told is judged by its effect."""

    def test_a_list_in_the_outputs_order_is_as_good_as_a_dict(self) -> None:
        made = heads(
            optimizer=keras.optimizers.RMSprop(),
            loss=[keras.losses.MeanSquaredError(), keras.losses.binary_crossentropy],
            loss_weights=[0.25, 10.0],
            metrics=[None, ["accuracy"]],
        )
        expectation = expect(subject(made, REFERENCE))

        expectation.is_compiled()
        expectation.has_optimizer()
        expectation.has_losses()
        expectation.has_loss_weights()
        expectation.has_metrics()

    def test_a_model_that_was_never_compiled_is_said_to_be_so(self) -> None:
        assert "has not been compiled" in said(expect(subject(heads())).is_compiled)

    def test_another_optimizer_is_named(self) -> None:
        made = heads(optimizer="sgd", loss=LOSSES)

        assert said(expect(subject(made, REFERENCE)).has_optimizer).endswith("| sgd | rmsprop")

    def test_an_only_output_may_have_any_name(self) -> None:
        inputs = keras.Input((4,))
        reference, learner = (
            keras.Model(inputs, layers.Dense(1)(inputs)),
            keras.Model(inputs, layers.Dense(1, name="score")(inputs)),
        )
        reference.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
        learner.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])

        expect(subject(learner, reference)).has_losses()
        expect(subject(learner, reference)).has_metrics()

    def test_a_misspelt_loss_is_said_to_be_one(self) -> None:
        made = heads(loss={"age": "mse", "gender": "binary_cross_entropy"})

        assert said(expect(subject(made, REFERENCE)).has_losses).startswith(
            "The loss of the output `gender` is wrong. There is no loss called `binary_cross_entropy`; "
            "did you mean `binary_crossentropy`?"
        )

    def test_the_output_with_another_loss_is_named(self) -> None:
        made = heads(loss={"age": "mae", "gender": "binary_crossentropy"})

        assert said(expect(subject(made, REFERENCE)).has_losses) == (
            "The loss of the output `age` is wrong. | mean_absolute_error | mean_squared_error"
        )

    def test_two_outputs_and_one_loss_leave_an_output_untrained(self) -> None:
        made = heads(loss=["mse"])

        assert "no loss for the output `gender`" in said(expect(subject(made, REFERENCE)).has_losses)

    @pytest.mark.parametrize(
        ("arguments", "act", "words"),
        [
            (
                {"loss": {**LOSSES, "sex": "mse"}},
                "has_losses",
                "'sex' in `loss` is not the name of an output",
            ),
            (
                {"loss": LOSSES, "loss_weights": {"age": 0.25, "gender": 10, "sex": 1}},
                "has_loss_weights",
                "Keras silently ignores it",
            ),
            ({"loss": LOSSES, "metrics": {"sex": ["acc"]}}, "has_metrics", "'sex' in `metrics`"),
        ],
    )
    def test_a_key_that_names_no_output_is_named(self, arguments: Any, act: str, words: str) -> None:
        assert words in said(getattr(expect(subject(heads(**arguments), REFERENCE)), act))

    def test_a_key_that_names_no_output_has_a_hint_of_its_own(self) -> None:
        """The check's hint is about which loss to choose."""
        made = subject(heads(loss={**LOSSES, "sex": "mse"}), REFERENCE)
        with pytest.raises(CheckFailure) as caught:
            expect(made, hint=verbatim("Look at the targets.")).has_losses()

        hint = caught.value.failure.hint
        assert hint is not None
        assert "output_names" in render(hint, "en")

    @pytest.mark.parametrize(
        ("arguments", "act", "name"),
        [
            ({"loss": ["mse", "binary_crossentropy", "mse"]}, "has_losses", "loss"),
            ({"loss": LOSSES, "loss_weights": [0.25, 10, 1]}, "has_loss_weights", "loss_weights"),
        ],
    )
    def test_a_list_that_is_too_long_is_told(self, arguments: Any, act: str, name: str) -> None:
        assert said(getattr(expect(subject(heads(**arguments), REFERENCE)), act)) == (
            f"The list in `{name}` has more entries than the model has outputs; Keras raises an error "
            "only when training begins. | 3 | 2"
        )

    def test_a_wrong_and_a_missing_weight_are_told_apart(self) -> None:
        wrong = heads(loss=LOSSES, loss_weights={"age": 0.25, "gender": 1})
        missing = heads(loss=LOSSES, loss_weights={"age": 0.25})

        assert said(expect(subject(wrong, REFERENCE)).has_loss_weights).endswith("| 1 | 10")
        assert "`gender` has no weight. | age: 0.25" in said(
            expect(subject(missing, REFERENCE)).has_loss_weights
        )

    def test_a_weight_in_quotes_is_said_to_be_a_text(self) -> None:
        quoted = heads(loss=LOSSES, loss_weights={"age": "0.25", "gender": 10})

        assert said(expect(subject(quoted, REFERENCE)).has_loss_weights) == (
            "The weight of the output `age` is a text. | '0.25' | a number, without quotes"
        )

    def test_a_dict_beside_a_list_is_read_by_the_alphabet(self) -> None:
        """Keras looks at no name then, and says nothing."""
        mixed = heads(loss=["mse", "binary_crossentropy"], loss_weights={"age": 10, "gender": 0.25})

        found = said(expect(subject(mixed, REFERENCE)).has_loss_weights)
        assert "alphabetical order of its keys" in found

    def test_a_weight_is_as_exact_as_keras_is(self) -> None:
        """It multiplies with numbers of single precision."""
        reference = heads(loss=LOSSES, loss_weights={"age": 0.1, "gender": 10})

        for tenth in (np.float32(0.1), 0.3 - 0.2):
            made = heads(loss=LOSSES, loss_weights={"age": tenth, "gender": np.int64(10)})
            expect(subject(made, reference)).has_loss_weights()

        made = heads(loss=LOSSES, loss_weights={"age": 0.1001, "gender": 10})
        assert said(expect(subject(made, reference)).has_loss_weights).endswith("| 0.1001 | 0.1")

    def test_a_metric_for_the_wrong_output_is_said(self) -> None:
        made = heads(loss=LOSSES, metrics={"age": ["acc"]})

        assert said(expect(subject(made, REFERENCE)).has_metrics) == (
            "The metrics of the output `age` are wrong. | 'accuracy' | no metric"
        )


class TestParameters:
    """Parameters are counted from the configuration."""

    def test_a_layer_that_keras_would_not_have_built_is_named(self) -> None:
        """A setting changed afterwards is the learner's doing, and no fault of the grader's."""

        def model(*, stateful: bool) -> keras.Model:
            words = keras.Input((None,), name="words")
            reader = layers.LSTM(3, name="reader")
            made = keras.Model(words, reader(layers.Embedding(9, 2)(words)))
            reader.stateful = stateful
            return made

        expect(subject(model(stateful=False), model(stateful=False))).has_parameters()
        changed = subject(model(stateful=True), model(stateful=False))

        told = said(lambda: expect(changed).has_parameters())
        assert told.startswith("The parameters of a layer cannot be counted. | reader cannot take an input")
        assert told.endswith("| 90 | at `reader`: `stateful`")


class TestSharing:
    """A shared layer is one layer, called on different tensors."""

    def test_one_layer_called_on_two_inputs_is_shared(self) -> None:
        shared = layers.Dense(3)

        expect(subject(siamese(lambda a, b: (shared(a), shared(b))))).shares("Dense")

    def test_a_layer_inside_a_shared_model_is_shared(self) -> None:
        inner = keras.Input((4,))
        encoder = keras.Model(inner, layers.Dense(3)(inner))

        expect(subject(siamese(lambda a, b: (encoder(a), encoder(b))))).shares("Dense")

    def test_two_equal_layers_are_clones(self) -> None:
        made = siamese(lambda a, b: (layers.Dense(3)(a), layers.Dense(3)(b)))

        assert "2 separate `Dense` layers" in said(lambda: expect(subject(made)).shares("Dense"))

    def test_two_calls_on_one_tensor_are_none(self) -> None:
        shared = layers.Dense(3, name="encoder")
        made = siamese(lambda a, b: (shared(a), shared(a), b))

        assert "every call of `encoder` reads the same tensor" in said(
            lambda: expect(subject(made)).shares("Dense")
        )

    def test_a_single_call_is_one_too_few(self) -> None:
        made = siamese(lambda a, b: (layers.Dense(3, name="encoder")(a), b))

        assert "calls of `encoder`: 1 | 2" in said(lambda: expect(subject(made)).shares("Dense"))

    def test_a_model_without_the_layer_is_told_so(self) -> None:
        made = siamese(lambda a, b: (a, b))

        assert "no `LSTM` in the model" in said(lambda: expect(subject(made)).shares("LSTM"))


def test_names_and_their_order_are_those_of_the_reference() -> None:
    made = subject(REFERENCE, REFERENCE)
    expect(made).has_output_names()
    expect(made).has_input_names("posts")

    assert said(lambda: expect(made).has_output_names("gender", "age")).endswith(
        "| 'age', 'gender' | 'gender', 'age'"
    )
    assert "Input 1 is named `posts`; it should be named `post`." in said(
        lambda: expect(made).has_input_names("post")
    )


def test_the_order_that_keras_gives_a_dict_is_said() -> None:
    text, question = keras.Input((4,), name="text"), keras.Input((4,), name="question")
    joined = layers.concatenate([text, question])
    made = keras.Model({"text": text, "question": question}, joined)
    right = keras.Model([text, question], joined)

    told = said(lambda: expect(subject(made, right)).has_input_names("text", "question"))
    assert told.startswith("The inputs are in the wrong order: Keras sorts the keys of a dict of inputs.")


def test_an_axis_is_told_as_it_was_written() -> None:
    def joined(axis: int) -> keras.Model:
        left, right = keras.Input((6, 6, 3), name="left"), keras.Input((6, 6, 3), name="right")
        return keras.Model([left, right], layers.concatenate([left, right], axis=axis))

    assert said(expect(subject(joined(1), joined(-1))).matches).startswith(
        "In `Concatenate(axis=1)`, `axis` is 1; it should be 3. "
    )
    assert said(expect(subject(joined(-3), joined(-1))).matches).startswith(
        "In `Concatenate(axis=-3)`, `axis` is -3; it should be -1. "
    )


def test_a_tensor_that_is_taken_twice_is_not_said_to_be_wrong_there() -> None:
    def doubled(times: int) -> keras.Model:
        left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
        return keras.Model([left, right], layers.concatenate([left] * times + [right]))

    assert said(expect(subject(doubled(2), doubled(1))).has_structure).startswith(
        "`Concatenate` takes the input `left` 2 times; the right number is 1."
    )
    assert said(expect(subject(doubled(1), doubled(2))).has_structure).startswith(
        "`Concatenate` should take the input `left` 2 times; the number now is 1."
    )


def test_the_right_loss_may_be_described_instead_of_named() -> None:
    described = message("a loss for one-hot labels")

    told = said(lambda: expect(subject(heads(loss="mse"), REFERENCE)).has_losses(described=described))
    assert told.endswith("| a loss for one-hot labels")


class TestEquals:
    """Entry by entry; what an entry should be is not said, but of which kind it should be."""

    @pytest.mark.parametrize(
        ("found", "wanted", "words"),
        [
            ([14, 14], 14, "[14, 14] | one number"),
            ("14", 14, "'14' | one number"),
            (None, 14, "None | one number"),
            (True, 14, "True | one number"),
            (1, "fit", "1 | a text in quotation marks"),
            ("fit", True, "'fit' | `True` or `False`"),
            (3, [3], "3 | a list or a tuple"),
            ([3], {"a": 3}, "[3] | a dict"),
        ],
    )
    def test_an_entry_of_another_kind_is_said_to_be_one(self, found: Any, wanted: Any, words: str) -> None:
        assert said(lambda: expect(subject({"b": found})).equals({"b": wanted})) == (
            f"The entry 'b' has the wrong type. | {words}"
        )

    @pytest.mark.parametrize(
        ("found", "wanted", "other"),
        [
            (14.5, 14, "another number"),
            ("never", "fit", "another text"),
            ([3, 4], [3], "a list or a tuple of length 1"),
            ([3, 4, 5], [3, 5, 5], "another value at index 1"),
            (False, True, "`True` or `False`"),
        ],
    )
    def test_a_wrong_entry_of_the_right_kind_is_named_and_not_its_value(
        self, found: Any, wanted: Any, other: str
    ) -> None:
        assert said(lambda: expect(subject({"b": found})).equals({"b": wanted})) == (
            f"The value of the entry 'b' is wrong. | {found!r} | {other}"
        )

    @pytest.mark.parametrize(("found", "wanted"), [([14, 14], None), (None, [14, 14])])
    def test_where_none_is_an_answer_kinds_stay_unsaid(self, found: Any, wanted: Any) -> None:
        """That two shapes do not go together at all is what the learner is to find out."""
        answer, right = {"a": None, "b": found}, {"a": None, "b": wanted}

        assert (
            said(lambda: expect(subject(answer)).equals(right))
            == f"The value of the entry 'b' is wrong. | {found!r}"
        )

    @pytest.mark.parametrize(("found", "shown"), [("None", "'None'"), (["None", 14], "['None', 14]")])
    def test_a_none_in_quotation_marks_is_said(self, found: Any, shown: str) -> None:
        assert said(lambda: expect(subject({"a": 1, "b": found})).equals({"a": 1, "b": None})) == (
            f"There is a text 'None' in the entry 'b'. | {shown} | `None` without quotation marks"
        )

    @pytest.mark.parametrize(
        ("found", "wanted"),
        [(14.0, 14), ((3, 4), [3, 4]), (np.float32(0.5), 0.5), ("Fit", "fit"), (" fit ", "fit")],
    )
    def test_a_spelling_is_no_kind(self, found: Any, wanted: Any) -> None:
        expect(subject({"b": found})).equals({"b": wanted})

    def test_a_text_that_is_none_of_a_few_possible_answers_is_said_to_be_none(self) -> None:
        assert said(
            lambda: expect(subject({"b": "at fit"})).equals({"b": "fit"}, choices=("fit", "never"))
        ) == ("The entry 'b' is not one of the possible answers. | 'at fit' | one of 'fit', 'never'")


def with_encoder(channels: int) -> keras.Model:
    """An image of three channels, put through a model that was built for so many."""
    inner = keras.Input((8, 8, channels))
    encoder = keras.Model(inner, layers.Conv2D(4, 3)(inner), name="encoder")
    image = keras.Input((8, 8, 3))
    return keras.Model(image, encoder(image))


def test_a_model_built_for_other_channels_than_it_is_called_on_does_not_match() -> None:
    """Its layers are the reference's, and Keras lets it pass; nothing can be put through it."""
    expect(subject(with_encoder(3), with_encoder(3))).matches()

    assert said(expect(subject(with_encoder(1), with_encoder(3))).matches) == (
        "Keras builds this model, but it stops with an error when it is used: `encoder` was built for "
        "another number of channels than it is called on. | it was built for (8, 8, 1) | "
        "an input of the shape (8, 8, 3)"
    )


class TestReturns:
    """A function may be asked for a plain value; it is called with values that it has not seen."""

    NUMBERS = ([{"value": [3, 1, 4]}],)

    @staticmethod
    def right(numbers: np.ndarray) -> np.ndarray:
        return keras.utils.to_categorical(numbers, 7)

    def test_the_same_array_passes_whatever_made_it(self) -> None:
        made = subject(lambda numbers: np.eye(7)[numbers], self.right, self.NUMBERS)

        expect(made).returns()

    def test_another_shape_is_said_with_the_call_that_showed_it(self) -> None:
        made = subject(keras.utils.to_categorical, self.right, self.NUMBERS)

        assert said(expect(made).returns) == (
            "The function returns a result of the wrong shape. | (3, 5) | (3, 7) | when called with [3, 1, 4]"
        )

    def test_other_values_are_said(self) -> None:
        made = subject(lambda numbers: np.zeros((3, 7)), self.right, self.NUMBERS)

        assert said(expect(made).returns) == (
            "The entry [0, 3] of the result is wrong. | 0.0 | 1.0 | when called with [3, 1, 4]"
        )

    def test_a_one_hot_row_that_is_shifted_is_said(self) -> None:
        made = subject(lambda numbers: np.eye(7)[np.array(numbers) - 1], self.right, self.NUMBERS)

        assert said(expect(made).returns) == (
            "In row 0 of the result, the 1 is in the wrong position. | position 2, counted from 0 | "
            "position 3, counted from 0 | when called with [3, 1, 4]"
        )

    def test_an_error_is_the_learner_s_own(self) -> None:
        made = subject(lambda numbers: numbers["a"], self.right, self.NUMBERS)

        assert "Your function stops with an error" in said(expect(made).returns)

    def test_a_value_instead_of_the_function_is_said(self) -> None:
        made = subject(7, self.right, self.NUMBERS)

        assert "This task needs a function" in said(expect(made).returns)

    def test_what_is_wanted_may_be_given(self) -> None:
        """A public check has no reference beside it."""
        made = subject(self.right, probes=self.NUMBERS)
        count = subject(lambda units: 4 * units, probes=[[{"value": 3}]])

        expect(made).returns_arrays((3, 7))
        expect(count).returns(12)
        assert said(lambda: expect(made).returns_arrays((3, 9))).startswith(
            "The function returns a result of the wrong shape. | (3, 7) | (3, 9)"
        )
        assert said(lambda: expect(count).returns(16)).endswith("| 12 | 16 | when called with 3")
        assert "returns a result of the wrong shape" in said(lambda: expect(count).returns([1, 2]))


def test_a_function_of_numbers_may_build_a_model() -> None:
    def build(width: int) -> keras.Model:
        inputs = keras.Input((4,))
        return keras.Model(inputs, layers.Dense(width)(inputs))

    made = subject(build, build, [[{"value": 3}], [{"value": 5}]])

    expect(made).builds()
    expect(made).matches()
    expect(made).has_output_shapes((None, 3), (None, 5))


@pytest.mark.parametrize(
    ("build", "probe", "words"),
    [
        (
            lambda x: None,
            {"shape": [4]},
            "the tensor that its layers made. | it returns None | the last layer",
        ),
        (lambda x: 7, {"shape": [4]}, "the tensor that its layers made. | it returns int | the last layer"),
        (lambda depth: keras.Input((4,)), {"value": 3}, "a model. | it returns KerasTensor | a Keras model"),
        (lambda depth: None, {"value": 3}, "a model. | it returns None | a Keras model"),
    ],
)
def test_what_a_function_should_return_depends_on_what_it_is_given(
    build: Callable[[Any], Any], probe: Any, words: str
) -> None:
    """A function of tensors returns a tensor; one of numbers makes its own inputs, and returns a model."""
    assert f"Your function does not return {words}" in said(expect(subject(build, probes=([probe],))).builds)


def test_what_hides_code_is_named_with_what_to_write_instead() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, layers.Lambda(lambda y: y * 2, name="double")(x))

    assert said(expect(subject(model)).builds) == (
        "A `Lambda` layer hides Python code: it cannot be seen, so what it computes cannot be graded. "
        "| `double`: `Lambda` "
        "| the same with layers of Keras or functions of `keras.ops`, called on the tensors"
    )


class TestArrays:
    """Training data is judged by its names and shapes."""

    SHAPES = {"text": (6, 100), "question": (6, 20)}

    def test_arrays_of_these_shapes_pass_by_name_and_by_order(self) -> None:
        arrays = {name: np.zeros(shape) for name, shape in self.SHAPES.items()}

        expect(subject(arrays)).holds_arrays(self.SHAPES)
        expect(subject(list(arrays.values()))).holds_arrays(list(self.SHAPES.values()))

    def test_exchanged_arrays_are_named(self) -> None:
        arrays = {"text": np.zeros((6, 20)), "question": np.zeros((6, 100))}

        assert said(lambda: expect(subject(arrays)).holds_arrays(self.SHAPES)) == (
            "The entry 'text' is not the array that belongs there. | an array of shape (6, 20) | "
            "an array of shape (6, 100)"
        )

    def test_other_keys_are_named(self) -> None:
        assert "'texts'" in said(
            lambda: expect(subject({"texts": np.zeros((6, 100))})).holds_arrays(self.SHAPES)
        )

    def test_a_dict_is_no_list(self) -> None:
        arrays = {name: np.zeros(shape) for name, shape in self.SHAPES.items()}

        assert "a list of arrays" in said(
            lambda: expect(subject(arrays)).holds_arrays(list(self.SHAPES.values()))
        )


def test_no_demand_on_a_model_is_met_where_there_is_none() -> None:
    """What has no model has no model that is wrong, and so every demand would be met."""
    for value in (None, 3, []):
        nothing = expect(read_subject("task", [read(json.dumps(capture("task", [value])))]))
        for demand in (
            nothing.builds,
            nothing.has_output_shapes,
            nothing.has_parameters,
            lambda nothing=nothing: nothing.joins_by("Add"),
            lambda nothing=nothing: nothing.calls("Add", 1),
            nothing.adds_equal_shapes,
            lambda nothing=nothing: nothing.shares("LSTM"),
            nothing.has_input_names,
            nothing.has_output_names,
            nothing.matches,
            nothing.is_compiled,
            nothing.has_optimizer,
            nothing.has_losses,
            nothing.has_loss_weights,
            nothing.has_metrics,
            nothing.returns,
        ):
            with pytest.raises(CheckFailure):
                demand()


def test_what_was_not_called_on_every_probe_is_no_function() -> None:
    asked = [[{"shape": [4]}], [{"value": 3}]]
    called = read(json.dumps(capture("task", [lambda x: layers.Dense(2)(x)], asked[:1])))
    for evidence, probes in ((called, asked), (called, [[{"shape": [5]}]])):
        absence = read_subject("task", [evidence], probes).absence
        assert absence is not None
        assert render(absence.rationale, "en") == "This task needs a function."

    assert read_subject("task", [called], asked[:1]).absence is None


def chain(*units: int, activation: str | None = "relu") -> keras.Model:
    """Dense layers, one after the other."""
    x = inputs = keras.Input((8,))
    for size in units:
        x = layers.Dense(size, activation=activation)(x)
    return keras.Model(inputs, x)


class TestEachDemandForItself:
    """Structure and settings are judged apart, as far as there is something to see."""

    def test_a_wrong_size_is_no_fault_of_the_structure(self) -> None:
        seen = expect(subject(chain(4, 5, 2), chain(4, 4, 2)))

        seen.has_structure()
        assert "units" in said(seen.has_settings)

    def test_a_missing_layer_is_no_fault_of_the_settings(self) -> None:
        seen = expect(subject(chain(4, 2), chain(4, 4, 2)))

        seen.has_settings()
        assert "missing" in said(seen.has_structure)

    def test_settings_of_layers_that_are_not_there_are_not_right(self) -> None:
        """More than half of the layers are others: nothing can be said of their settings."""
        seen = expect(subject(chain(2), chain(4, 4, 2)))

        with pytest.raises(NothingSeen):
            seen.has_settings()

    def test_a_function_is_judged_on_the_inputs_that_it_takes(self) -> None:
        """It stops on others: the settings are not right for every size, the structure is."""

        def block(x: Any) -> Any:
            if x.shape[1] != 8:
                raise ValueError("8 only")
            return layers.Dense(4)(x)

        probes = [[{"shape": [size], "dtype": "float32"}] for size in (8, 5)]
        seen = expect(subject(block, lambda x: layers.Dense(4)(x), probes))

        seen.has_structure()
        assert "8 only" in said(seen.builds)
        with pytest.raises(NothingSeen):
            seen.has_settings()

    def test_a_function_that_returns_a_model_is_told_so_and_judged_otherwise(self) -> None:
        probes = [[{"shape": [8], "dtype": "float32"}]]
        seen = expect(
            subject(lambda x: keras.Model(x, layers.Dense(4)(x)), lambda x: layers.Dense(4)(x), probes)
        )

        assert said(seen.builds).startswith("Your function returns a model, not the tensor")
        seen.has_structure()
        seen.has_settings()

    def test_a_sequential_model_is_not_made_with_the_functional_api(self) -> None:
        made = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="relu")])
        seen = expect(subject(made, chain(4)))

        seen.has_structure()
        assert said(seen.is_functional).startswith("The model is a `Sequential`")
        expect(subject(chain(4), chain(4))).is_functional()

    @pytest.mark.parametrize("demand", ["has_structure", "has_settings", "is_functional"])
    @pytest.mark.parametrize("nothing", [lambda x: x, lambda _: None])
    def test_nothing_is_met_by_nothing(self, demand: str, nothing: Callable[[Any], Any]) -> None:
        probes = [[{"shape": [8], "dtype": "float32"}]]
        seen = expect(subject(nothing, lambda x: layers.Dense(4)(x), probes))

        with pytest.raises(NothingSeen):
            getattr(seen, demand)()


def test_arrays_hold_what_the_solution_s_arrays_hold() -> None:
    """Of the right shape, and nothing but zeros: that is not what belongs there."""
    words, question = np.arange(12).reshape(4, 3), np.arange(8).reshape(4, 2)

    expect(subject([words, question], [words, question])).holds_arrays([(4, 3), (4, 2)])
    told = said(
        lambda: expect(subject([words, 0 * question], [words, question])).holds_arrays([(4, 3), (4, 2)])
    )
    assert told == (
        "The entry [1] has the right shape, but it is not the array that belongs there. | "
        "0 at the index [0, 1]; 7 of 8 entries differ"
    )
    told = said(
        lambda: expect(subject({"a": 0 * words}, {"a": words})).holds_arrays({"a": (4, 3)}),
    )
    assert "'a'" in told
    expect(subject([0 * words, question])).holds_arrays([(4, 3), (4, 2)])


def test_a_model_that_begins_in_the_middle_is_told_where() -> None:
    """Keras builds it: what a layer has made stands where an input should."""
    left, right = keras.Input((None, 2), name="left"), keras.Input((None, 2), name="right")
    lstm = layers.LSTM(3)
    codes = [lstm(left), lstm(right)]
    made = keras.Model(codes, layers.Dense(1)(layers.concatenate(codes)))

    told = said(expect(subject(made)).builds)
    assert told.startswith("The model starts from the output of a layer instead of from an input.")
    assert "(None, 3)" in told


class Own(layers.Layer):
    """A layer whose code cannot be seen."""

    def call(self, x: Any) -> Any:
        return x

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


@pytest.mark.parametrize(
    ("demand", "arguments"),
    [
        ("builds", ()),
        ("has_output_shapes", ()),
        ("has_output_shapes", ((None, 4),)),
        ("has_parameters", ()),
        ("joins_by", ("Multiply",)),
        ("calls", ("Dense", 3)),
        ("adds_equal_shapes", ()),
        ("shares", ("Dense",)),
        ("has_input_names", ("left",)),
        ("matches", ()),
        ("has_structure", ()),
        ("has_metrics", ({"last": ["accuracy"]},)),
    ],
)
def test_what_hides_its_code_breaks_no_check(demand: str, arguments: tuple[Any, ...]) -> None:
    """Its shapes are not known, and what reads it has none either: the demand is not met, and that is all."""
    inputs = keras.Input((4,))
    hidden = Own()(layers.Dense(4)(inputs))
    made = keras.Model(inputs, Own(name="last")(layers.add([hidden, Own()(hidden)])))
    made.compile(loss="mse", metrics=["mae"])
    wanted = keras.Model(inputs, layers.add([layers.Dense(4)(inputs), layers.Dense(4)(inputs)]))
    wanted.compile(loss="mse", metrics=["accuracy"])

    assert said(lambda: getattr(expect(subject(made, wanted)), demand)(*arguments))
