"""What Keras says of the slips that learners make has a meaning.

The version that is installed is asked; what older ones say was recorded (`make bench-errors` asks each
again).
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from autograder.checks.errors import KINDS, meaning_of
from autograder.messages import render
from tests.checks.errors.raising import INSTALLED, OLDER, SLIPS, Raised, kinds, raised_in, recorded
from tests.warm import programs_are_warm  # noqa: F401

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory, programs_are_warm: None) -> Mapping[str, Raised]:  # noqa: F811
    """What each version of Keras says of each slip."""
    return recorded() | raised_in(tmp_path_factory.mktemp("keras"), [])


@pytest.mark.parametrize("version", OLDER)
def test_what_an_older_keras_says_of_each_slip_is_recorded(version: str) -> None:
    """Where a slip is missing, `WRITE_GOLDENS=1 make bench-errors` asks the versions again."""
    assert set(recorded()[version]) == set(SLIPS)


@pytest.mark.parametrize("slip", SLIPS)
def test_what_keras_says_of_a_slip_has_a_meaning(slip: str, everywhere: Mapping[str, Raised]) -> None:
    """Whatever the installed version says: a sentence that is not known fails here."""
    told = everywhere[INSTALLED][slip]
    if told is None:
        # Older versions refuse what this one takes.
        return
    meaning = meaning_of(*told)

    assert meaning is not None, told
    assert meaning.kind in kinds(slip)
    assert render(meaning.says, "en") == SLIPS[slip]["says"]
    assert render(meaning.says, "ko") != render(meaning.says, "en")
    assert render(meaning.look, "ko") != render(meaning.look, "en")


@pytest.mark.parametrize("version", OLDER)
def test_an_older_keras_is_explained_as_the_newest_is(version: str, everywhere: Mapping[str, Raised]) -> None:
    """What this version takes without a word has nothing to be explained."""
    raised = {slip: error for slip, error in everywhere[version].items() if error is not None}
    told = {slip: meaning_of(*error) for slip, error in raised.items()}

    assert {slip: raised[slip] for slip, meaning in told.items() if meaning is None} == {}
    assert {
        slip: meaning.kind
        for slip, meaning in told.items()
        if meaning is not None and meaning.kind not in kinds(slip)
    } == {}
    assert len(told) > 0.9 * len(SLIPS)


def test_every_kind_is_raised_by_some_slip(everywhere: Mapping[str, Raised]) -> None:
    """A pattern that no version's text fits would be a promise that nobody keeps."""
    told = [
        f"{error[0]}: {error[1]}"
        for raised in everywhere.values()
        for error in raised.values()
        if error is not None
    ]
    met = {one.id for one in KINDS if any(one.pattern.search(text) for text in told)}

    assert {one.id for one in KINDS} - met == set()


def test_at_least_eighty_kinds_are_explained() -> None:
    assert len({name for slip in SLIPS for name in kinds(slip)}) >= 80
