"""What a difference says, in English."""

from __future__ import annotations

from autograder.graph.comparison.difference import Difference
from autograder.messages import render


def said(difference: Difference) -> str:
    return render(difference.message, "en")


def both(difference: Difference) -> tuple[str, str]:
    """What was found and what is wanted."""
    assert difference.wanted is not None
    return render(difference.found, "en"), render(difference.wanted, "en")
