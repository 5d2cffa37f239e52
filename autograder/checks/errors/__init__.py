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
    """Return what an error means; None where it is unknown.

    Args:
        error: the exception's class, `ValueError`.
        text: what it says; of a long text only the beginning and the end are searched.
        line: the learner's line that it came from, where that is known.
        names: the names that the notebook defines, any of which a misspelt name may have been meant to be.

    >>> from autograder.checks import meaning_of
    >>> from autograder.messages import render
    >>> meaning = meaning_of("NameError", "name 'layres' is not defined", names=["layers"])
    >>> render(meaning.says, "en")
    'Nothing is called `layres` yet; did you mean `layers`?'
    """
    raised = Raised(error, text, line.strip()[:1000], names)
    searched = shortened(f"{error}: {text}")
    for one in KINDS:
        if (match := one.pattern.search(searched)) and (meaning := one.tell(match, raised)) is not None:
            return meaning
    return None


__all__ = ["KINDS", "Meaning", "meaning_of"]
