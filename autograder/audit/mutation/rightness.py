"""Whether an answer is the reference's after all, however it was come by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from autograder.checks import Subject
from autograder.checks.subject import Model
from autograder.checks.values import plain_value, same
from autograder.graph import Compiled, Graph, compare


def is_right(subject: Subject, *, names: bool, free: Collection[str] = ()) -> bool:
    """Whether a task has the reference's models, by their graphs and what `compile` made of them, and values.

    `names` says that the names of inputs and outputs count; `free` are arguments of `compile` that do not.
    """
    wanted = subject.reference
    assert wanted is not None
    if subject.absence is not None or len(subject.models) != len(wanted.models):
        return False
    return _same_value(subject.value, wanted.value) and all(
        _same_model(one, other, names, free) for one, other in zip(subject.models, wanted.models, strict=True)
    )


def _same_model(found: Model, wanted: Model, names: bool, free: Collection[str]) -> bool:
    if found.graph is None or wanted.graph is None:
        return found.graph is wanted.graph and _same_value(found.value, wanted.value)
    return not compare(found.graph, wanted.graph, names=names) and (
        _compiled(found.graph, free) == _compiled(wanted.graph, free)
    )


def _same_value(found: object, wanted: object) -> bool:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return same(plain_value(found), plain_value(wanted))
    return found is wanted


def _compiled(graph: Graph, free: Collection[str]) -> Compiled | None:
    """What `compile` was told, with the outputs' places for their names, without what is free."""
    told = graph.compiled
    if told is None:
        return None
    place = {name: str(number) for number, name in enumerate(graph.output_names)}
    metrics = {} if "metrics" in free else told.metrics
    return replace(
        told,
        optimizer=None if "optimizer" in free else told.optimizer,
        losses={place.get(name, name): loss for name, loss in told.losses.items()},
        loss_weights={place.get(name, name): weight for name, weight in told.loss_weights.items()},
        metrics={place.get(name, name): measured for name, measured in metrics.items()},
        unmatched_metrics=() if "metrics" in free else told.unmatched_metrics,
    )
