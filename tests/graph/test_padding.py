"""`"same"` and `"valid"` are one thing exactly where the windows meet the edge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograder.graph.padding import pads_nothing


@given(size=st.integers(1, 40), window=st.integers(1, 7), stride=st.integers(1, 4))
def test_padding_is_needless_exactly_where_valid_windows_reach_the_last_pixel(size, window, stride) -> None:
    settings = {"kernel_size": (window,), "strides": (stride,), "padding": "same"}
    steps = -(-size // stride)

    needless = pads_nothing("Conv1D", settings, (None, size, 3))

    assert needless == ((steps - 1) * stride + window <= size)
    if needless:
        assert (size - window) // stride + 1 == steps


def test_of_an_unknown_size_only_a_window_of_one_pixel_is_sure() -> None:
    assert pads_nothing(
        "Conv2D", {"kernel_size": (1, 1), "strides": (2, 2), "padding": "same"}, (None, None, None, 3)
    )
    assert not pads_nothing(
        "Conv2D", {"kernel_size": (2, 2), "strides": (2, 2), "padding": "same"}, (None, None, None, 3)
    )


def test_a_pooling_without_strides_steps_by_its_window() -> None:
    pooling = {"pool_size": (2, 2), "strides": None, "padding": "same"}

    assert pads_nothing("MaxPooling2D", pooling, (None, 28, 28, 3))
    assert not pads_nothing("MaxPooling2D", pooling, (None, 27, 28, 3))


def test_dilation_widens_the_window() -> None:
    settings = {"kernel_size": (2,), "strides": (3,), "dilation_rate": (2,), "padding": "same"}

    assert pads_nothing("Conv1D", settings, (None, 9, 1))
    assert not pads_nothing("Conv1D", settings, (None, 8, 1))
