"""A fact about a whole model begins with the difference that causes it, and with no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from autograder.checks import expect
from tests.checks.test_expectations import said, subject


def net(build: Callable[[Any], Any], shape: tuple[int | None, ...] = (28, 28, 3)) -> keras.Model:
    images = keras.Input(shape, name="images")
    return keras.Model(images, build(images))


def wanted(x: Any) -> Any:
    x = layers.Conv2D(8, 3, activation="relu", name="first")(x)
    x = layers.Conv2D(16, 3, activation="relu", name="second")(x)
    return layers.GlobalAveragePooling2D()(x)


def without_relu_and_narrow(x: Any) -> Any:
    x = layers.Conv2D(8, 3, name="first")(x)
    x = layers.Conv2D(12, 3, activation="relu", name="second")(x)
    return layers.GlobalAveragePooling2D()(x)


def without_relu_and_bias(x: Any) -> Any:
    x = layers.Conv2D(8, 3, strides=1, padding="same", name="first")(x)
    x = layers.Conv2D(16, 3, activation="relu", use_bias=False, name="second")(x)
    return layers.GlobalAveragePooling2D()(x)


def with_one_too_few(x: Any) -> Any:
    x = layers.Conv2D(16, 3, activation="relu", name="second")(x)
    return layers.GlobalAveragePooling2D()(x)


def with_dropout_and_narrow(x: Any) -> Any:
    x = layers.Conv2D(8, 3, activation="relu", name="first")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Conv2D(12, 3, activation="relu", name="second")(x)
    return layers.GlobalAveragePooling2D()(x)


def test_an_activation_is_no_cause_of_a_shape() -> None:
    found = said(lambda: expect(subject(net(without_relu_and_narrow), net(wanted))).has_output_shapes())

    assert found.startswith("In `second`, `filters` is 12; it should be 16. Because of this, the output has")


def test_a_layer_that_keeps_the_shape_is_no_cause_of_one() -> None:
    made = net(with_dropout_and_narrow)
    found = said(lambda: expect(subject(made, net(wanted))).has_output_shapes())

    assert found.startswith("In `second`, `filters` is 12; it should be 16.")
    assert "Dropout" not in found.split("|")[0]


def test_padding_is_no_cause_of_a_number_of_parameters() -> None:
    found = said(lambda: expect(subject(net(without_relu_and_bias), net(wanted))).has_parameters())

    assert found.startswith("In `second`, `use_bias` is False; it should be ")
    assert "Because of this, the parameter count is wrong." in found


@pytest.mark.parametrize("act", ["has_parameters", "calls"])
def test_a_missing_layer_is_told_before_what_is_counted(act: str) -> None:
    expectation = expect(subject(net(with_one_too_few), net(wanted)))
    found = said(
        expectation.has_parameters if act == "has_parameters" else lambda: expectation.calls("Conv2D", 2)
    )

    assert found.startswith("A call of `Conv2D` is missing between")
    assert "Because of this, the" in found


def test_where_no_cause_is_known_the_fact_is_told_alone() -> None:
    """As in a kernel that may not know the target."""
    found = said(lambda: expect(subject(net(with_one_too_few))).has_parameters(1000))

    assert found == "The parameter count is wrong. | 448 | 1,000"


def test_one_tensor_read_twice_changes_no_shape() -> None:
    def two(twice: bool, pooled: bool) -> keras.Model:
        left, right = keras.Input((4, 8), name="left"), keras.Input((4, 8), name="right")
        encode = layers.LSTM(5, return_sequences=not pooled)
        return keras.Model(
            [left, right], layers.concatenate([encode(left), encode(left if twice else right)])
        )

    found = said(lambda: expect(subject(two(True, False), two(False, True))).has_output_shapes())

    assert found.startswith("In ")
    assert "`return_sequences`" in found.split("|")[0]
