"""Checks the forms that evidence is made of, and refuses others with a message that says where they are."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from autograder.evidence import schema
from autograder.evidence.schema import EvidenceError
from autograder.messages import Message, message


def over(problem: Message) -> NoReturn:
    """Refuse a document that exceeds a cap."""
    raise EvidenceError(problem)


def too_deep() -> NoReturn:
    """Refuse a document that is nested too deeply."""
    over(message("The evidence is nested more than {limit} levels deep.", limit=schema.MAX_DEPTH))


def refuse(place: str, wanted: str) -> NoReturn:
    """Refuse what is at `place`; `wanted` is for people who look for the reason, not for learners.

    Raises:
        EvidenceError: always.
    """
    raise EvidenceError(
        message("The evidence is damaged at {place}.", place=place), f"{place} should be {wanted}"
    )


def plain_json(value: Any, place: str, nesting: int) -> None:
    """Check that a value is plain JSON whose texts, numbers, lists and depth are within bounds."""
    kind = type(value)
    if kind is str:
        a_text(value, place, schema.MAX_TEXT)
    elif kind is int or kind is float:
        a_number(value, place)
    elif kind is dict:
        if nesting > schema.MAX_DEPTH:
            too_deep()
        for key, item in value.items():
            a_text(key, place, schema.MAX_NAME)
            plain_json(item, place, nesting + 1)
    elif kind is list:
        if nesting > schema.MAX_DEPTH:
            too_deep()
        for item in a_list(value, place, schema.MAX_ITEMS):
            plain_json(item, place, nesting + 1)


def an_object(value: Any, place: str) -> dict[str, Any]:
    """Check that a value is a JSON object, and return it."""
    if type(value) is not dict:
        refuse(place, "an object")
    found: dict[str, Any] = value
    return found


def a_list(value: Any, place: str, limit: int) -> list[Any]:
    """Check that a value is a list of at most `limit` entries, and return it."""
    if type(value) is not list:
        refuse(place, "a list")
    if len(value) > limit:
        over(message("The evidence has more than {limit} entries in {place}.", limit=limit, place=place))
    found: list[Any] = value
    return found


def a_text(value: Any, place: str, limit: int) -> None:
    """Check that a value is an encodable text of at most `limit` characters."""
    if type(value) is not str:
        refuse(place, "a text")
    if len(value) > limit:
        over(
            message(
                "The evidence has a text longer than {limit} characters in {place}.",
                limit=limit,
                place=place,
            )
        )
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            refuse(place, "a text")


def a_number(value: Any, place: str) -> None:
    """Check that a value is a finite number, or one of the words for numbers that are not finite."""
    kind = type(value)
    if kind is int and -schema.MAX_INTEGER < value < schema.MAX_INTEGER:
        return
    if kind is float and math.isfinite(value):
        return
    if kind is str and value in ("nan", "inf", "-inf"):
        return
    refuse(place, "a number")


def an_index(value: Any, place: str, below: int) -> None:
    """Check that a value is an integer from 0 to `below` - 1."""
    if type(value) is not int or not 0 <= value < below:
        refuse(place, "the number of an entry that exists")


def a_flag(value: Any, place: str) -> None:
    """Check that a value is true or false."""
    if type(value) is not bool:
        refuse(place, "true or false")


def a_shape(value: Any, place: str, known: bool = False) -> None:
    """Check that a value is a shape: sizes, or null where one is not known (unless all must be `known`)."""
    for size in a_list(value, place, schema.MAX_RANK):
        if size is None and not known:
            continue
        if type(size) is not int or not 0 <= size < schema.MAX_INTEGER:
            refuse(place, "a shape")
