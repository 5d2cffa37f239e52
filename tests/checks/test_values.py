"""Plain values come back from evidence as they were handed in, and compare as a learner would say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks.values import plain_value, same, shown
from autograder.evidence import capture, read

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(PLAIN)
def test_a_value_survives_capture_and_reading(value: object) -> None:
    evidence = read(json.dumps(capture("task", (value,), ())))

    assert same(plain_value(evidence.arguments[0]), value)


@pytest.mark.parametrize(
    ("found", "wanted", "equal"),
    [
        ((14, 14, 128), [14, 14, 128], True),
        (0.1 + 0.2, 0.3, True),
        (1, 1.0, True),
        (True, 1, False),
        (None, False, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": (1, 2)}, {"a": [1, 2]}, True),
        ("14", 14, False),
    ],
)
def test_same_forgives_spelling_and_rounding_only(found: object, wanted: object, equal: bool) -> None:
    assert same(found, wanted) is equal


def test_an_array_is_a_nested_list() -> None:
    value = {
        "kind": "array",
        "shape": [2, 3],
        "dtype": "int64",
        "values": [1, 2, 3, 4, 5, 6],
        "truncated": False,
    }

    assert plain_value(value) == [[1, 2, 3], [4, 5, 6]]


def test_a_long_value_is_shown_in_one_line() -> None:
    assert len(shown(list(range(1000)))) == 120
