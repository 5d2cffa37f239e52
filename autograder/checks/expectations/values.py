"""Holds expectations about plain values: handed in, returned by a function, arrays by their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checks.expectations.base import Expecting, names_text
from autograder.checks.subject import Model, shapes_text
from autograder.checks.values import index_of, kind_of, plain_value, same, shown
from autograder.checks.verdict import CheckFailure
from autograder.evidence import Value
from autograder.messages import Message, message, verbatim


@dataclass(frozen=True)
class HandedIn:
    """A plain value to be judged, and the reference's, where there is one.

    `where` says which call of a function returned it. What a function should return is no secret; the value
    that a task itself asks for is what the learner is to find.
    """

    value: Value
    reference: Value | None
    where: Message | None

    @property
    def is_returned(self) -> bool:
        """Whether a function has returned it."""
        return self.where is not None

    @property
    def none_returned(self) -> Message | None:
        """Where to look where a function returns `None`."""
        if self.value["kind"] != "none" or not self.is_returned:
            return None
        return message("Look at the `return` line: which name holds the result?")


class ValueExpectations(Expecting):
    """What can be expected of the value that a task hands in, or that its function returns."""

    def equals(self, wanted: Any = None, *, choices: Sequence[str] = ()) -> None:
        """Expect the value handed in to be `wanted`, or the reference's.

        Of a dict, the first wrong entry is named.

        Args:
            wanted: a plain value. Of a text, capital letters and spaces around it are no part.
            choices: the texts that an answer can be, where it is one of a few.

        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of("Concatenate")).equals("concatenate", choices=["Add", "Concatenate"])
        >>> expect(subject_of({"filters": 64})).equals({"filters": 128})
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The value of the entry 'filters' is wrong.
        """
        if self.subject.value is None:
            self.fail(
                message("This task needs a plain value."),
                found=message("a model"),
                wanted=message("a dict, a number or a list"),
                hinted=False,
            )
        found = plain_value(self.subject.value)
        if wanted is None:
            assert self.subject.reference is not None, "this expectation needs the reference solution"
            wanted = plain_value(self.subject.reference.value)
        if isinstance(wanted, Mapping):
            self._entries(found, wanted, choices)
        elif not same(found, wanted):
            self._is_quoted_none(message("the value"), found)
            self.fail(
                message("The value is wrong."), found=verbatim(shown(found)), wanted=_other(found, wanted)
            )

    def _has_keys(self, found: Mapping[Any, Any], wanted: Mapping[Any, Any], *, hinted: bool = False) -> None:
        missing = names_text([key for key in wanted if key not in found])
        extra = names_text([key for key in found if key not in wanted])
        if found.keys() == wanted.keys():
            return
        if found.keys() < wanted.keys():
            rationale = message("The dict has no entry {missing}.", missing=missing)
        elif found.keys() > wanted.keys():
            rationale = message("The dict should not have an entry {extra}.", extra=extra)
        else:
            rationale = message(
                "The dict has no entry {missing}; it has {extra} instead.", missing=missing, extra=extra
            )
        self.fail(rationale, found=names_text(list(found)), wanted=names_text(list(wanted)), hinted=hinted)

    def _entries(self, found: Any, wanted: Mapping[str, Any], choices: Sequence[str]) -> None:
        if not isinstance(found, dict):
            self.fail(
                message("This task needs a dict."),
                found=kind_of(self.subject.value),
                wanted=names_text(list(wanted)),
                hinted=False,
            )
        self._has_keys(found, wanted)
        # Where `None` may be an answer, naming the kind of an entry would give away half of it.
        kinds_are_known = None not in wanted.values()
        for key, value in wanted.items():
            if not same(found[key], value):
                self._is_quoted_none(message("the entry {key}", key=repr(key)), found[key])
                if choices and not any(same(found[key], choice) for choice in choices):
                    self.fail(
                        message("The entry {key} is not one of the possible answers.", key=repr(key)),
                        found=verbatim(shown(found[key])),
                        wanted=message("one of {choices}", choices=names_text(choices)),
                        hinted=False,
                    )
            if kinds_are_known and (kind := _kind(value)) != _kind(found[key]):
                self.fail(
                    message("The entry {key} has the wrong type.", key=repr(key)),
                    found=verbatim(shown(found[key])),
                    wanted=kind,
                    hinted=False,
                )
            if not same(found[key], value):
                # What is wanted stays unsaid: it is what the learner is to work out.
                self.fail(
                    message("The value of the entry {key} is wrong.", key=repr(key)),
                    found=verbatim(shown(found[key])),
                    wanted=_other(found[key], value) if kinds_are_known else None,
                )

    def _is_quoted_none(self, entry: Message, found: Any) -> None:
        """Fail where `None` was put into quotation marks: that is a text, and never the right answer."""
        if _holds(found, "None"):
            self.fail(
                message("There is a text 'None' in {entry}.", entry=entry),
                found=verbatim(shown(found)),
                wanted=message("`None` without quotation marks"),
            )

    def returns(self, *wanted: Any) -> None:
        """Expect the function to return those values, one for each of the first probes, then the reference's.

        Args:
            wanted: plain values; a list is an array.

        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of(lambda n: n + n, probes=[[{"value": 3}]])).returns(9)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The function returns a wrong value.
        """
        for index, (model, value) in enumerate(self._returned()):
            if index < len(wanted):
                right = wanted[index]
                shape = np.shape(right) if isinstance(right, list) else None
                self._has_shape(model, value, shape, verbatim(shown(right)))
                if not _is(value, right):
                    self._wrong(model, value, np.asarray(right).reshape(-1).tolist(), right)
                continue
            assert self.subject.reference is not None, "this expectation needs the reference solution"
            reference = self.subject.reference.models[index].value
            assert reference is not None, "the reference solution returns no plain value"
            self._has_shape(model, value, _shape(reference), kind_of(reference))
            if not _same_values(value, reference):
                self._wrong(model, value, _values(reference), plain_value(reference))

    def returns_arrays(self, *shapes: Sequence[int]) -> None:
        """Expect the function to return arrays of those shapes, one for each of the first probes.

        >>> import numpy as np
        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of(np.zeros, probes=[[{"value": 3}]])).returns_arrays((3,))
        >>> expect(subject_of(np.eye, probes=[[{"value": 3}]])).returns_arrays((3,))
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The function returns a result of the wrong shape.
        """
        for (model, value), shape in zip(self._returned(), shapes, strict=False):
            self._has_shape(model, value, tuple(shape), verbatim(shapes_text([shape])))

    def _returned(self) -> list[tuple[Model, Value]]:
        if not self.subject.models:
            self.fail(
                message("This task needs a function."),
                found=kind_of(self.subject.value),
                wanted=message("the function itself, not what it returns"),
            )
        found = []
        for model in self.subject.models:
            if model.value is None:
                if model.failure is not None:
                    # The check's own hint is about the result, and not about an error.
                    hint = model.failure.hint or model.look
                    raise CheckFailure(model.failure.model_copy(update={"hint": hint}))
                self.fail(
                    message("The function returns the output of a layer; this task needs a plain value."),
                    where=model.where,
                )
            found.append((model, model.value))
        return found

    def handed_in(self) -> list[HandedIn]:
        """Return the value that is handed in, or those that the function returns, each with the reference's.

        Raises:
            CheckFailure: there is none.
        """
        reference = self.subject.reference
        if self.subject.models:
            if not self.subject.model.given:
                self.fail(message("This task needs a plain value."), found=message("a model"), hinted=False)
            wanted = [] if reference is None else [model.value for model in reference.models]
            wanted += [None] * len(self.subject.models)
            return [
                HandedIn(value, right, model.where)
                for (model, value), right in zip(self._returned(), wanted, strict=False)
            ]
        assert self.subject.value is not None, "a subject has models or a value"
        return [HandedIn(self.subject.value, None if reference is None else reference.value, None)]

    def _wrong(self, model: Model, value: Value, right: Sequence[Any], whole: Any) -> None:
        """Fail with the first wrong entry of a returned array, or with the value where it is not an array.

        Args:
            right: the entries that an array should have, row by row.
            whole: the value that it should be.
        """
        shape = _shape(value)
        if not shape:
            self.fail(
                message("The function returns a wrong value."),
                found=verbatim(shown(plain_value(value))),
                wanted=verbatim(shown(whole)),
                where=model.where,
            )
        entries = _values(value)
        first = next(place for place, pair in enumerate(zip(entries, right, strict=False)) if not same(*pair))
        start = first // shape[-1] * shape[-1]
        ones = [_only_one(row[start : start + shape[-1]]) for row in (entries, right)]
        index = index_of(first, shape)
        if len(shape) == 2 and None not in ones:
            self.fail(
                message(
                    "In row {row} of the result, the 1 is in the wrong position.",
                    row=index[0],
                ),
                found=message("position {position}, counted from 0", position=ones[0] or 0),
                wanted=message("position {position}, counted from 0", position=ones[1] or 0),
                where=model.where,
            )
        self.fail(
            message("The entry {place} of the result is wrong.", place=str(index)),
            found=verbatim(shown(entries[first])),
            wanted=verbatim(shown(right[first])),
            where=model.where,
        )

    def _has_shape(self, model: Model, value: Value, wanted: tuple[int, ...] | None, kind: Message) -> None:
        found = _shape(value)
        if value["kind"] == "none":
            self.fail(
                message("The function returns `None`."),
                found=kind_of(value),
                wanted=kind if wanted is None else verbatim(shapes_text([wanted])),
                where=model.where,
                hint=message("Look at the `return` line: which name holds the result?"),
            )
        if found != wanted:
            self.fail(
                message("The function returns a result of the wrong shape."),
                found=kind_of(value) if found is None else verbatim(shapes_text([found])),
                wanted=kind if wanted is None else verbatim(shapes_text([wanted])),
                where=model.where,
            )

    def holds_arrays(self, shapes: Mapping[str, Sequence[int]] | Sequence[Sequence[int]]) -> None:
        """Expect a dict of arrays with those shapes; for a sequence of shapes, a list of arrays.

        Where the reference solution was run, the arrays must hold what its arrays hold, as far as evidence
        tells them.

        >>> import numpy as np
        >>> from autograder.checks import expect, subject_of
        >>> expect(subject_of({"text": np.zeros((2, 10))})).holds_arrays({"text": (2, 10)})
        >>> expect(subject_of({"text": np.zeros((2, 9))})).holds_arrays({"text": (2, 10)})
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The entry 'text' is not the array that belongs there.
        """
        value = self.subject.value
        wanted: dict[Any, Sequence[int]]
        if isinstance(shapes, Mapping):
            if value is None or value["kind"] != "dict":
                self.fail(
                    message("This task needs a dict."), found=kind_of(value), wanted=names_text(list(shapes))
                )
            for key, _ in value["items"]:
                if key["kind"] != "text":
                    self.fail(
                        message("A key of the dict is not a text."),
                        found=_held(key),
                        wanted=names_text(list(shapes)),
                        hint=message("Write each name in quotes."),
                    )
            found = {key.get("value"): item for key, item in value["items"]}
            wanted = dict(shapes)
            self._has_keys(found, wanted, hinted=True)
        else:
            arrays = verbatim(shapes_text(shapes))
            if value is None or value["kind"] != "list":
                self.fail(message("This task needs a list of arrays."), found=_held(value), wanted=arrays)
            if len(value["items"]) != len(shapes):
                self.fail(
                    message("The list has the wrong number of arrays."),
                    found=verbatim(shapes_text(_shapes(value["items"])) or "[]"),
                    wanted=arrays,
                )
            found, wanted = dict(enumerate(value["items"])), dict(enumerate(shapes))
        for key, shape in wanted.items():
            held = _shape(found[key])
            if held is None or tuple(held) != tuple(shape):
                self.fail(
                    message("The entry {key} is not the array that belongs there.", key=_place(key)),
                    found=_held(found[key]),
                    wanted=message("an array of shape {shape}", shape=shapes_text([shape])),
                    hinted=held is not None and isinstance(key, int),
                )
        held_by = {} if self.subject.reference is None else _entries(self.subject.reference.value)
        for key in wanted:
            if key in held_by and not _same_values(found[key], held_by[key]):
                self.fail(
                    message(
                        "The entry {key} has the right shape, but it is not the array that belongs there.",
                        key=_place(key),
                    ),
                    found=_difference(found[key], held_by[key]),
                    hint=message("Use the arrays of the cell above as they are."),
                )


def _difference(found: Value, wanted: Value) -> Message:
    """Describe where an array first holds another number than it should, and how many are others."""
    if not found["kind"] == wanted["kind"] == "array":
        return _held(found)
    pairs = list(zip(found["values"], wanted["values"], strict=False))
    wrong = [place for place, pair in enumerate(pairs) if not same(*pair)]
    if not wrong:
        return _held(found)
    return message(
        "{value} at the index {place}; {count} of {total} entries differ",
        value=shown(pairs[wrong[0]][0]),
        place=str(index_of(wrong[0], found["shape"])),
        count=len(wrong),
        total=len(pairs),
    )


def _entries(value: Value | None) -> dict[Any, Value]:
    """Return the entries of a dict by their keys, and of a list by their indices."""
    if value is not None and value["kind"] == "dict":
        return {key.get("value"): item for key, item in value["items"]}
    return dict(enumerate(value["items"])) if value is not None and value["kind"] == "list" else {}


def _place(key: Any) -> str:
    """Return an entry's key, or its index in a list as Python writes it: `[0]` is the first."""
    return f"[{key}]" if isinstance(key, int) else repr(key)


