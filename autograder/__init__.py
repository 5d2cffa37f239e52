"""Beyond Sequential: what a notebook imports.

`ready` looks at the machine, `check` at a model, and `hint` helps with the next step.
"""

from __future__ import annotations

import sys
from typing import Any

from autograder.version import VERSION

__version__ = VERSION
__all__ = ["check", "hint", "ready"]


def check(task: str, *objects: Any) -> Any:
    """Check what you made for a task.

    Args:
        task: the task's id, as the notebook's grade cell names it.
        objects: what the task asks for: a model, a function that builds one, a dict, a number.

    Returns:
        In a notebook, a card that says what is right and what is not yet. While a submission is being graded,
        nothing: the call then only leaves evidence behind, and the checks run elsewhere.

    >>> from autograder import check
    >>> check("sizes", {"first": [64, 16], "second": [32, 32], "bottom": [16, 32]})
    The sizes on the way  0 / 3 points
      ✗ The height and the channels of each convolution are right.  [failed]
        The value of the entry 'bottom' is wrong.
        Actual    [16, 32]
        Expected  another value at index 1
        Hint      A convolution with padding keeps the height; only the pooling
                  after it halves it.
    """
    from autograder.evidence import recorder

    recording = recorder.current()
    if recording is not None:
        recording.take(task, objects)
        return None
    from autograder import study

    return study.check(task, *objects)


def hint(task: str) -> Any:
    """Show the next hint for a task.

    >>> from autograder import hint
    >>> hint("sizes")
    Hint 1 of 3: Which layers change the height, and which only the channels?
    >>> hint("sizes")
    Hint 2 of 3: Write the name of every layer on the way in one line, and below each the height after it.
    """
    from autograder.evidence import recorder

    if recorder.current() is not None:
        return None
    from autograder import study

    return study.hint(task)


def ready(needs: str, language: str, **_: Any) -> Any:
    """Check whether this machine can do the exercises, as a notebook's first cell asks.

    Args:
        needs: the version of this package that the notebook was made with. A newer notebook may say more,
            which is not an error: that this package is too old is what a learner has to be told.
        language: the language that the notebook is written in, by its tag.

    Returns:
        Which Keras there is; while a submission is being graded, nothing.

    >>> from autograder import ready
    >>> ready("0.2.0", "en")
    Ready: Keras ... on ...
    """
    from autograder.evidence import recorder

    if recorder.current() is not None:
        return None
    from autograder.study.ready import ready

    return ready(needs, language)


def _accompany() -> None:
    """Begin to explain errors in a learner's own notebook, and nowhere else."""
    if "ipykernel" not in sys.modules:
        return
    from IPython import get_ipython

    from autograder.evidence import recorder

    shell = get_ipython()
    if shell is not None and recorder.current() is None:
        from autograder.study.error_explanations import accompany

        accompany(shell)


_accompany()
