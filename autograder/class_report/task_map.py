"""Maps a task: the graph that it wants, and how many learners went wrong at each place of it.

Differences name the calls of the wanted graph that they are about, and that graph is the same for everybody.
So what different learners have done wrong can be counted at its calls, whatever their own graphs are like.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from autograder.class_report.mistakes import UNREADABLE, PlainGraph
from autograder.class_report.model import CallCount, Mark, TaskMap
from autograder.feedback import TaskReport
from autograder.graph import DifferenceKind
from autograder.messages import Message

Place = tuple[DifferenceKind, tuple[int, ...], tuple[tuple[int, int], ...]]
"""A kind of difference, the calls that it is about, and the wires."""


@dataclass
class _Marked:
    """A wanted graph, and what was found wrong in pictures that were compared with it."""

    graph: Mapping[str, Any]
    learners: int = 0
    elsewhere: int = 0
    calls: Counter[int] = field(default_factory=Counter)
    places: dict[Place, Counter[str]] = field(default_factory=dict)

    def add(self, differences: list[dict[str, Any]], found: PlainGraph) -> None:
        wanted = PlainGraph(self.graph)
        said: dict[Place, str] = {}
        for difference in differences:
            if difference["wanted_calls"]:
                place = _place(difference, found, wanted)
                # Several settings of one layer are one place at which one learner went wrong.
                said.setdefault(place, json.dumps([difference["message"], difference["where"]]))
        self.learners += 1
        self.elsewhere += any(not difference["wanted_calls"] for difference in differences)
        self.calls.update({call for _, calls, _ in said for call in calls})
        for place, words in said.items():
            self.places.setdefault(place, Counter())[words] += 1

    def marks(self) -> list[Mark]:
        """Return what was wrong, most frequent first."""
        made = []
        for (kind, calls, wires), words in self.places.items():
            message, where = json.loads(words.most_common(1)[0][0])
            made.append(
                Mark(
                    kind=kind,
                    calls=list(calls),
                    wires=list(wires),
                    count=words.total(),
                    message=Message.model_validate(message),
                    where=Message.model_validate(where),
                )
            )
        return sorted(made, key=lambda mark: -mark.count)


class MapTally:
    """A task's maps, one for each graph that was wanted: a function is called on inputs of several sizes."""

    def __init__(self) -> None:
        self._wanted: dict[Hashable, _Marked] = {}

    def add(self, task: TaskReport) -> None:
        """Count what differs in a learner's picture."""
        if not task.attempted or task.target is None or task.drawing is None or not task.drawing.differences:
            return
        graph = task.target.graph
        with suppress(*UNREADABLE):
            marked = self._wanted.setdefault(_outline(graph), _Marked(graph))
            marked.add(task.drawing.differences, PlainGraph(task.drawing.graph))

    def task_map(self) -> TaskMap | None:
        """Return the map of the graph that most pictures were compared with; None where there is none."""
        best = max(self._wanted.values(), key=lambda marked: marked.learners, default=None)
        if best is None or not best.places:
            return None
        return TaskMap(
            graph=dict(best.graph),
            learners=best.learners,
            elsewhere=best.elsewhere,
            calls=[CallCount(call=call, count=count) for call, count in sorted(best.calls.items())],
            marks=best.marks(),
        )


def _outline(graph: Mapping[str, Any]) -> Hashable:
    """Return what identifies a graph: its calls and wires. Keras makes up other names in every run."""
    kinds = {operation["id"]: operation["kind"] for operation in graph["operations"]}
    calls = (
        (call["id"], kinds[call["operation"]], call["operation"], call["inputs"]) for call in graph["calls"]
    )
    return json.dumps([*calls])


def _place(difference: Mapping[str, Any], found: PlainGraph, wanted: PlainGraph) -> Place:
    """Return where in the wanted graph a difference is: at which calls, and on which wires into them.

    A difference names wires between the learner's calls. Which wire is meant here is known where a single one
    into each of the calls comes from a layer of that kind.
    """
    calls = tuple(difference["wanted_calls"])
    kinds = {found.kind(source) for source, _ in difference["absent_wires"]}
    wires = [
        (source, reader)
        for reader in calls
        for source in dict.fromkeys(wanted.sources(reader))
        if wanted.kind(source) in kinds
    ]
    return difference["kind"], calls, tuple(wires) if len(wires) == len(calls) else ()
