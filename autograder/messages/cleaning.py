"""Makes text that learners control safe to show: no terminal escapes, no hidden or reordering characters."""

from __future__ import annotations

import hashlib
import re
import unicodedata

VALUE_LIMIT = 500
"""The most characters that one value of a message may show."""

_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS and kin, to their terminator
    r"|\x1b[ -/]*[0-~]"  # two-character escapes
    r"|\x9b[0-?]*[ -/]*[@-~]",  # CSI as a single C1 character
    re.DOTALL,
)
_UNREADABLE = {"Cs", "Co", "Cn"}
_MARKS_IN_A_ROW = 4
_NAME_BYTES = 255
# Names in several scripts are written with these.
_JOINERS = "\u200c\u200d"


def clean(text: str, limit: int = VALUE_LIMIT) -> str:
    """Return `text` on one line, composed (NFC), without control or format characters, at most `limit` long.

    White space of every kind becomes single spaces; what no font can show becomes U+FFFD; "…" marks a cut.
    """
    # A value may be megabytes long; what lies far beyond the limit would be cut anyway.
    head = text[: 8 * limit + 64]
    if head.isascii() and head.isprintable():
        line = " ".join(head.split())
    else:
        line = " ".join(_readable(_ESCAPE_SEQUENCES.sub("", head)).split())
    return cut(line, limit) if len(head) == len(text) else cut(line + "…", limit)


def clean_lines(text: str, limit: int, lines: int) -> str:
    """Return `text` cleaned line by line, indentation kept: for source code and tracebacks."""
    kept = _ESCAPE_SEQUENCES.sub("", text[: 8 * limit + 64]).replace("\r\n", "\n").split("\n")
    shown = [cut(_readable(line.expandtabs(4), keep_spaces=True).rstrip(), limit) for line in kept[:lines]]
    return cut("\n".join(shown) + ("\n…" if len(kept) > lines else ""), limit)


def cut(text: str, limit: int) -> str:
    """Return `text`, or its beginning and an ellipsis where it is longer than `limit`."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def name_in_text(name: str) -> str:
    """Return a file's name as text that can be written, shown and told apart from every other name.

    What is not text in it, and what nobody would see, is percent-encoded as in a URL: `%B1` for a byte that
    is not UTF-8, `%0A` for a line break. A name that would be too long for a file then ends in a digest.
    """
    if name.isascii() and name.isprintable():
        return name
    text = "".join(_escaped(character) if _unseen(character) else character for character in name)
    if text == name or len(text.encode()) <= _NAME_BYTES:
        return text
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return f"{text.encode()[: _NAME_BYTES - 20].decode(errors='ignore')}-{digest}"


def _unseen(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in _JOINERS)


def _escaped(character: str) -> str:
    # A byte that is not UTF-8 is a lone surrogate in a name; other surrogates do not come from a file system.
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", errors))


def _readable(text: str, keep_spaces: bool = False) -> str:
    shown: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category == "Cf" or marks > _MARKS_IN_A_ROW:
            continue
        if category in _UNREADABLE:
            shown.append("�")
        elif category[0] == "Z":
            shown.append(" ")
        elif category == "Cc":
            # In a line of code a control character is noise; in prose, tabs and line breaks separate words.
            shown.append("" if keep_spaces or not character.isspace() else " ")
        else:
            shown.append(character)
    return "".join(shown)
