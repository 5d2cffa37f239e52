"""A message: an English sentence with named gaps, and what fills them."""

from __future__ import annotations

import locale
import math
import os
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, field_validator

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Localized(BaseModel):
    """A text that an author writes in both languages (a title in `course.yml`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str
    ko: str

    def in_language(self, language: Language) -> str:
        """The text in `language`."""
        return self.ko if language == "ko" else self.en


class Message(BaseModel):
    """A sentence to be said in the reader's language when it is rendered, and not before.

    `text` is the English sentence and the key of its translation; `values` fill its `{gaps}` and may be
    messages themselves. Messages travel through reports as JSON, so a report has no language of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    values: dict[str, Message | int | float | str] = {}

    @field_validator("text", mode="before")
    @classmethod
    def _is_text(cls, text: Any) -> Any:
        return unbroken(text) if isinstance(text, str) else text

    @field_validator("values", mode="before")
    @classmethod
    def _are_texts(cls, values: Any) -> Any:
        """What a learner typed may hold halves of characters, which no file could keep."""
        if not isinstance(values, dict):
            return values
        return {name: unbroken(value) if isinstance(value, str) else value for name, value in values.items()}

    @field_validator("values", mode="after")
    @classmethod
    def _json_can_say(cls, values: dict[str, Any]) -> dict[str, Any]:
        """JSON has no number for NaN or infinity: they travel as text."""
        return {name: _in_json(value) for name, value in values.items()}


def _in_json(value: Any) -> Any:
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"


def unbroken(text: str) -> str:
    """`text` with every lone surrogate (half a character) replaced, so that UTF-8 can write it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def message(text: str, /, **values: Message | int | float | str) -> Message:
    """A message; the catalogue's extraction looks for calls of this name with a literal sentence."""
    return Message(text=text, values=values)


def verbatim(text: str) -> Message:
    """Words that are the same in every language: a shape, a number, what somebody typed."""
    return Message(text="{text}", values={"text": text})


def wished_language() -> Language:
    """The language to speak where nobody names one: `AUTOGRADER_LANG`, else the locale's, else English."""
    wish = os.environ.get("AUTOGRADER_LANG") or locale.getlocale(locale.LC_MESSAGES)[0] or ""
    return "ko" if wish.lower().startswith("ko") else "en"
