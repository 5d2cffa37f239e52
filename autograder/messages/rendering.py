"""Renders a message: its sentence in the reader's language, with its gaps filled."""

from __future__ import annotations

import math
import re

from autograder.messages.catalogue import translations
from autograder.messages.cleaning import clean
from autograder.messages.message import Language, Message
from autograder.messages.particles import PARTICLES, with_particle

GAP = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)?(?::(?P<particle>[^{}:]+))?\}")
"""A gap: a plain name, in Korean perhaps with a particle; `{:이/가}` is a particle for the text before it.
Any other brace stands for itself.
"""

SENTENCE_LIMIT = 4000
DEPTH_LIMIT = 8


def render(message: Message, language: Language) -> str:
    """Return `message` on one line in `language`; a sentence without a translation stays English.

    A gap that has no value stays visible. Values are cleaned and cut, for they may come from learners.

    >>> from autograder.messages import message, render
    >>> render(message("The outputs are in the wrong order."), "ko")
    '출력의 순서가 다릅니다.'
    """
    return _render(message, language, 0)


def format_number(value: float) -> str:
    """Return a number as both languages write it: thousands separated by commas, six significant figures."""
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
    sentence = _sentence(message, language)
    said, end = "", 0
    for gap in GAP.finditer(sentence):
        said += sentence[end : gap.start()]
        end = gap.end()
        name, particle = gap["name"], gap["particle"]
        if (particle and particle not in PARTICLES) or (name and name not in message.values):
            said += gap[0]
        elif name:
            words = _words(message.values[name], language, depth)
            said += with_particle(words, particle) if particle else words
        else:
            said = with_particle(said, particle) if particle else said + gap[0]
    return clean(said + sentence[end:], SENTENCE_LIMIT)


def _sentence(message: Message, language: Language) -> str:
    own = message.translations.get(language)
    if own is not None or language == "en":
        return own or message.text
    return translations(language).get(message.text, message.text)


def _words(value: Message | int | float | str, language: Language, depth: int) -> str:
    if isinstance(value, Message):
        return _render(value, language, depth + 1) if depth < DEPTH_LIMIT else "…"
    return clean(value) if isinstance(value, str) else format_number(value)
