"""Reads a course's own catalogues: what its graders say, in the languages of the course."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from autograder.course.load import file_state
from autograder.course.model import Course, CourseError
from autograder.messages import Language, message
from autograder.messages.catalogue import read_catalogue

Translations = Mapping[str, Mapping[Language, str]]
"""Translations of sentences: by sentence, then by language."""


def translations_of(course: Course) -> Translations:
    """Return the translations of what the course's graders say, in each of its languages.

    Raises:
        CourseError: a catalogue cannot be read.
    """
    found: dict[str, dict[Language, str]] = {}
    for language in course.languages:
        path = course.catalogue(language)
        for sentence, translation in _catalogue(path, file_state(path)).items():
            found.setdefault(sentence, {})[language] = translation
    return found


@lru_cache(maxsize=64)
def _catalogue(path: Path, _state: tuple[int, int]) -> Mapping[str, str]:
    try:
        return read_catalogue(path)
    except ValueError as error:
        raise CourseError(
            message(
                "{file} cannot be read as a catalogue (.po): {reason}.",
                file=str(path),
                reason=" ".join(str(error).split()).rstrip("."),
            )
        ) from None
