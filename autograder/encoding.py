"""Text for terminals that cannot show every character: what an encoding lacks becomes the nearest it has."""

from __future__ import annotations

import codecs
import sys
import unicodedata

HANDLER = "autograder.nearest"
"""The name of the error handler, for `str.encode` and text files."""

_NEAREST = {
    "–": "-", "—": "-", "−": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "×": "x", "·": "*",
    "•": "*", "→": "->", "←": "<-", "✓": "+", "✗": "x", "○": "o", "●": "*", "├": "|", "└": "`", "│": "|",
    "─": "-", "┄": "-", "▶": ">", "▼": "v", "⋮": ":", "∞": "inf", "≥": ">=", "≤": "<=", "≠": "!=",
}  # fmt: skip


def nearest(error: UnicodeError) -> tuple[str, int]:
    """Replace the characters that an encoding lacks, as `codecs.register_error` expects."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_replaced(sign, error.encoding) for sign in lacking), error.end


def _replaced(sign: str, encoding: str) -> str:
    plain = _NEAREST.get(sign) or unicodedata.normalize("NFKD", sign)
    return plain if _has(plain, encoding) else "?"


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def fitting(text: str) -> str:
    """Return a text in the characters that standard output can show."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text if _has(text, encoding) else text.encode(encoding, HANDLER).decode(encoding)


codecs.register_error(HANDLER, nearest)
