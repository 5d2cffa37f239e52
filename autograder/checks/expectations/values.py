"""Expectations about plain values: what is handed in, what a function returns, arrays by their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.checks.expectations.base import Expecting, names_text
from autograder.checks.subject import Model, shapes_text
from autograder.checks.values import kind_of, plain_value, same, shown
from autograder.checks.verdict import CheckFailure
from autograder.evidence import Value
from autograder.messages import Message, message, verbatim


class ValueExpectations(Expecting):
    """What can be expected of the value that a task hands in, or that its function returns."""

    def equals(self, wanted: Any = None) -> None:
        """The value handed in is `wanted`, or the reference's; of a dict, the first wrong entry is named."""
        if self.subject.value is None:
            self.fail(
                message("A plain value is asked for."),
                found=message("a model"),
                wanted=message("a dict, a number or a list"),
            )
        found = plain_value(self.subject.value)
        if wanted is None:
            assert self.subject.reference is not None, "this expectation needs the reference solution"
            wanted = plain_value(self.subject.reference.value)
        if isinstance(wanted, Mapping):
            self._entries(found, wanted)
        elif not same(found, wanted):
            self.fail(message("The value is not right."), found=verbatim(shown(found)))

    def _entries(self, found: Any, wanted: Mapping[str, Any]) -> None:
        if not isinstance(found, dict):
            self.fail(
                message("A dict is asked for."),
                found=kind_of(self.subject.value),
                wanted=names_text(list(wanted)),
            )
        if found.keys() != wanted.keys():
            self.fail(
                message("The dict does not have the keys that are asked for."),
                found=names_text(list(found)),
                wanted=names_text(list(wanted)),
            )
        # Where `None` is an answer, of which kind an entry should be is half of it.
        kinds_are_known = None not in wanted.values()
        for key, value in wanted.items():
            if kinds_are_known and (kind := _kind(value)) != _kind(found[key]):
                self.fail(
                    message("The entry {key} is of another kind than what is asked for.", key=repr(key)),
                    found=verbatim(shown(found[key])),
                    wanted=kind,
                )
            if not same(found[key], value):
                # What is wanted stays unsaid: it is what the learner is to work out.
                self.fail(
                    message("The entry {key} is not right.", key=repr(key)), found=verbatim(shown(found[key]))
                )

    def returns(self, *wanted: Any) -> None:
        """The function returns those values, one for each of the first probes, and else the reference's.

        Args:
            wanted: plain values; a list is an array.
        """
        for index, (model, value) in enumerate(self._returned()):
            if index < len(wanted):
                right = wanted[index]
                shape = np.shape(right) if isinstance(right, list) else None
                self._has_shape(model, value, shape, verbatim(shown(right)))
                self._is_right(model, value, _is(value, right))
                continue
            assert self.subject.reference is not None, "this expectation needs the reference solution"
            reference = self.subject.reference.models[index].value
            assert reference is not None, "the reference solution returns no plain value"
            self._has_shape(model, value, _shape(reference), kind_of(reference))
            self._is_right(model, value, _same_values(value, reference))

    def returns_arrays(self, *shapes: Sequence[int]) -> None:
        """The function returns arrays of those shapes, one for each of the first probes."""
        for (model, value), shape in zip(self._returned(), shapes, strict=False):
            self._has_shape(model, value, tuple(shape), verbatim(shapes_text([shape])))

    def _returned(self) -> list[tuple[Model, Value]]:
        if not self.subject.models:
            self.fail(
                message("A function is asked for."),
                found=kind_of(self.subject.value),
                wanted=message("the function itself, not what it returns"),
            )
        found = []
        for model in self.subject.models:
            if model.value is None:
                if model.failure is not None:
                    hint = model.failure.hint or self.hint or model.look
                    raise CheckFailure(model.failure.model_copy(update={"hint": hint}))
                self.fail(
                    message("The function returns layers' output; a plain value is asked for."),
                    where=model.where,
                )
            found.append((model, model.value))
        return found

    def _is_right(self, model: Model, value: Value, right: bool) -> None:
        if not right:
            self.fail(
                message("The function does not return the right value."),
                found=None if _shape(value) else verbatim(shown(plain_value(value))),
                where=model.where,
            )

    def _has_shape(self, model: Model, value: Value, wanted: tuple[int, ...] | None, kind: Message) -> None:
        found = _shape(value)
        if found != wanted:
            self.fail(
                message("What the function returns does not have the right shape."),
                found=kind_of(value) if found is None else verbatim(shapes_text([found])),
                wanted=kind if wanted is None else verbatim(shapes_text([wanted])),
                where=model.where,
            )

    def holds_arrays(self, shapes: Mapping[str, Sequence[int]] | Sequence[Sequence[int]]) -> None:
        """The value is a dict of arrays with those shapes; for a sequence of shapes, a list of arrays.

        Where the reference solution was run, the arrays are to hold what its arrays hold, as far as evidence
        tells them.
        """
        value = self.subject.value
        wanted: dict[Any, Sequence[int]]
        if isinstance(shapes, Mapping):
            if value is None or value["kind"] != "dict":
                self.fail(
                    message("A dict is asked for."), found=kind_of(value), wanted=names_text(list(shapes))
                )
            found = {key.get("value"): item for key, item in value["items"]}
            wanted = dict(shapes)
            if found.keys() != wanted.keys():
                self.fail(
                    message("The dict does not have the keys that are asked for."),
                    found=names_text(list(found)),
                    wanted=names_text(list(wanted)),
                )
        else:
            arrays = verbatim(shapes_text(shapes))
            if value is None or value["kind"] != "list":
                self.fail(message("A list of arrays is asked for."), found=kind_of(value), wanted=arrays)
            if len(value["items"]) != len(shapes):
                self.fail(
                    message("The list does not hold as many arrays as are asked for."),
                    found=verbatim(shapes_text(_shapes(value["items"])) or "[]"),
                    wanted=arrays,
                )
            found, wanted = dict(enumerate(value["items"])), dict(enumerate(shapes))
        for key, shape in wanted.items():
            held = _shape(found[key])
            if held is None or tuple(held) != tuple(shape):
                self.fail(
                    message("The entry {key} is not the array that belongs there.", key=repr(key)),
                    found=kind_of(found[key]) if held is None else verbatim(shapes_text([held])),
                    wanted=verbatim(shapes_text([shape])),
                )
        held_by = {} if self.subject.reference is None else _entries(self.subject.reference.value)
        for key in wanted:
            if key in held_by and not _same_values(found[key], held_by[key]):
                self.fail(
                    message(
                        "The entry {key} has the right shape, but it is not the array that belongs there.",
                        key=repr(key),
                    ),
                    hint=message("Use the arrays of the cell above as they are."),
                )