def _held(value: Value | None) -> Message:
    """Describe what was handed in where arrays are asked for."""
    if value is not None and value["kind"] == "array":
        return message("an array of shape {shape}", shape=shapes_text([value["shape"]]))
    if value is not None and value["kind"] == "tensor":
        return message("a tensor of the model, which holds no numbers")
    if value is not None and value["kind"] == "dict":
        return message("a dict")
    return kind_of(value)


def _kind(value: Any) -> Message | None:
    """Return what kind of value it is; None for one without a kind of its own."""
    match value:
        case bool():
            return message("`True` or `False`")
        case int() | float():
            return message("one number")
        case str():
            return message("a text in quotation marks")
        case list() | tuple():
            return message("a list or a tuple")
        case dict():
            return message("a dict")
        case _:
            return None


def _other(found: Any, wanted: Any) -> Message | None:
    """Return how a right value differs from the wrong one, where the learner is to find it."""
    if isinstance(found, (list, tuple)) and isinstance(wanted, (list, tuple)):
        if len(found) != len(wanted):
            return message("a list or a tuple of length {length}", length=len(wanted))
        place = next(number for number, pair in enumerate(zip(found, wanted, strict=True)) if not same(*pair))
        return message("another value at index {index}", index=place)
    if isinstance(found, bool) or _kind(found) != _kind(wanted):
        return _kind(wanted)
    match wanted:
        case int() | float():
            return message("another number")
        case str():
            return message("another text")
        case _:
            return None


