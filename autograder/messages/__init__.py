"""What people read: messages, each an English sentence as its key, with a translation for each language."""

from autograder.messages.catalogue import LANGUAGES
from autograder.messages.cleaning import clean, clean_lines, name_in_text
from autograder.messages.errors import AutograderError
from autograder.messages.message import (
    LANGUAGE_TAG,
    Language,
    Localized,
    Message,
    message,
    translated,
    unbroken,
    verbatim,
    wished_language,
)
from autograder.messages.rendering import format_number, render

__all__ = [
    "LANGUAGES",
    "LANGUAGE_TAG",
    "AutograderError",
    "Language",
    "Localized",
    "Message",
    "clean",
    "clean_lines",
    "format_number",
    "message",
    "name_in_text",
    "render",
    "translated",
    "unbroken",
    "verbatim",
    "wished_language",
]
