from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.size import bytes_of, size_of


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("6 GiB", 6 * 1024**3),
        ("512MiB", 512 * 1024**2),
        ("1.5 KiB", 1536),
        ("2 kB", 2000),
        ("3 MB", 3_000_000),
        ("1 GB", 10**9),
        ("7 B", 7),
    ],
)
def test_a_size_is_read_as_bytes(written: str, count: int) -> None:
    """Binary and decimal units both mean what they say."""

    assert count == bytes_of(written)


@pytest.mark.parametrize(
    "written", ["", "6", "6 gigs", "-1 GiB", "0 B", 0, 4096, 1.5, None, True, [], "1 KB"]
)
def test_what_is_no_size_is_refused(written: object) -> None:
    """A size needs a number above 0 and a unit that exists; `KB` could be either kind, so it is none."""
    with pytest.raises(ValueError, match="not a size"):
        bytes_of(written)


@given(st.integers(min_value=1, max_value=1023), st.sampled_from(["B", "KiB", "MiB", "GiB"]))
def test_writing_a_size_undoes_reading_it(number: int, unit: str) -> None:
    """Whole numbers of a unit come back as they were written."""
    written = f"{number} {unit}"

    assert written == size_of(bytes_of(written))
