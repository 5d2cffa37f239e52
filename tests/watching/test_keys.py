"""Keys are understood whatever writes them."""

from __future__ import annotations

import pytest

from autograder.watching.keys import Keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"hLq", ["h", "l", "q"]),
        ("ㅗㅣㅜㄱㅐㅂㄴ".encode(), ["h", "l", "n", "r", "o", "q", "s"]),
        (b"\x1b[A\x1bOB\x1b[5~\x1b[6~ ", ["up", "down", "page up", "page down", "page down"]),
        (b"\x1b[H\x1b[F", ["home", "end"]),
        (b"\x1b", ["escape"]),
        (b"\x1b[1;5C\x1b[200~\r\n\t", []),
        (b"", []),
    ],
)
def test_bytes_become_keys(data: bytes, keys: list[str]) -> None:
    assert Keys().read(data) == keys


def test_a_letter_that_arrives_in_pieces_is_one_letter() -> None:
    keys = Keys()
    first, *rest = "ㅂ".encode()

    assert keys.read(bytes([first])) == []
    assert keys.read(bytes(rest)) == ["q"]
