"""Catalogues: one English sentence, one translation for each other language."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from autograder.messages.message import Language
from autograder.regular import read_bytes

FOLDER = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))
"""The languages that the engine speaks: English, and those that it has a catalogue of."""


def catalogue_of(language: Language) -> Path:
    """Return where the engine's catalogue of a language lies, or would."""
    return FOLDER / f"{language}.po"


@lru_cache(maxsize=16)
def translations(language: Language) -> Mapping[str, str]:
    """Return the engine's sentences in a language, by English sentence; none where it has no catalogue."""
    return read_catalogue(catalogue_of(language))


def read_catalogue(path: Path) -> Mapping[str, str]:
    """Return the translations in a .po file by sentence, fuzzy and empty ones left out; none without a file.

    Raises:
        ValueError: it is no .po file.
    """
    if not path.is_file():
        return {}
    # Babel's reader costs tens of milliseconds that an English run need not pay.
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
