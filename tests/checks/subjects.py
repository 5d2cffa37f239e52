"""What a check sees of a value that a learner hands in, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.checks import CheckFailure
from autograder.checks import subject_of as subject
from autograder.messages import render

__all__ = ["said", "subject"]


def said(act: Callable[[], None]) -> str:
    """Everything that a failed expectation says, in English."""
    with pytest.raises(CheckFailure) as caught:
        act()
    failure = caught.value.failure
    parts = (failure.rationale, failure.found, failure.wanted, failure.where)
    return " | ".join(render(part, "en") for part in parts if part is not None)
