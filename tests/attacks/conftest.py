"""The corpus, graded once a level for every test that looks at what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from autograder.sandbox import best_level
from tests.attacks.battlefield import Outcome, fight

LEVELS = ("full", "contained") if best_level().level == "full" else ("contained",)


@pytest.fixture(scope="session", params=LEVELS)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """What came of the corpus at one of the levels that this machine offers."""
    place = tmp_path_factory.mktemp(f"battle-{request.param}")
    yield fight(place, request.param)
    shutil.rmtree(place, ignore_errors=True)
