"""The Korean catalogue: one English sentence, one translation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("ko.po")


@cache
def korean() -> Mapping[str, str]:
    """Translations by English sentence, fuzzy and empty ones left out; read once."""
    # Babel's reader costs tens of milliseconds that an English run need not pay.
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="ko")
    return {
        str(entry.id): str(entry.string)
        for entry in catalogue
        if entry.id and entry.string and not entry.fuzzy
    }
