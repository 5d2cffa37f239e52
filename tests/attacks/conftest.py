"""The corpus, graded once at each level for every test that looks at what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from autograder.sandbox import best_level
from tests.attacks.battlefield import Outcome, fights
from tests.attacks.techniques import CORPUS, Technique

IN_A_ROW = 10
"""Honest runs take half the time: one honest learner clears ten attackers, or they are tried again."""
BEHIND_THE_JAIL = ("forging", "burdening", "aiming")
"""What comes of these is decided by what reads the evidence and writes the pages, whatever the jail is made of:
one level is enough for them here (`make bench-attacks` has all at each)."""
OF_THE_KERNEL = (
    "endless-loop", "deaf-loop", "memory", "memory-of-many", "fork-bomb", "threads", "open-files",
    "flood-past-python", "disk", "small-files", "segmentation-fault",
)  # fmt: skip
"""What the jail itself keeps from exhausting; what reads the run's events, which is the same everywhere, ends the
others: those are here at one level, too."""


def is_walled(technique: Technique) -> bool:
    """Whether what the jail is made of decides what comes of a technique."""
    if technique.family == "exhausting":
        return technique.id in OF_THE_KERNEL
    return technique.family not in BEHIND_THE_JAIL


WALLED = [technique for technique in CORPUS if is_walled(technique)]
CORPUS_AT = {"full": CORPUS, "contained": WALLED} if best_level().level == "full" else {"contained": CORPUS}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a technique is there at each level that the technique is tried at."""
    if "technique" in metafunc.fixturenames:
        tried = [(level, technique) for level, corpus in CORPUS_AT.items() for technique in corpus]
        metafunc.parametrize(
            "outcome, technique", tried, indirect=["outcome"], ids=[f"{level}-{one}" for level, one in tried],
            scope="session",
        )  # fmt: skip
    elif "outcome" in metafunc.fixturenames:
        metafunc.parametrize("outcome", CORPUS_AT, indirect=True, scope="session")


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    """What came of the corpus at each level that this machine offers."""
    place = tmp_path_factory.mktemp("battle")
    yield fights(place, CORPUS_AT, in_a_row=IN_A_ROW)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def outcome(request: pytest.FixtureRequest, outcomes: dict[str, Outcome]) -> Outcome:
    """What came of the corpus at one of the levels."""
    return outcomes[request.param]
