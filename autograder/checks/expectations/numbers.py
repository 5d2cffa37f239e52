"""Holds expectations about a number or an array of numbers: how near it is to another, and bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from autograder.checks.expectations.values import HandedIn, ValueExpectations
from autograder.checks.subject import shapes_text
from autograder.checks.values import index_of, is_near, kind_of, plain_value
from autograder.evidence import Value
from autograder.messages import Message, message, verbatim


@dataclass(frozen=True)
class Numbers:
    """A number (of the shape `()`) or an array, as far as evidence tells its entries, row by row.

    `kind` is numpy's letter for the kind of the dtype: `b`, `i`, `u` or `f`.
    """

    shape: tuple[int, ...]
    dtype: str
    kind: str
    entries: Sequence[float]


class NumberExpectations(ValueExpectations):
    """What can be expected of a number or an array that a task hands in, or that its function returns."""

    def is_close(self, wanted: Any = None, *, tolerance: float | None = None) -> None:
        """Expect the number, or each entry of the array, to be the wanted one, or the reference's.

        An array's shape is compared first; of a long array only the first entries are compared, which
        evidence tells. NaN is close to NaN alone.

        Args:
            wanted: a number, an array or nested lists.
            tolerance: how far an entry may be off; rounding alone where it is not given.

        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of(0.905)).is_close(0.9, tolerance=0.01)
        >>> expect(subject_of([1.0, 2.5])).is_close([1, 2], tolerance=0.01)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The entry [1] of the array is wrong.
        """
        for one in self.handed_in():
            right = self._numbers_wanted(one, wanted)
            found = self._numbers(one, right)
            self._is_of_kind(one, found, right)
            wrong = [
                place
                for place, pair in enumerate(zip(found.entries, right.entries, strict=False))
                if not is_near(*pair, tolerance)
            ]
            if not wrong:
                continue
            if right.kind == "f" and found.kind in "iu" and found.shape:
                self.fail(
                    message("The array holds whole numbers: what follows the decimal point is lost."),
                    found=verbatim(found.dtype),
                    wanted=verbatim(right.dtype),
                    where=one.where,
                )
            furthest = wrong[0]
            if tolerance is not None:
                furthest = max(wrong, key=lambda place: _distance(found.entries[place], right.entries[place]))
            told = right.entries[furthest]
            self._wrong_numbers(
                one,
                found,
                wrong,
                furthest,
                wanted=near(told, tolerance)
                if one.is_returned
                else towards(found.entries[furthest], told, tolerance),
                what=message("wrong"),
                furthest=tolerance is not None,
            )

    def is_at_least(self, least: float) -> None:
        """Expect the number, or each entry of the array, to be `least` or more; NaN is not.

        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of(0.42)).is_at_least(0.9)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The number is too small.
        """
        wanted = message("at least {value}", value=number_text(least))
        self._is_bounded(lambda entry: entry >= least, wanted, message("too small"))

    def is_at_most(self, most: float) -> None:
        """Expect the number, or each entry of the array, to be `most` or less; NaN is not.

        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of([0.5, 1.5])).is_at_most(1)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The entry [1] of the array is too large.
        """
        wanted = message("at most {value}", value=number_text(most))
        self._is_bounded(lambda entry: entry <= most, wanted, message("too large"))

    def _is_bounded(self, holds: Callable[[float], bool], wanted: Message, what: Message) -> None:
        for one in self.handed_in():
            found = self._numbers(one, None)
            wrong = [place for place, entry in enumerate(found.entries) if not holds(entry)]
            if wrong:
                self._wrong_numbers(one, found, wrong, wrong[0], wanted=wanted, what=what)
            if not found.entries:
                # An empty array has no entry that is too small or too large, and yet none that is right.
                rationale = message("The array is empty.")
                self.fail(rationale, found=_described(found), wanted=wanted, where=one.where)

    def _wrong_numbers(
        self,
        one: HandedIn,
        found: Numbers,
        wrong: Sequence[int],
        place: int,
        *,
        wanted: Message,
        what: Message,
        furthest: bool = False,
    ) -> NoReturn:
        """Fail with one entry that is wrong, and with how many are."""
        entry = found.entries[place]
        if math.isnan(entry):
            what = message("wrong")
        at = str(index_of(place, found.shape))
        count, total = len(wrong), len(found.entries)
        if not found.shape:
            rationale = message("The number is {what}.", what=what)
        elif count == 1:
            rationale = message("The entry {place} of the array is {what}.", what=what, place=at)
        elif furthest:
            rationale = message(
                "{count} of {total} entries of the array are {what}; the entry {place} is furthest off.",
                what=what,
                count=count,
                total=total,
                place=at,
            )
        else:
            rationale = message(
                "{count} of {total} entries of the array are {what}; the first is the entry {place}.",
                what=what,
                count=count,
                total=total,
                place=at,
            )
        told = verbatim(number_text(entry))
        self.fail(rationale, found=told, wanted=wanted, where=one.where, hint=not_finite(entry))

    def _numbers_wanted(self, one: HandedIn, wanted: Any) -> Numbers:
        if wanted is not None:
            return _numbers_of_plain(wanted)
        assert one.reference is not None, "this expectation needs the reference solution"
        found = numbers_of(one.reference)
        assert found is not None, "the reference solution hands in no numbers"
        return found

    def _numbers(self, one: HandedIn, wanted: Numbers | None) -> Numbers:
        """Return what is handed in as numbers; the check fails where it is none, or of another shape."""
        found = numbers_of(one.value)
        if found is None:
            self.fail(
                message("This task needs a number.")
                if wanted is None or not wanted.shape
                else message("This task needs an array of numbers."),
                found=kind_of(one.value),
                wanted=None if wanted is None else _described(wanted),
                where=one.where,
                hint=one.none_returned,
                hinted=False,
            )
        if wanted is not None and found.shape != wanted.shape:
            self.fail(
                message("This task needs one number.")
                if not wanted.shape
                else message("The array has the wrong shape."),
                found=_described(found),
                wanted=_described(wanted),
                where=one.where,
            )
        return found

    def _is_of_kind(self, one: HandedIn, found: Numbers, wanted: Numbers) -> None:
        """Fail where one of the two holds `True` and `False`, and the other numbers."""
        if (found.kind == "b") != (wanted.kind == "b"):
            truths, numbers = message("`True` and `False`"), message("numbers")
            self.fail(
                message("The array holds values of the wrong type.")
                if found.shape
                else message("The value has the wrong type."),
                found=truths if found.kind == "b" else numbers,
                wanted=numbers if found.kind == "b" else truths,
                where=one.where,
            )


def numbers_of(value: Value) -> Numbers | None:
    """Return a number, an array, or nested lists of numbers from evidence; None for anything else."""
    if value["kind"] == "array":
        entries = [float(entry) for entry in value["values"]]
        return Numbers(tuple(value["shape"]), value["dtype"], _kind(value["dtype"]), entries)
    if value["kind"] in ("number", "bool", "list"):
        try:
            return _numbers_of_plain(plain_value(value))
        except (ValueError, TypeError, AssertionError):
            return None
    return None


def _kind(dtype: str) -> str:
    """Return numpy's letter for the kind of a dtype; numpy itself does not know every dtype (`bfloat16`)."""
    return {"bool": "b", "int": "i", "uint": "u"}.get(dtype.rstrip("0123456789"), "f")


