"""What the graders' tests start is a fork of the warm server; those that run notebooks share one session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading import GradingSession, choose_isolation
from autograder.sandbox import WarmInterpreter
from tests import warm
from tests.graders.test_public import COURSE
from tests.warm import programs_are_warm  # noqa: F401


@pytest.fixture(scope="session")
def session() -> Iterator[GradingSession]:
    """The course's marking schemes, and what notebooks run in."""
    isolation = choose_isolation(COURSE, unsafe=False)
    # This process may know hidden checks: the warm interpreter must not be a fork of it.
    with warm.programs(), GradingSession.open(COURSE, isolation, start=WarmInterpreter.spawn) as opened:
        yield opened
