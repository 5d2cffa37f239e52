"""Finds the language of the open notebook: a Korean notebook is answered in Korean, whatever the locale.

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
    """Answer in that language from now on; what is no language tag is ignored."""
    global _said
    if re.match(LANGUAGE_TAG, language):
        _said = language


def notebook_language() -> Language:
    """Return `AUTOGRADER_LANG` if it is set, else the notebook's own language, else the locale's."""
    if not os.environ.get("AUTOGRADER_LANG"):
        if _said is not None:
            return _said
        for path in _candidates():
            if (language := _language_of(path)) is not None:
                return language
    return wished_language()


def _candidates() -> Iterator[Path]:
    """Yield the notebook that Jupyter says is running, then those in the kernel's folder."""
    if (notebook := running_notebook()) is not None:
        yield notebook
    yield from sorted(Path.cwd().glob("*.ipynb"))


def _language_of(path: Path) -> Language | None:
    """Return the language that a release has written into the notebook's metadata; None if it has none."""
    try:
        said = json.loads(read_text(path, _LARGEST))["metadata"]["autograder"]["language"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, str) and re.match(LANGUAGE_TAG, said) else None
