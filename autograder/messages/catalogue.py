"""Catalogues: for each English sentence, its translation into another language."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from autograder.messages.message import Language
from autograder.regular import read_bytes

FOLDER = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))
"""The languages that the engine speaks: English, and those that it has a catalogue for."""


def catalogue_of(language: Language) -> Path:
    """Return the path of the engine's catalogue of a language, whether or not it exists."""
    return FOLDER / f"{language}.po"


@lru_cache(maxsize=16)
def translations(language: Language) -> Mapping[str, str]:
    """Return the engine's translations into a language, by English sentence; none without a catalogue."""
    return read_catalogue(catalogue_of(language))


def read_catalogue(path: Path) -> Mapping[str, str]:
    """Return the translations in a .po file by sentence, without fuzzy and empty ones; none without a file.

    Raises:
        ValueError: it is no .po file.
    """
    if not path.is_file():
        return {}
    # Babel's reader costs tens of milliseconds, which a run in English need not pay.
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalogue = read_po(io.BytesIO(read_bytes(path)), abort_invalid=True)
    except (OSError, UnicodeError, PoFileError) as error:
        raise ValueError(str(error)) from error
    return {
        str(entry.id): str(entry.string)
        for entry in catalogue
        if entry.id and entry.string and not entry.fuzzy
    }
