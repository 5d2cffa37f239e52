"""Reads the keys that a terminal sends, by name."""

from __future__ import annotations

import codecs
import re

# The Hangul that the keys of these letters write on a Korean keyboard.
_HANGUL = dict(
    zip("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm", strict=True)
)
_SEQUENCES = {
    "[A": "up", "OA": "up", "[B": "down", "OB": "down",
    "[5~": "page up", "[6~": "page down",
    "[H": "home", "OH": "home", "[1~": "home", "[7~": "home",
    "[F": "end", "OF": "end", "[4~": "end", "[8~": "end",
}  # fmt: skip
_SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.)")


class Keys:
    """A reader that turns bytes into keys, and leaves out what is no key.

    A letter's key is the lower-case letter, even while the keyboard writes Hangul; other keys have the names
    `up`, `down`, `page up`, `page down`, `home`, `end` and `escape`.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self, data: bytes) -> list[str]:
        """Return the keys in `data`; a character that was cut in two is kept until its rest comes."""
        text = self._decoder.decode(data)
        keys: list[str] = []
        place = 0
        while place < len(text):
            sequence = _SEQUENCE.match(text, place)
            if sequence is not None:
                place = sequence.end()
                if (name := _SEQUENCES.get(sequence[1])) is not None:
                    keys.append(name)
                continue
            character = text[place]
            place += 1
            if character == "\x1b":
                keys.append("escape")
            elif character == " ":
                keys.append("page down")
            elif character.isprintable():
                keys.append(_HANGUL.get(character, character.lower()))
        return keys
