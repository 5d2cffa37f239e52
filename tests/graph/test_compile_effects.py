"""What compile arguments come to is what Keras makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from keras.src.trainers import compile_utils

from autograder.graph import resolved_metric
from autograder.graph.allowed import snake_case


@pytest.mark.parametrize("word", ["accuracy", "acc"])
@pytest.mark.parametrize(
    ("loss", "target", "output"),
    [
        ("binary_crossentropy", (3, 1), (3, 1)),
        ("mean_squared_error", (3, 1), (3, 1)),
        ("categorical_crossentropy", (3, 10), (3, 10)),
        ("mean_squared_error", (3, 10), (3, 10)),
        ("sparse_categorical_crossentropy", (3,), (3, 10)),
        ("sparse_categorical_crossentropy", (3, 1), (3, 10)),
    ],
)
def test_a_word_is_resolved_as_keras_resolves_it(
    word: str, loss: str, target: tuple[int, ...], output: tuple[int, ...]
) -> None:
    metric = compile_utils.get_metric(word, np.zeros(target), np.zeros(output))

    assert resolved_metric("accuracy", loss, output[-1]) == snake_case(type(metric).__name__)


@pytest.mark.parametrize("name", ["mean_absolute_error", "Accuracy()", "categorical_accuracy"])
def test_every_other_name_is_what_it_says(name: str) -> None:
    assert resolved_metric(name, "categorical_crossentropy", 10) == name