def _numbers_of_plain(wanted: Any) -> Numbers:
    array = np.asarray(wanted)
    assert array.dtype.kind in "biuf", "numbers are compared with numbers"
    entries = [float(entry) for entry in array.reshape(-1).tolist()]
    return Numbers(array.shape, str(array.dtype), array.dtype.kind, entries)


def _described(numbers: Numbers) -> Message:
    if not numbers.shape:
        return message("one number") if numbers.kind != "b" else message("`True` or `False`")
    return message("an array of shape {shape}", shape=shapes_text([numbers.shape]))


def _distance(found: float, wanted: float) -> float:
    return abs(found - wanted) if math.isfinite(found) and math.isfinite(wanted) else math.inf


def number_text(number: float) -> str:
    """Return a number as a learner would type it, without digits that come only from rounding."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "∞" if number > 0 else "-∞"
    return f"{number:.7g}" if abs(number) < 1e15 and number != int(number) else f"{number:.15g}"


def near(wanted: float, tolerance: float | None) -> Message:
    """Return a wanted number as text, with its tolerance, where the learner may read it."""
    if tolerance is None:
        return verbatim(number_text(wanted))
    return verbatim(f"{number_text(wanted)} ± {tolerance:g}")


def towards(found: float, wanted: float, tolerance: float | None = None) -> Message:
    """Return on which side of a wrong number the wanted one is, where the learner is to find it."""
    if math.isnan(wanted):
        return verbatim("NaN")
    if math.isnan(found):
        return message("a number")
    larger = wanted > found
    if tolerance is None:
        return message("a larger number") if larger else message("a smaller number")
    if larger:
        return message("a larger number; it may be off by {tolerance}", tolerance=f"{tolerance:g}")
    return message("a smaller number; it may be off by {tolerance}", tolerance=f"{tolerance:g}")


def not_finite(entry: float) -> Message | None:
    """Return where to look for the cause of NaN or ∞; None for a finite number."""
    if math.isnan(entry):
        return message("NaN comes of 0/0, of ∞ − ∞, or of the logarithm or the root of a negative number.")
    if math.isinf(entry):
        return message("∞ comes of a division by 0, of the logarithm of 0, or of a number that is too large.")
    return None
