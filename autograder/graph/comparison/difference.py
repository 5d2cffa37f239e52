"""A difference between a learner's graph and the one that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from autograder.messages import Message

DifferenceKind = Literal[
    "setting", "operator", "edge", "missing", "extra", "sharing", "shape", "output", "input", "uninspectable"
]
DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)


@dataclass(frozen=True)
class Difference:
    """One thing that sets a graph apart from the wanted one, and where it is.

    `found_calls` are ids of calls in the graph that was found, `wanted_calls` of calls in the wanted one;
    either may be empty. `setting`, `found` and `wanted` are text where one value differs.

    The rest is for the picture, in ids of calls that were found: what is missing stands between `before` and
    `after`; `wires` (from, to) should not be there, `absent_wires` should.
    """

    kind: DifferenceKind
    found_calls: tuple[int, ...]
    wanted_calls: tuple[int, ...]
    setting: str | None
    found: str | None
    wanted: str | None
    message: Message
    where: Message
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    wires: tuple[tuple[int, int], ...] = ()
    absent_wires: tuple[tuple[int, int], ...] = ()


def plain_difference(difference: Difference) -> dict[str, Any]:
    """A difference as plain JSON."""
    written = asdict(difference)
    written["message"] = difference.message.model_dump(mode="json")
    written["where"] = difference.where.model_dump(mode="json")
    return written


def difference_from_plain(written: Mapping[str, Any]) -> Difference:
    """The difference that `plain_difference` wrote."""
    read = dict(written)
    for calls in ("found_calls", "wanted_calls", "before", "after"):
        read[calls] = tuple(written[calls])
    for wires in ("wires", "absent_wires"):
        read[wires] = tuple((source, target) for source, target in written[wires])
    read["message"] = Message.model_validate(written["message"])
    read["where"] = Message.model_validate(written["where"])
    return Difference(**read)
