"""The corpus, graded once at each level for every test that looks at what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from autograder.sandbox import best_level
from tests.attacks.battlefield import Outcome, fights
from tests.attacks.techniques import CORPUS, Technique, together

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
OF_THE_KERNEL = (
    "memory", "memory-of-many", "fork-bomb", "threads", "open-files", "flood-past-python", "disk", "small-files",
    "segmentation-fault",
)  # fmt: skip
"""What the jail itself keeps from exhausting. How a cell is interrupted is the same everywhere
(`tests/sandbox/test_limits.py` does it at each level), and so is what reads a run's events."""
BEHIND_THE_JAIL = ("forging", "burdening", "aiming")
"""What comes of these is decided by what reads the evidence and writes the pages, whatever the jail is made of ..."""
WITHOUT_WALLS = {
    "reading": ("own-memory", "frames-and-modules", "garbage"),
    "outliving": ("thread", "thread-that-forges", "at-exit", "event-loop", "hooks-around-cells"),
    "escaping": (
        "notebook-that-is-a-link", "notebook-that-is-a-link-to-a-solution", "other-files-that-are-links",
        "notebook-without-an-end", "notebook-that-is-a-socket", "notebook-that-is-a-folder",
        "empty-notebook-beside-what-has-no-end", "folder-that-is-a-link-to-anothers", "file-larger-than-the-disk",
        "name-that-is-no-text", "backslash-and-line-break-in-a-name", "paths-in-ids",
    ),
    "poisoning": ("modules-in-memory", "code-that-loads-itself"),
}  # fmt: skip
"""... and of these by that, too, by what a fork has in its memory, or by what looks for submissions: one level is
enough for all of them here (`make bench-attacks` has all at each)."""


def is_walled(technique: Technique) -> bool:
    """Whether what the jail is made of decides what comes of a technique."""
    if technique.family == "exhausting":
        return technique.id in OF_THE_KERNEL
    without = WITHOUT_WALLS.get(technique.family, ())
    return technique.family not in BEHIND_THE_JAIL and technique.id not in without


BY_NAME = {str(technique): technique for technique in CORPUS}
IN_COMPANY = [
    together(family, number, [BY_NAME[f"{family}-{name}"] for name in names])
    for family, groups in TOGETHER.items()
    for number, names in enumerate(groups, 1)
]
ALONE = [one for one in CORPUS if not any(one in group.members for group in IN_COMPANY)]
"""What needs a process for itself, and what nobody has put beside others."""
WALLED = [*IN_COMPANY, *filter(is_walled, ALONE)]
ALL = [*IN_COMPANY, *ALONE]
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
