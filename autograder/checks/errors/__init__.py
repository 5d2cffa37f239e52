"""Explains errors that learners meet with Keras: what each means, in a sentence, and where to look.

A kind of error is a pattern over its class and its text, and a sentence; `KINDS` has them all, the particular
before the general. Each is raised by Keras itself in `tests/checks/errors`, in every version of Keras that
says it in other words.
"""

from __future__ import annotations

from collections.abc import Collection

from autograder.checks.errors import layers, models, python, spelling, training
from autograder.checks.errors.kinds import Kind, Meaning, Raised, shortened

KINDS: tuple[Kind, ...] = (*spelling.KINDS, *layers.KINDS, *models.KINDS, *training.KINDS, *python.KINDS)


def meaning_of(error: str, text: str, line: str = "", names: Collection[str] = ()) -> Meaning | None:
    """Return what an error means, if it is one that is known.

    Args:
        error: the exception's class, `ValueError`.
        text: what it says. Of a long text the beginning and the end are looked at.
        line: the learner's line that it came from, where that is known.
        names: those that the notebook gives to anything: what a misspelt name may have been meant to be.
    """
    raised = Raised(error, text, line.strip()[:1000], names)
    searched = shortened(f"{error}: {text}")
    for one in KINDS:
        if (match := one.pattern.search(searched)) and (meaning := one.tell(match, raised)) is not None:
            return meaning
    return None


__all__ = ["KINDS", "Meaning", "meaning_of"]