def _entries(value: Value | None) -> dict[Any, Value]:
    """What a dict holds by its keys, and a list by its places."""
    if value is not None and value["kind"] == "dict":
        return {key.get("value"): item for key, item in value["items"]}
    return dict(enumerate(value["items"])) if value is not None and value["kind"] == "list" else {}


def _kind(value: Any) -> Message | None:
    """What kind of value it is; None for one that has none of its own."""
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


def _shape(value: Value) -> tuple[int, ...] | None:
    return tuple(value["shape"]) if value["kind"] == "array" else None


def _shapes(values: Sequence[Value]) -> list[tuple[int, ...]]:
    """The shapes of those values that are arrays."""
    return [shape for value in values if (shape := _shape(value)) is not None]


def _is(found: Value, wanted: Any) -> bool:
    """An array too long to be told whole is compared as far as it is."""
    if found["kind"] != "array":
        return same(plain_value(found), wanted)
    return same(found["values"], np.asarray(wanted).reshape(-1)[: len(found["values"])].tolist())


def _same_values(found: Value, wanted: Value) -> bool:
    """Arrays too long to be told whole are compared as far as they are."""
    if found["kind"] == wanted["kind"] == "array":
        return same(found["values"], wanted["values"])
    return same(plain_value(found), plain_value(wanted))
