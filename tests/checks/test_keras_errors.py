"""What Keras says of the mistakes that learners make has a meaning here; Keras itself is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks import meaning_of
from autograder.messages import render


def two_heads(**arguments: Any) -> None:
    import keras

    x = keras.Input((4,), name="x")
    model = keras.Model(x, [keras.layers.Dense(1, name="p")(x), keras.layers.Dense(1, name="q")(x)])
    model.compile(optimizer="sgd", **arguments)
    model.fit(np.ones((4, 4)), [np.ones((4, 1))] * 2, verbose=0)


def two_inputs() -> Any:
    import keras

    u, v = keras.Input((4,), name="u"), keras.Input((4,), name="v")
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.concatenate([u, v]))
    return keras.Model([u, v], outputs)


def fitted(loss: str, labels: tuple[int, ...]) -> None:
    model = two_inputs()
    model.compile(optimizer="sgd", loss=loss)
    model.fit([np.ones((4, 4))] * 2, np.ones(labels), verbose=0)


def twice_named(keras: Any) -> Any:
    x = keras.Input((4,))
    return keras.Model(x, [keras.layers.Dense(1, name="p")(x), keras.layers.Dense(1, name="p")(x)])


SLIPS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "sizes that are added": (
        lambda keras, layers: layers.add([keras.Input((28, 28, 64)), keras.Input((14, 14, 64))]),
        "Only tensors of one height and width can be added up, and these differ in size.",
    ),
    "channels that are added": (
        lambda keras, layers: layers.add([keras.Input((14, 14, 64)), keras.Input((14, 14, 128))]),
        "Tensors that are added up have the same number of channels, or one has a single channel.",
    ),
    "sizes that are added with a plus": (
        lambda keras, layers: keras.Input((28, 28, 64)) + keras.Input((14, 14, 64)),
        "Only tensors of one height and width can be added up, and these differ in size.",
    ),
    "sizes that are concatenated": (
        lambda keras, layers: layers.concatenate([keras.Input((14, 14, 128)), keras.Input((13, 13, 128))]),
        "Tensors that are concatenated may differ in their channels alone, and these differ in size.",
    ),
    "axes that are concatenated": (
        lambda keras, layers: layers.concatenate([keras.Input((14, 14, 128)), keras.Input((14, 128))]),
        "Tensors that are concatenated have the same number of axes, and these have not.",
    ),
    "an output that hangs in the air": (
        lambda keras, layers: keras.Model(keras.Input((4,)), layers.Dense(3)(keras.Input((4,)))),
        "Going back from the outputs, one does not come out at the inputs that the model was given.",
    ),
    "a name in small letters": (
        lambda keras, layers: layers.conv2D,
        "Keras has nothing that is called `conv2D`, but it has `Conv2D`.",
    ),
    "a name without its number of axes": (
        lambda keras, layers: layers.GlobalMaxPool,
        "Keras has nothing that is called `GlobalMaxPool`, but it has `GlobalMaxPool1D`, `GlobalMaxPool2D`, "
        "`GlobalMaxPool3D`.",
    ),
    "letters that changed places": (
        lambda keras, layers: layers.AmxPooling2D,
        "Keras has nothing that is called `AmxPooling2D`, but it has `MaxPooling2D`.",
    ),
    "a name from nowhere": (
        lambda keras, layers: layers.qqqqqqqq,
        "Keras has nothing that is called `qqqqqqqq`.",
    ),
    "a dense layer on an open length": (
        lambda keras, layers: layers.Dense(10)(layers.Flatten()(keras.Input((None, 16)))),
        "A layer with weights must know the size of its input's last axis, which is open here.",
    ),
    "a sequence that is none": (
        lambda keras, layers: layers.LSTM(3, name="reader")(keras.Input((16,))),
        "The layer `reader` reads tensors with 3 axes, and it was given one with 2.",
    ),
    "a pool that is too large": (
        lambda keras, layers: layers.MaxPooling2D(30)(keras.Input((28, 28, 64))),
        "The window is larger than what is left of the image.",
    ),
    "a kernel that is too large": (
        lambda keras, layers: layers.Conv2D(3, 30)(keras.Input((28, 28, 64))),
        "The window is larger than what is left of the image.",
    ),
    "one pair of parentheses": (
        lambda keras, layers: layers.Dense(keras.Input((4,))),
        "A tensor stands where the layer wants its size.",
    ),
    "a layer without a size": (
        lambda keras, layers: layers.Dense()(keras.Input((4,))),
        "`Dense` is created without its `units`.",
    ),
    "NumPy on a tensor": (
        lambda keras, layers: np.add(keras.Input((4,)), 1),
        "A tensor of the model has a shape and no numbers yet, and only Keras can compute with it.",
    ),
    "a model from a number": (
        lambda keras, layers: keras.Model(keras.Input((4,)), 3),
        "A model is made from tensors, and something else was handed in.",
    ),
    "nothing returned": (
        lambda keras, layers: layers.Dense(10)(None),
        "A layer is called on `None`, where a tensor should be.",
    ),
    "a layer that is not called": (
        lambda keras, layers: layers.Dense(10)(layers.Dense(32)),
        "A `Dense` that was created and not called stands where a tensor should be.",
    ),
    "a shape that is a number": (
        lambda keras, layers: keras.Input(shape=64),
        "A shape is a tuple, even one of a single size.",
    ),
    "one layer on two sizes": (
        lambda keras, layers: [layer := layers.Dense(32), layer(layer(keras.Input((64,))))],
        "The layer has made its weights for 64 numbers when it was first called, and now it is given 32.",
    ),
    "a number for a tensor": (
        lambda keras, layers: layers.Dense(10)("x"),
        "A layer is called on something that is no tensor.",
    ),
    "one array for two inputs": (
        lambda keras, layers: two_inputs().predict(np.ones((4, 4)), verbose=0),
        "The model wants 2 inputs, and it was given 1.",
    ),
    "an input by another name": (
        lambda keras, layers: two_inputs().predict({"us": np.ones((4, 4)), "v": np.ones((4, 4))}, verbose=0),
        "No array was handed over for the input `u`.",
    ),
    "a loss for no output": (
        lambda keras, layers: two_heads(loss={"p": "mse", "z": "mse"}),
        "The keys of the losses are not the names of the outputs.",
    ),
    "a weight too few": (
        lambda keras, layers: two_heads(loss={"p": "mse", "q": "mse"}, loss_weights={"p": 1.0}),
        "A dict that `compile` was given has no entry for the output `q`.",
    ),
    "a loss too many": (
        lambda keras, layers: two_heads(loss=["mse", "mse", "mse"]),
        "There are more losses than outputs.",
    ),
    "a metric for nobody": (
        lambda keras, layers: two_heads(loss={"p": "mse", "q": "mse"}, metrics=["mae"]),
        "A model with several outputs wants to know which of them each metric is for.",
    ),
    "numbers for vectors": (
        lambda keras, layers: fitted("categorical_crossentropy", (4, 1)),
        "The labels do not have the form that the loss takes them for.",
    ),
    "vectors for numbers": (
        lambda keras, layers: fitted("sparse_categorical_crossentropy", (4, 3)),
        "The labels do not have the form that the loss takes them for.",
    ),
    "one name for two": (
        lambda keras, layers: twice_named(keras),
        "Two layers are called `p`, and a name is for one layer.",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("slip", SLIPS)
def test_what_keras_says_of_a_slip_has_a_meaning(slip: str) -> None:
    """Whatever the version that is installed says: a sentence that is not known fails here."""
    import keras

    make, means = SLIPS[slip]
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one it is, is Keras's affair
        make(keras, keras.layers)

    line = "model.fit(x, y)" if "weight" in slip else ""
    meaning = meaning_of(type(raised.value).__name__, str(raised.value), line)

    assert meaning is not None, f"{type(raised.value).__name__}: {raised.value}"
    assert render(meaning.says, "en") == means
    assert render(meaning.look, "ko") != render(meaning.look, "en")


def test_an_error_that_is_not_keras_s_is_left_alone() -> None:
    assert meaning_of("ZeroDivisionError", "division by zero") is None
    assert meaning_of("KeyError", "'gender'", "ages['gender']") is None


def test_no_module_is_imported_for_what_an_error_says() -> None:
    """A learner's code can raise whatever it likes."""
    import sys

    meaning = meaning_of("AttributeError", "module 'keras.src.legacy.saving' has no attribute 'x'")

    assert meaning is not None
    assert render(meaning.says, "en") == "Keras has nothing that is called `x`."
    assert "keras.src.legacy.saving.x" not in sys.modules


def test_what_keras_adds_below_does_not_blur_the_meaning() -> None:
    """Inside a sub-model it lists the arguments of the call, shapes and all."""
    said = "Inputs have incompatible shapes. Received shapes (16, 16, 64) and (32, 32, 64)"
    wrapped = (
        f"Exception encountered when calling Functional.call().\n\n{said}\n\nArguments: (None, 64, 64, 3)"
    )

    assert meaning_of("ValueError", wrapped) == meaning_of("ValueError", said)
