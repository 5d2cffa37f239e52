"""The corpus, graded once at each level for every test that looks at what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from autograder.sandbox import best_level
from tests.attacks.battlefield import Outcome, fights
from tests.attacks.techniques import CORPUS, together

IN_A_ROW = 20
"""Honest runs take half the time: one honest learner clears twenty attackers, or they are tried again."""
TOGETHER = {
    "reading": (
        (
            "hidden-checks-on-the-disk", "hidden-checks-imported", "compiled-hidden-checks", "solutions-on-the-disk",
            "gradebook-on-the-disk", "neighbours-work-on-the-disk", "another-program-reads", "environment",
            "other-processes-memory", "descriptors", "another-processes-descriptors", "handles-instead-of-paths",
            "kernels-own-secrets", "what-was-found-as-names-of-layers",
        ),
    ),
    # Where something is left and where it is looked for are two submissions.
    "leaking": (
        (
            "network", "sockets-of-the-machine", "reverse-shell", "memory-that-stays", "exchange-and-release",
            "clock-of-the-machine", "drop-box",
        ),
        ("drop-box-opened", "feedback-full-of-everything"),
    ),
    "outliving": (("daemon", "nohup", "children-that-ignore-signals"),),
    "escaping": (
        (
            "namespaces", "calls-of-the-kernel", "more-rights", "others-limits", "terminal", "links-at-run-time",
        ),
    ),
    "poisoning": (
        (
            "libraries-on-the-disk", "bytecode", "neighbours-work-overwritten", "warm-interpreter-asked",
            "settings-in-the-home", "memory-of-libraries",
        ),
    ),
}  # fmt: skip
"""What the walls of the jail decide, in one submission or two of a family: none of these ends the process or stands
in the way of the next. `make bench-attacks` hands each in by itself."""
ALONE = (
    "outliving-alarm", "escaping-signals", "exhausting-memory", "exhausting-memory-of-many", "exhausting-fork-bomb",
    "exhausting-threads", "exhausting-open-files", "exhausting-flood-past-python", "exhausting-disk",
    "exhausting-small-files", "exhausting-segmentation-fault",
)  # fmt: skip
"""What they decide, too, and what needs a process for itself.

All others are tried at one level here, and at each by `make bench-attacks`: what reads a submission's files, its
events and its evidence and writes the pages is the same whatever the jail is made of, and so are a fork's memory and
how a cell is interrupted (`tests/sandbox/test_limits.py` does that at each level)."""
BY_NAME = {str(technique): technique for technique in CORPUS}
WALLED = [
    *(
        together(family, number, [BY_NAME[f"{family}-{name}"] for name in names])
        for family, groups in TOGETHER.items()
        for number, names in enumerate(groups, 1)
    ),
    *(BY_NAME[name] for name in ALONE),
]
IN_COMPANY = {name for technique in WALLED for name in map(str, technique.members)}
ALL = [*(one for one in CORPUS if str(one) not in {*IN_COMPANY, *ALONE}), *WALLED]
CORPUS_AT = {"full": ALL, "contained": WALLED} if best_level().level == "full" else {"contained": ALL}


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
