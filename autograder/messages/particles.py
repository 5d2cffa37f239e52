"""Korean particles: which form follows a word depends on the sound that the word ends in."""

from __future__ import annotations

import re
from typing import Literal

Ending = Literal["vowel", "rieul", "consonant"]

PARTICLES: dict[str, tuple[str, str]] = {
    "은/는": ("은", "는"),
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "과/와": ("과", "와"),
    "와/과": ("과", "와"),
    "아/야": ("아", "야"),
    "으로/로": ("으로", "로"),
    "으로서/로서": ("으로서", "로서"),
    "으로써/로써": ("으로써", "로써"),
    "으로부터/로부터": ("으로부터", "로부터"),
    "이나/나": ("이나", "나"),
    "이며/며": ("이며", "며"),
    "이고/고": ("이고", "고"),
    "이라/라": ("이라", "라"),
    "이라고/라고": ("이라고", "라고"),
    "이라는/라는": ("이라는", "라는"),
    "이어야/여야": ("이어야", "여야"),
    "이었/였": ("이었", "였"),
    "이에요/예요": ("이에요", "예요"),
}
"""The particles that a gap may carry: for each, the form after a consonant and the form after a vowel."""

# Closing punctuation is not read aloud: "`add`은" is chosen by "add".
_UNSPOKEN = " \t)]}>»›」』】〉》’”'\"`*_.,;:!?"
_NUMBER = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?$")
_WORD = re.compile(r"(?:[A-Z]+|[A-Za-z]?[a-z]+)$")

# 영 일 이 삼 사 오 육 칠 팔 구
_DIGITS: dict[str, Ending] = dict(
    zip(
        "0123456789",
        (
            "consonant",
            "rieul",
            "vowel",
            "consonant",
            "vowel",
            "vowel",
            "consonant",
            "rieul",
            "rieul",
            "vowel",
        ),
        strict=True,
    )
)
_SYMBOLS: dict[str, Ending] = {"%": "vowel", "+": "vowel", "-": "vowel", "×": "vowel", "℃": "vowel"}


def with_particle(word: str, particle: str) -> str:
    """Return `word` followed by the right form of `particle` (a key of `PARTICLES`).

    Where the final sound cannot be told, both forms are written, as Korean print does: "은(는)", "(으)로".

    Raises:
        KeyError: no such particle.
    """
    after_consonant, after_vowel = PARTICLES[particle]
    ending = final_sound(word)
    if ending is None:
        return word + _both(after_consonant, after_vowel)
    if ending == "vowel" or (ending == "rieul" and after_consonant.startswith("으로")):
        return word + after_vowel
    return word + after_consonant


def final_sound(word: str) -> Ending | None:
    """Return how `word` ends when it is read aloud in Korean; `None` where that cannot be told."""
    spoken = word.rstrip(_UNSPOKEN)
    if not spoken:
        return None
    last = spoken[-1]
    if "가" <= last <= "힣":
        batchim = (ord(last) - ord("가")) % 28
        return "vowel" if batchim == 0 else "rieul" if batchim == 8 else "consonant"
    if last in _DIGITS:
        return _number_ending(spoken)
    if last.isascii() and last.isalpha():
        return _latin_ending(spoken)
    if "ㄱ" <= last <= "ㅎ":
        return "rieul" if last == "ㄹ" else "consonant"
    if "ㅏ" <= last <= "ㅣ":
        return "vowel"
    return _SYMBOLS.get(last)


def _number_ending(spoken: str) -> Ending:
    match = _NUMBER.search(spoken)
    assert match is not None
    whole = match["whole"].replace(",", "")
    if match["fraction"] or not whole.endswith("0") or not whole.strip("0"):
        return _DIGITS[spoken[-1]]
    zeros = len(whole) - len(whole.rstrip("0"))
    # 십, 백, 천, 만, 억 and 경 end in consonants; 조 (12 to 15 zeros) does not.
    return "vowel" if 12 <= zeros < 16 else "consonant"


def _latin_ending(spoken: str) -> Ending:
    match = _WORD.search(spoken)
    assert match is not None
    word = match[0]
    # Single letters, capitals and words without vowels are spelled out: 엘에스티엠.
    if len(word) == 1 or word.isupper() or not re.search("[aeiouy]", word.lower()):
        return {"l": "rieul", "r": "rieul", "m": "consonant", "n": "consonant"}.get(word[-1].lower(), "vowel")  # type: ignore[return-value]
    if re.search(r"(?:l|[^aeiou]le|[aeiou]le)$", word):
        return "rieul"
    # 플래튼, 임베딩, 네임, 논; 드롭아웃, 스텝, 블록, 퍼블릭 (a stop after a short vowel).
    if re.search(r"(?:[mn]|ng|[aeiou][mn]e|[aeiou]ck|(?<![eao])[aeiou][ptkc]|ou[tp]|type)$", word.lower()):
        return "consonant"
    return "vowel"


def _both(after_consonant: str, after_vowel: str) -> str:
    if after_consonant.endswith(after_vowel):
        return f"({after_consonant[: -len(after_vowel)]}){after_vowel}"
    return f"{after_consonant}({after_vowel})"
