"""What Keras says of the slips that learners make has a meaning; Keras itself is asked."""

from __future__ import annotations

import pytest

from autograder.checks.errors import KINDS, meaning_of
from autograder.messages import render
from tests.checks.errors.raising import SLIPS, Raised, kinds, raised_by

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def raised() -> Raised:
    """What the installed Keras says."""
    return raised_by()


@pytest.mark.parametrize("slip", SLIPS)
def test_what_keras_says_of_a_slip_has_a_meaning(slip: str, raised: Raised) -> None:
    """Whatever the installed version says: a sentence that is not known fails here."""
    if (told := raised[slip]) is None:
        # Older versions refuse what this one takes; they are asked in test_versions.
        return
    meaning = meaning_of(*told)

    assert meaning is not None, told
    assert meaning.kind in kinds(slip)
    assert render(meaning.says, "en") == SLIPS[slip]["says"]
    assert render(meaning.says, "ko") != render(meaning.says, "en")
    assert render(meaning.look, "ko") != render(meaning.look, "en")


def test_every_kind_is_raised_by_some_slip(raised: Raised) -> None:
    """A pattern that no version's text fits would be a promise that nobody keeps."""
    told = [f"{error[0]}: {error[1]}" for error in raised.values() if error is not None]
    met = {one.id for one in KINDS if any(one.pattern.search(text) for text in told)}

    assert {one.id for one in KINDS} - met == set()


def test_at_least_eighty_kinds_are_explained() -> None:
    assert len({name for slip in SLIPS for name in kinds(slip)}) >= 80