def _holds(value: Any, text: str) -> bool:
    """Return whether a value is that text, or a list with it."""
    return value == text if isinstance(value, str) else isinstance(value, list) and text in value


def _values(value: Value) -> list[Any]:
    """Return the entries of an array, row by row; none for anything else."""
    return list(value["values"]) if value["kind"] == "array" else []


def _only_one(row: Sequence[Any]) -> int | None:
    """Return where a one-hot row has its 1; None where it is no such row."""
    places = [place for place, entry in enumerate(row) if entry != 0]
    return places[0] if len(places) == 1 and row[places[0]] == 1 else None


def _shape(value: Value) -> tuple[int, ...] | None:
    return tuple(value["shape"]) if value["kind"] == "array" else None


def _shapes(values: Sequence[Value]) -> list[tuple[int, ...]]:
    """Return the shapes of those values that are arrays."""
    return [shape for value in values if (shape := _shape(value)) is not None]


def _is(found: Value, wanted: Any) -> bool:
    """Return whether a value is the wanted one; an array too long for evidence is compared in part."""
    if found["kind"] != "array":
        return same(plain_value(found), wanted)
    return same(found["values"], np.asarray(wanted).reshape(-1)[: len(found["values"])].tolist())


def _same_values(found: Value, wanted: Value) -> bool:
    """Return whether two values are the same; arrays too long for evidence are compared in part."""
    if found["kind"] == wanted["kind"] == "array":
        return same(found["values"], wanted["values"])
    return same(plain_value(found), plain_value(wanted))
