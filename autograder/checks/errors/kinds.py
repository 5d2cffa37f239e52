"""Defines a kind of error: a pattern over what was raised, what it means, and where to look."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from autograder.messages import Message, message

TEXT_AT_MOST = 4000
"""Characters of an error's text that are searched: half from its beginning, half from its end."""


@dataclass(frozen=True)
class Meaning:
    """What an error means, in a sentence or two, where to look, and the id of its kind."""

    says: Message
    look: Message
    kind: str = ""


@dataclass(frozen=True)
class Raised:
    """An error as it was raised: its class, what it says, and the learner's line, where that is known.

    `names` are those that the notebook defines.
    """

    error: str
    text: str
    line: str = ""
    names: Collection[str] = ()


Told = Callable[[re.Match[str], Raised], Meaning | None]


@dataclass(frozen=True)
class Kind:
    """A kind of error.

    `pattern` is searched in `Class: text`. Each of its repetitions has an upper bound and none is inside
    another, so that a search takes time in proportion to the text. `tell` gives the meaning, or None where
    the error is not of this kind after all.
    """

    id: str
    pattern: re.Pattern[str]
    tell: Told


def kind(id_: str, pattern: str, says: Message | Told, look: Message | None = None) -> Kind:
    """Return a kind of error, from what it means or from a function that says so."""
    compiled = re.compile(pattern, re.DOTALL)
    if isinstance(says, Message):
        assert look is not None, "a kind that says what is wrong says where to look, too"
        meaning = Meaning(says, look, id_)
        return Kind(id_, compiled, lambda _match, _raised: meaning)
    return Kind(id_, compiled, says)


def shortened(text: str) -> str:
    """Return the text that is searched: all of it, or its beginning and its end."""
    if len(text) <= TEXT_AT_MOST:
        return text
    return text[: TEXT_AT_MOST // 2] + "\n" + text[-TEXT_AT_MOST // 2 :]


def first_and_second() -> Message:
    """Return where to look when the two pairs of parentheses were mixed up."""
    return message(
        "The first parentheses say what the layer is, the second what it is called on: `Dense(10)(x)`."
    )


def layer_for_a_tensor(layer: str) -> Message:
    """Return what is wrong where a layer was given instead of the tensor that calling it returns."""
    return message("A `{layer}` was created but never called; a tensor is needed here.", layer=layer)


def none_is_returned() -> Message:
    """Return where to look when a name holds `None`, as after `model = model.compile(...)`."""
    return message(
        "`compile` and a function without a `return` line return `None`: write `model.compile(...)` on a "
        "line of its own, without `model =`."
    )


def returned_nothing() -> Message:
    """Return where to look when a function has returned nothing."""
    return message("Which function returned it? A function without a `return` line returns `None`.")
