"""A difference between a learner's graph and the wanted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from autograder.messages import Message

DifferenceKind = Literal[
    "setting", "operator", "edge", "missing", "extra", "sharing", "shape", "output", "input", "uninspectable"
]
_SAID = ("found", "wanted", "message", "where")
DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)


@dataclass(frozen=True)
class Difference:
    """One thing that sets a graph apart from the wanted one, and where it is.

    `found_calls` are the ids of calls in the found graph, `wanted_calls` those of calls in the wanted one;
    either may be empty. `setting` is the one with another value; `found` and `wanted` say what there is and
    what there should be. `wanted` is None only for a call that cannot be inspected.

    The rest is for the picture, in ids of found calls: what is missing (`missing` has its kinds, shortened)
    belongs between `before` and `after`; `wires` (from, to) should not be there, `absent_wires` should.
    """

    kind: DifferenceKind
    found_calls: tuple[int, ...]
    wanted_calls: tuple[int, ...]
    setting: str | None
    found: Message
    wanted: Message | None
    message: Message
    where: Message
    missing: tuple[str, ...] = ()
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    wires: tuple[tuple[int, int], ...] = ()
    absent_wires: tuple[tuple[int, int], ...] = ()


def plain_difference(difference: Difference) -> dict[str, Any]:
    """Return a difference as plain JSON.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import compare, plain_difference
    >>> x = keras.Input((8,), name="x")
    >>> narrow, wide = (
    ...     subject_of(keras.Model(x, keras.layers.Dense(units)(x))).model.graph for units in (4, 8)
    ... )
    >>> plain_difference(compare(narrow, wide)[0])["kind"]
    'setting'
    """
    written = asdict(difference)
    for said in _SAID:
        words: Message | None = getattr(difference, said)
        written[said] = words and words.model_dump(mode="json")
    return written


def difference_from_plain(written: Mapping[str, Any]) -> Difference:
    """Return the difference that `plain_difference` wrote.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import compare, difference_from_plain, plain_difference
    >>> x = keras.Input((8,), name="x")
    >>> narrow, wide = (
    ...     subject_of(keras.Model(x, keras.layers.Dense(units)(x))).model.graph for units in (4, 8)
    ... )
    >>> (difference,) = compare(narrow, wide)
    >>> difference_from_plain(plain_difference(difference)) == difference
    True
    """
    read = dict(written)
    for several in ("found_calls", "wanted_calls", "missing", "before", "after"):
        read[several] = tuple(written[several])
    for wires in ("wires", "absent_wires"):
        read[wires] = tuple((source, target) for source, target in written[wires])
    for said in _SAID:
        read[said] = written[said] and Message.model_validate(written[said])
    return Difference(**read)
