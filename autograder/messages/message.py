"""A message: an English sentence with named gaps, and the values that fill them."""

from __future__ import annotations

import locale
import math
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, field_validator, model_serializer, model_validator

Language = str
"""A language's tag, such as `en`, `ko` or `pt-BR`."""

LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
"""The pattern of such a tag (BCP 47, as far as courses need it)."""


class Localized(RootModel[dict[Language, str]]):
    """A text in the languages of a course, by their tags: a title in `course.yml`."""

    model_config = ConfigDict(frozen=True)

    def __hash__(self) -> int:
        return hash(tuple(self.root.items()))

    @model_validator(mode="after")
    def _has_languages(self) -> Localized:
        if not self.languages or not all(re.match(LANGUAGE_TAG, tag) for tag in self.languages):
            raise ValueError("the keys of a text are tags of languages")
        return self

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages that the text exists in, in the order they were written."""
        return tuple(self.root)

    def in_language(self, language: Language) -> str:
        """Return the text in `language`, else in English, else in the language that was written first."""
        return self.root.get(language) or self.root.get("en") or next(iter(self.root.values()))


class Message(BaseModel):
    """A sentence to be said in the reader's language when it is rendered, and not before.

    `text` is the English sentence and the key of its translation; `values` fill its `{gaps}` and may be
    messages themselves. Messages travel through reports as JSON, so a report has no language of its own.
    The engine's sentences are translated by its catalogues; a course's own bring their `translations` along,
    by language, for who reads a report need not have the course.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    values: dict[str, Message | int | float | str] = {}
    translations: dict[Language, str] = {}

    # A return type would make pydantic put that type in the place of the report's schema.
    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: Callable[[Message], dict[str, Any]]):  # type: ignore[no-untyped-def]
        """Leave out empty translations: most messages are the engine's, and hundreds would fill a report."""
        written = handler(self)
        if not self.translations:
            written.pop("translations", None)
        return written

    @field_validator("text", mode="before")
    @classmethod
    def _is_text(cls, text: Any) -> Any:
        return unbroken(text) if isinstance(text, str) else text

    @field_validator("values", mode="before")
    @classmethod
    def _are_texts(cls, values: Any) -> Any:
        """Replace the lone surrogates that a learner may have typed, which no file could keep."""
        if not isinstance(values, dict):
            return values
        return {name: unbroken(value) if isinstance(value, str) else value for name, value in values.items()}

    @field_validator("values", mode="after")
    @classmethod
    def _json_can_say(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Turn NaN and infinity into text, for JSON has no number for them."""
        return {name: _in_json(value) for name, value in values.items()}


def _in_json(value: Any) -> Any:
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"


def unbroken(text: str) -> str:
    """Return `text` with every lone surrogate (half a character) replaced, so that UTF-8 can write it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def message(text: str, /, **values: Message | int | float | str) -> Message:
    """Return a sentence for people: English, with `{gaps}` that the values fill; it is translated when shown.

    The catalogue's extraction looks for calls of this name with a literal sentence.

    >>> from autograder.messages import message, render
    >>> said = message("The {layer} has {found} filters.", layer="last layer", found=64)
    >>> render(said, "en")
    'The last layer has 64 filters.'
    """
    return Message(text=text, values=values)


def verbatim(text: str) -> Message:
    """Return a message that is the same in every language: a shape, a number, what somebody typed."""
    return Message(text="{text}", values={"text": text})


def translated(said: Message, translations: Mapping[str, Mapping[Language, str]]) -> Message:
    """Return a message, and those in it, with a course's translations of its own sentences.

    Args:
        said: the message.
        translations: by sentence, then by language.
    """
    if not translations:
        return said
    values = {
        name: translated(value, translations) if isinstance(value, Message) else value
        for name, value in said.values.items()
    }
    return said.model_copy(update={"values": values, "translations": dict(translations.get(said.text, {}))})


def wished_language() -> Language:
    """Return the language to use where none is named: `AUTOGRADER_LANG`, else the locale's, else English."""
    return _tag(os.environ.get("AUTOGRADER_LANG") or _locale() or "")


def _locale() -> str | None:
    # Windows has no locale category for messages alone.
    try:
        return locale.getlocale(getattr(locale, "LC_MESSAGES", locale.LC_CTYPE))[0]
    except ValueError:
        # Python cannot read every locale, for example macOS's `UTF-8`.
        return None


def _tag(name: str) -> Language:
    """Return the language tag in a locale's name: `ko` for `ko_KR.UTF-8` and for Windows's `Korean_Korea`."""
    word = re.split(r"[_.@-]", name.strip().lower())[0]
    tag = locale.locale_alias.get(word, word).split("_")[0] if len(word) > 3 else word
    return tag if re.fullmatch("[a-z]{2,3}", tag) else "en"
