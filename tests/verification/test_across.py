"""On each of the other backends the solutions build what they build on TensorFlow, and compute the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import OTHERS, Document, of
from .test_backends import EACH

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ELSEWHERE = pytest.mark.parametrize("backend", OTHERS)
# Sums of many products differ in their last digits.
TOLERANCE = 1e-4


@EACH
@ELSEWHERE
def test_it_builds_the_same_graphs_as_on_tensorflow(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    ours, theirs = (of(verified(name), assignment) for name in ("tensorflow", backend))

    assert ours["graphs"] == theirs["graphs"]


# There Keras trains otherwise on TensorFlow (`test_training.py`, docs/decisions/0018).
WITH_EMBEDDINGS = {"multi-input", "multi-output", "capstone"}
# What is left of a loss that has all but gone is the last digits of what it was.
LEFT_OVER = 0.1


@EACH
@ELSEWHERE
def test_training_ends_alike(verified: Callable[[str], Document], backend: str, assignment: str) -> None:
    other_one = "jax" if assignment in WITH_EMBEDDINGS else "tensorflow"
    ours, theirs = (of(verified(name), assignment)["trainings"] for name in (other_one, backend))

    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert other["last_loss"] == pytest.approx(one["last_loss"], rel=LEFT_OVER)


@EACH
@ELSEWHERE
def test_the_same_start_has_the_same_losses(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    """The first step's, from the same weights and data."""
    ours, theirs = (of(verified(name), assignment)["trainings"] for name in ("tensorflow", backend))

    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert other["start_loss"] == pytest.approx(one["start_loss"], rel=TOLERANCE)
