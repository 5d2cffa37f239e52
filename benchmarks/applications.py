"""Mutates every architecture of `keras.applications`: does the comparison name exactly what was changed?

Each is changed at ten places drawn at random, evenly over the kinds of change, and compared with itself; each
is copied, too, with other names, calls in another order and free operands exchanged. `python -m
benchmarks.applications` writes `graph.mutants`, `graph.misnamed` and `graph.copies_refused`; given names of
architectures, it writes nothing.
"""

from __future__ import annotations

import random
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.audit.mutation.edit import Edit, Model, put_in_order, references, rename
from autograder.audit.mutation.expected import Side, expected
from autograder.audit.mutation.interface import interface_edits
from autograder.audit.mutation.settings import setting_edits
from autograder.audit.mutation.wiring import wiring_edits
from autograder.graph import Difference, Graph, GraphError, canonical, compare, read_model, with_shapes
from autograder.graph.comparison.colours import ALWAYS_FREE, holds_weights
from autograder.graph.settings import settings_of
from benchmarks.architectures import COMMAND, architectures, build, evidence_of
from benchmarks.results import record

PLACES = 10
CANDIDATES = 200
"""Edits of each operator from which places are drawn: a large model has millions."""


@dataclass
class Tally:
    """What became of an architecture's mutants."""

    mutants: int = 0
    misnamed: list[str] = field(default_factory=list)
    drawn_again: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


def graph_of(model: Model) -> Graph:
    """A model's canonical graph.

    Raises:
        GraphError: Keras would not have built it.
    """
    return canonical(with_shapes(read_model(model)))


def drawn(model: Model, choose: random.Random) -> Iterator[Edit]:
    """Edits at random, evenly over their operators."""
    pools: dict[str, list[Edit]] = {}
    seen: Counter[str] = Counter()
    for edit in _edits(model):
        seen[edit.operator] += 1
        pool = pools.setdefault(edit.operator, [])
        if len(pool) < CANDIDATES:
            pool.append(edit)
        elif (place := choose.randrange(seen[edit.operator])) < CANDIDATES:
            pool[place] = edit
    for pool in pools.values():
        choose.shuffle(pool)
    while pools:
        for operator in choose.sample(sorted(pools), len(pools)):
            yield from _until_taken(pools, operator)


def mutated(model: Model, seed: int, places: int = PLACES) -> Tally:
    """Compare an architecture with itself, changed at some places."""
