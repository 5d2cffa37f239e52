"""Numbers and arrays: to within a tolerance, bounded, and what is said where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from autograder.checks import CheckFailure, Subject, expect
from autograder.messages import render
from tests.checks.subjects import said, subject

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("found", "wanted", "tolerance"),
    [
        (0.1 + 0.2, 0.3, None),
        (0.93, 0.9, 0.05),
        (0.3, 0.2, 0.1),
        (3, 3.0, None),
        (np.float32(0.1), 0.1, None),
        (np.array([1, 2]), [1.0, 2.0], None),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]), None),
        (np.array([1.0, NAN, INF]), [1.0, NAN, INF], 0.1),
        (np.array([True, False]), [True, False], None),
        (np.zeros((3, 0)), np.zeros((3, 0)), None),
    ],
)
def test_what_is_near_enough_passes(found: Any, wanted: Any, tolerance: float | None) -> None:
    expect(subject(found)).is_close(wanted, tolerance=tolerance)
    expect(subject(found, wanted)).is_close(tolerance=tolerance)


@pytest.mark.parametrize(
    ("found", "wanted", "tolerance", "sentence"),
    [
        (0.8, 0.9, None, "The number is wrong. | 0.8 | a larger number"),
        (0.8, 0.7, 0.05, "The number is wrong. | 0.8 | a smaller number; it may be off by 0.05"),
        (NAN, 1.0, None, "The number is wrong. | NaN | a number"),
        (INF, 1.0, 0.5, "The number is wrong. | ∞ | a smaller number; it may be off by 0.5"),
        (1.0, NAN, None, "The number is wrong. | 1 | NaN"),
        (True, 1, None, "The value has the wrong type. | `True` and `False` | numbers"),
        ("0.9", 0.9, None, "This task needs a number. | '0.9' | one number"),
        (np.ones(1), 1.0, None, "This task needs one number. | an array of shape (1,) | one number"),
        (
            np.ones((2, 3)),
            np.ones((3, 2)),
            None,
            "The array has the wrong shape. | an array of shape (2, 3) | an array of shape (3, 2)",
        ),
        (
            np.array([[1, 2], [3, 5]]),
            [[1, 2], [3, 4]],
            None,
            "The entry [1, 1] of the array is wrong. | 5 | a smaller number",
        ),
        (
            np.array([1.0, 2.2, 9.0, 4.0]),
            [1.0, 2.0, 3.0, 4.0],
            0.1,
            "2 of 4 entries of the array are wrong; the entry [2] is furthest off. | 9 | a smaller number; "
            "it may be off by 0.1",
        ),
        (
            np.array([1.0, 2.2, 9.0, 4.0]),
            [1.0, 2.0, 3.0, 4.0],
            None,
            "2 of 4 entries of the array are wrong; the first is the entry [1]. | 2.2 | a smaller number",
        ),
        (
            np.array([0, 0, 1]),
            [0.2, 0.7, 1.1],
            None,
            "The array holds whole numbers: what follows the decimal point is lost. | int64 | float64",
        ),
        (
            np.array([1, 0]),
            [True, False],
            None,
            "The array holds values of the wrong type. | numbers | `True` and `False`",
        ),
        (
            [1, "two"],
            [1, 2],
            None,
            "This task needs an array of numbers. | [1, 'two'] | an array of shape (2,)",
        ),
    ],
)
def test_what_is_off_is_named_with_its_place(
    found: Any, wanted: Any, tolerance: float | None, sentence: str
) -> None:
    """What is wanted stays unsaid: it is what the learner is to work out."""
    assert said(lambda: expect(subject(found)).is_close(wanted, tolerance=tolerance)) == sentence


def test_of_a_long_array_the_first_entries_and_the_whole_shape_count() -> None:
    long = np.arange(5000.0)

    expect(subject(long, long)).is_close()
    assert "[7]" in said(lambda: expect(subject(np.where(long == 7, 0, long), long)).is_close())
    assert "wrong shape" in said(lambda: expect(subject(long, long[:4000])).is_close())


def probed(function: Any, reference: Any, values: Sequence[Any]) -> Subject:
    return subject(function, reference, [[{"value": value}] for value in values])


def test_what_a_function_returns_is_judged_call_by_call_and_may_be_said() -> None:
    right = probed(lambda x: x / 3, lambda x: x / 3, [1, 2])
    wrong = probed(lambda x: x // 3, lambda x: x / 3, [3, 4])

    expect(right).is_close()
    assert said(lambda: expect(wrong).is_close(tolerance=0.01)) == (
        "The number is wrong. | 1 | 1.333333 ± 0.01 | when called with 4"
    )


@pytest.mark.parametrize(
    ("value", "least", "sentence"),
    [
        (0.8, 0.9, "The number is too small. | 0.8 | at least 0.9"),
        (NAN, 0.9, "The number is wrong. | NaN | at least 0.9"),
        (
            np.array([0.95, 0.2, 0.3]),
            0.9,
            "2 of 3 entries of the array are too small; the first is the entry [1]. | 0.2 | at least 0.9",
        ),
        (np.zeros(0), 0.9, "The array is empty. | an array of shape (0,) | at least 0.9"),
        (None, 0.9, "This task needs a number. | None"),
    ],
)
def test_a_lower_bound_is_said_where_it_is_not_reached(value: Any, least: float, sentence: str) -> None:
    expect(subject(0.9)).is_at_least(least)

    assert said(lambda: expect(subject(value)).is_at_least(least)) == sentence


def test_an_upper_bound_is_said_where_it_is_passed() -> None:
    expect(subject(np.array([0.1, 0.5]))).is_at_most(0.5)

    assert (
        said(lambda: expect(subject(0.7)).is_at_most(0.5)) == "The number is too large. | 0.7 | at most 0.5"
    )


def test_what_is_no_finite_number_is_explained() -> None:
    with pytest.raises(CheckFailure) as caught:
        expect(subject(NAN)).is_at_least(0.9)

    hint = caught.value.failure.hint
    assert hint is not None
    assert render(hint, "en").startswith("NaN comes of 0/0")
    assert render(hint, "ko").startswith("NaN은 0/0")


def test_a_model_is_no_number() -> None:
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

    assert said(lambda: expect(subject(model)).is_at_least(1)) == "This task needs a plain value. | a model"
