"""What the figures of a class are by definition."""

from __future__ import annotations

import pytest

from autograder.class_report import figures


def test_whoever_passes_has_the_rest_as_well() -> None:
    half = figures.LEAST_SUBMISSIONS // 2
    assert figures.discrimination([1.0] * half + [0.0] * half, [3.0] * half + [1.0] * half) == pytest.approx(
        1
    )
    assert figures.discrimination([0.0] * half + [1.0] * half, [3.0] * half + [1.0] * half) == pytest.approx(
        -1
    )


def test_what_tells_nobody_apart_has_none() -> None:
    assert figures.discrimination([1.0, 0.0] * 20, [1.0, 1.0, 3.0, 3.0] * 10) == pytest.approx(0)
    assert figures.discrimination([1.0] * 40, [1.0, 3.0] * 20) is None
    assert figures.discrimination([1.0, 0.0] * 20, [2.0] * 40) is None


def test_of_a_small_class_it_is_not_given() -> None:
    few = figures.LEAST_SUBMISSIONS - 1
    assert (
        figures.discrimination([float(number % 2) for number in range(few)], list(map(float, range(few))))
        is None
    )


@pytest.mark.parametrize(
    ("share", "place"), [(0.0, 0), (0.0999, 0), (0.1, 1), (0.7, 7), (3 * 0.1, 3), (0.9999, 9), (1.0, 10)]
)
def test_a_share_lies_in_its_tenth_and_full_marks_by_themselves(share: float, place: int) -> None:
    assert figures.distribution([share]) == [int(number == place) for number in range(11)]


def test_the_median_of_an_even_number_lies_between() -> None:
    assert (figures.median([3, 1, 2]), figures.median([4, 1, 2, 3]), figures.median([])) == (2, 2.5, None)
