"""Tells which language a text is in, and whether a text and its translation have the same parts."""

from __future__ import annotations

import re

from autograder.messages import Language, Message, message

_HANGUL = re.compile("[가-힣]")
_LETTERS = re.compile("[A-Za-z가-힣]")
_FENCED = re.compile(r"^```.*?^```", re.S | re.M)
# Formulas, code in backticks, pictures, and titles of papers with their year are in no language.
_BARE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|!\[.*?\]\(.*?\)|<img [^>]*>|\*[^*]*\*\(\d{4}\)", re.S)


def in_language(text: str, language: Language) -> bool:
    """Return whether Korean text has Hangul in it, and English text has none."""
    return bool(_HANGUL.search(text)) == (language == "ko")


def foreign_paragraphs(text: str, language: Language) -> list[str]:
    """Return the paragraphs of a text cell that are not in its language."""
    paragraphs = _BARE.sub(" ", _FENCED.sub(" ", text)).split("\n\n")
    return [
        part.strip()
        for part in paragraphs
        if len(_LETTERS.findall(part)) > 3 and not in_language(part, language)
    ]


def outline(text: str) -> list[tuple[Message, str]]:
    """Return what a text and its translation must have in common: each part's name, and the text's own."""
    fenced = _FENCED.findall(text)
    text = _FENCED.sub("", text)
    return [
        (message("headings"), ", ".join(re.findall(r"^#+", text, flags=re.M))),
        (message("list items"), str(len(re.findall(r"^(?:\d+\.|-) ", text, flags=re.M)))),
        (message("table rows"), str(len(re.findall(r"^\|", text, flags=re.M)))),
        (message("names in code"), ", ".join(sorted(set(re.findall(r"`[^`]+`", text))))),
        (message("blocks of code"), str(len(fenced))),
        (message("pictures"), ", ".join(re.findall(r"\(target:[a-z0-9-]+\)", text))),
    ]
