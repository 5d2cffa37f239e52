"""What a check sees of a value that a learner hands in, and what it says of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograder.checks import CheckFailure, Subject, read_subject
from autograder.evidence import capture, read
from autograder.messages import render


def subject(thing: Any, reference: Any = None, probes: Sequence[Any] = ()) -> Subject:
    """What a check sees when a learner hands in `thing`, and the solution hands in `reference`."""
    seen = read_subject("task", [read(json.dumps(capture("task", [thing], probes)))])
    if reference is not None:
        seen.reference = subject(reference, probes=probes)
    return seen


def said(act: Callable[[], None]) -> str:
    """Everything that a failed expectation says, in English."""
    with pytest.raises(CheckFailure) as caught:
        act()
    failure = caught.value.failure
    parts = (failure.rationale, failure.found, failure.wanted, failure.where)
    return " | ".join(render(part, "en") for part in parts if part is not None)
