"""The language of the notebook that is open: a Korean notebook is answered in Korean, whatever the locale.

Its first cell says it (`speak`). Where that has not run, the notebook's file is looked for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.learners import running_notebook
from autograder.messages import LANGUAGE_TAG, Language, wished_language
from autograder.regular import read_text

_LARGEST = 16 * 1024 * 1024

_said: Language | None = None


def speak(language: str) -> None:
    """Answer in a language from now on; what is no language's tag is not listened to."""
    global _said
    if re.match(LANGUAGE_TAG, language):
        _said = language


def notebook_language() -> Language:
    """`AUTOGRADER_LANG` if it is set, else what the notebook says of itself, else the locale's language."""
    if not os.environ.get("AUTOGRADER_LANG"):
        if _said is not None:
            return _said
        for path in _candidates():
            if (language := _language_of(path)) is not None:
                return language
    return wished_language()


def _candidates() -> Iterator[Path]:
    """The notebook that Jupyter says is running, then those of the kernel's folder."""
    if (notebook := running_notebook()) is not None:
        yield notebook
    yield from sorted(Path.cwd().glob("*.ipynb"))


def _language_of(path: Path) -> Language | None:
    """What a release has written into the notebook's metadata; None where nothing of it can be read."""
    try:
        said = json.loads(read_text(path, _LARGEST))["metadata"]["autograder"]["language"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, str) and re.match(LANGUAGE_TAG, said) else None
