"""What people read, in Korean and English: one message, one English sentence as its key, one translation."""

from autograder.messages.cleaning import clean, clean_lines
from autograder.messages.message import (
    LANGUAGES,
    Language,
    Localized,
    Message,
    message,
    unbroken,
    verbatim,
    wished_language,
)
from autograder.messages.rendering import format_number, render

__all__ = [
    "LANGUAGES",
    "Language",
    "Localized",
    "Message",
    "clean",
    "clean_lines",
    "format_number",
    "message",
    "render",
    "unbroken",
    "verbatim",
    "wished_language",
]
