"""Constants in a learner's arithmetic on tensors: numbers and arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeGuard

from autograder.graph.model import Setting, Shape

# The number that leaves the result of each merge unchanged.
NEUTRAL: Mapping[str, float] = {"Add": 0.0, "Multiply": 1.0}


def is_number(value: Setting) -> TypeGuard[int | float]:
    """Return whether a constant is a plain number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_array(value: Setting) -> TypeGuard[tuple[Setting, ...]]:
    """Return whether a constant is an array, as `("array", shape, values, dtype)`."""
    return isinstance(value, tuple) and len(value) == 4 and value[0] == "array"


def combined(kind: str, constants: Iterable[Setting]) -> Setting:
    """Combine a merge's constants into one: a number if all are numbers, None if they have no effect."""
    number: float | int | None = None
    rest: list[Setting] = []
    for constant in constants:
        for part in (
            constant[1:] if isinstance(constant, tuple) and constant[:1] == ("constants",) else (constant,)
        ):
            if not is_number(part):
                rest.append(part)
            else:
                number = part if number is None else _merge(kind, number, part)
    if number is not None and number == NEUTRAL.get(kind):
        number = None
    found = ([] if number is None else [number]) + sorted(rest, key=repr)
    if len(found) < 2:
        return found[0] if found else None
    return ("constants", *found)


def _merge(kind: str, one: float, other: float) -> float:
    if kind == "Add":
        return one + other
    if kind == "Multiply":
        return one * other
    return max(one, other) if kind == "Maximum" else min(one, other)


def without_effect(kind: str, constant: Setting, shape: Shape | None) -> bool:
    """Return whether a constant leaves a tensor of that shape unchanged: a 0 in a sum, a 1 in a product."""
    neutral = NEUTRAL.get(kind)
    if neutral is None:
        return False
    if is_number(constant):
        return constant == neutral
    if not is_array(constant) or shape is None:
        return False
    _, sizes, values, _ = constant
    if not isinstance(values, tuple) or not isinstance(sizes, tuple) or not values:
        return False
    fits = len(sizes) <= len(shape) and all(
        size == 1 or size == own for size, own in zip(reversed(sizes), reversed(shape), strict=False)
    )
    return fits and all(value == neutral for value in values)
