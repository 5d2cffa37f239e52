"""Makes settings a little wrong: off by one, doubled, halved, the other padding, another activation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.audit.mutation.edit import Edit, Model

_WORDS = {
    "padding": ("valid", "same"),
    "merge_mode": ("concat", "sum", "ave", "mul"),
    "activation": ("linear", "relu", "sigmoid", "tanh", "softmax", "elu"),
    "recurrent_activation": ("sigmoid", "tanh", "relu"),
    "interpolation": ("nearest", "bilinear"),
}


def setting_edits(model: Model) -> Iterator[Edit]:
    """Yield edits that give each setting of each operation a value near its own."""
    for number, entry in enumerate(model["operations"]):
        if entry["custom"] or entry["graph"] is not None:
            continue
        for setting, value in (entry["config"] or {}).items():
            for other in variants(setting, value):
                yield _edit(number, entry, setting, value, other)


def variants(setting: str, value: Any) -> list[Any]:
    """Return values that somebody might have written instead."""
    if setting in _WORDS and isinstance(value, str):
        return [word for word in _WORDS[setting] if word != value]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        near = (value + 1, value - 1, value * 2, value // 2)
        return [other for other in dict.fromkeys(near) if other != value]
    if isinstance(value, float):
        return [other for other in dict.fromkeys((value * 2, value / 2, value + 1)) if other != value]
    if isinstance(value, list) and value and all(isinstance(item, int | None) for item in value):
        columns = [variants(setting, item) or [item] for item in value]
        longest = max(len(column) for column in columns)
        made = [[column[min(place, len(column) - 1)] for column in columns] for place in range(longest)]
        return [other for other in made if other != value]
    return []


def _edit(number: int, entry: dict[str, Any], setting: str, value: Any, other: Any) -> Edit:
    def apply(model: Model) -> None:
        model["operations"][number]["config"][setting] = other

    what = f"{entry['name']}: {setting}={other!r} instead of {value!r}"
    return Edit("setting", what, apply, (entry["name"],), setting)
