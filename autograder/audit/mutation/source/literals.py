"""Makes other numbers, texts and truth values."""

from __future__ import annotations

from collections.abc import Iterator

import libcst

from autograder.audit.mutation.source.code import Change, Code
from autograder.audit.mutation.source.spelling import misspelt, near


def literal_changes(code: Code) -> Iterator[Change]:
    """Yield the code with a number a little off, a text misspelt or another, or a truth value turned."""
    yield from _numbers(code)
    yield from _texts(code)
    for name in code.nodes(libcst.Name):
        if name.value in ("True", "False"):
            yield code.swap("truth turned", name, str(name.value == "False"))
        elif name.value == "None":
            yield code.swap("None changed", name, "10")


def _numbers(code: Code) -> Iterator[Change]:
    numbers: list[libcst.Integer | libcst.Float] = [*code.nodes(libcst.Integer), *code.nodes(libcst.Float)]
    for number in numbers:
        value = number.evaluated_value
        half = value // 2 if isinstance(value, int) else value / 2
        for other in dict.fromkeys((value + 1, value - 1, value * 2, half)):
            if other != value:
                grouped = "_" in number.value and isinstance(other, int)
                yield code.swap("number changed", number, f"{other:_}" if grouped else f"{other!r}")


def _texts(code: Code) -> Iterator[Change]:
    texts = code.nodes(libcst.SimpleString)
    for text in texts:
        value = text.evaluated_value
        if not isinstance(value, str):
            continue
        key = _is_key(code, text)
        yield code.swap("key misspelt" if key else "text misspelt", text, _quoted(misspelt(value)))
        if not key:
            beside = [
                other.evaluated_value
                for other in texts
                if _role(code, other) == _role(code, text) is not None
            ]
            for word in dict.fromkeys((*near(value), *beside)):
                if isinstance(word, str) and word != value:
                    yield code.swap("text changed", text, _quoted(word))


def _quoted(text: str) -> str:
    """Return a text as the solutions write it: in double quotation marks."""
    return '"' + repr(text)[1:-1].replace('"', '\\"') + '"'


def _is_key(code: Code, text: libcst.SimpleString) -> bool:
    holder = code.parent(text)
    return isinstance(holder, libcst.DictElement) and holder.key is text


def _role(code: Code, text: libcst.SimpleString) -> str | None:
    """Return the keyword that a text is given for: another text of the same keyword could be meant."""
    holder = code.parent(text)
    return holder.keyword.value if isinstance(holder, libcst.Arg) and holder.keyword is not None else None
