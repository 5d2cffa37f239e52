"""What people read, in Korean and English: one message, one English sentence as its key, one translation."""

from autograder.messages.message import LANGUAGES, Language, Localized, Message, message

__all__ = ["LANGUAGES", "Language", "Localized", "Message", "message"]
