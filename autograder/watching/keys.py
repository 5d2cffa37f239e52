"""Keys as a terminal sends them, by name."""

from __future__ import annotations

import codecs
import re

# What the keys of these letters give while a Korean keyboard writes Hangul.
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
    """Turns bytes into keys; what is no key is left out.

    A letter is itself in lower case, also where the keyboard is writing Hangul; other keys have the names
    `up`, `down`, `page up`, `page down`, `home`, `end` and `escape`.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self, data: bytes) -> list[str]:
        """The keys in what was read; a character that was cut in two waits for its rest."""
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
