"""A message in words: its sentence in the reader's language, its gaps filled."""

from __future__ import annotations

import math
import re

from autograder.messages.catalogue import korean
from autograder.messages.cleaning import clean
from autograder.messages.message import Language, Message
from autograder.messages.particles import PARTICLES, with_particle

GAP = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<particle>[^{}:]+))?\}")
"""A gap: a plain name, in Korean perhaps with a particle. Any other brace stands for itself."""

SENTENCE_LIMIT = 4000
DEPTH_LIMIT = 8


def render(message: Message, language: Language) -> str:
    """`message` on one line in `language`; a sentence without a translation stays English.

    A gap that has no value stays visible. Values are cleaned and cut: they may come from learners.
    """
    return _render(message, language, 0)


def format_number(value: float) -> str:
    """A number as both languages write it: thousands parted by commas, six significant figures."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**15 else f"{value:.6g}" if abs(value) < 10**300 else "∞"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value.is_integer() and abs(value) < 10**15:
        return f"{int(value):,}"
    return f"{value:,.6g}"


def _render(message: Message, language: Language, depth: int) -> str:
    sentence = korean().get(message.text, message.text) if language == "ko" else message.text

    def fill(gap: re.Match[str]) -> str:
        particle = gap["particle"]
        if gap["name"] not in message.values or (particle is not None and particle not in PARTICLES):
            return gap[0]
        value = message.values[gap["name"]]
        if isinstance(value, Message):
            words = _render(value, language, depth + 1) if depth < DEPTH_LIMIT else "…"
        elif isinstance(value, str):
            words = clean(value)
        else:
            words = format_number(value)
        return words if particle is None else with_particle(words, particle)

    return clean(GAP.sub(fill, sentence), SENTENCE_LIMIT)
