"""Carries errors forward, so that an earlier task's mistake is not counted again in a later one.

Where a task's function or model lost points and a later task that uses it did, too, the notebook is run once
more. After the earlier task's check its name then refers to a stand-in (`evidence.stand_in`), and what the
later task builds with it is judged with the reference's graph in the stand-in's place. One such run tells two
mistakes in a row apart, because each task is checked before its own stand-in is put in place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.checks import Subject, plain_value, read_subject
from autograder.evidence import Evidence, KnownCall, ModelEvidence, Replacement, TensorRequest, read
from autograder.feedback import Drawing, TaskReport
from autograder.grading.restore import RestoredCell
from autograder.graph import Graph, from_plain, outline, plain
from autograder.sandbox import Run

Replacements = Mapping[str, Replacement]
"""What is put in place after the graded cells of tasks, by task id."""


@dataclass(frozen=True)
class Part:
    """What a task hands on to later ones in the reference solution: its name, its calls, and their graphs."""

    name: str
    parameters: list[list[Any]] | None = None
    calls: list[KnownCall] = field(default_factory=list)
    graphs: list[Graph] = field(default_factory=list)

    @property
    def replacement(self) -> Replacement:
        """The stand-in that replaces it."""
        return {"name": self.name, "parameters": self.parameters, "calls": self.calls}


@dataclass(frozen=True)
class SecondRun:
    """What is judged once more: the cells to run, the tasks to judge, and the stand-ins to use."""

    cells: Sequence[RestoredCell]
    tasks: frozenset[str]
    stand_ins: Replacements


def checked_names(cells: Sequence[RestoredCell]) -> dict[str, str]:
    """Return the name that each task's graded cell passes to `check`, where it passes a name."""
    names = {}
    for cell in cells:
        if cell.task is None:
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and len(node.args) == 2 and isinstance(node.args[1], ast.Name):
                names[cell.task] = node.args[1].id
    return names


def recordings(cells: Sequence[RestoredCell]) -> dict[str, Replacement]:
    """Return replacements that record how the reference solution's later tasks call earlier functions."""
    return {task: {"name": name} for task, name in checked_names(cells).items()}


def parts_of(cells: Sequence[RestoredCell], run: Run) -> dict[str, Part]:
    """Return what the tasks of a reference solution hand on to later ones, from a run with `recordings`."""
    found = {}
    documents = [(cells[result.index].task, read(text)) for result in run.cells for text in result.evidence]
    for task, name in checked_names(cells).items():
        called = [document for place, document in documents if document.task == task != place]
        own = [document for place, document in documents if document.task == task == place]
        if called:
            found[task] = _function(task, name, called)
        elif own and own[-1].arguments and own[-1].arguments[0]["kind"] == "model":
            graph = read_subject(task, own).model.graph
            if graph is not None:
                found[task] = Part(name, None, [_known(own[-1].arguments[0]["model"], None, "")], [graph])
    return found


def without_recordings(cells: Sequence[RestoredCell], run: Run) -> Run:
    """Return a run as it would be without `recordings`: each cell has only its own task's evidence."""
    return replace(
        run,
        cells=[
            replace(
                result,
                evidence=[text for text in result.evidence if read(text).task == cells[result.index].task],
            )
            for result in run.cells
        ],
    )


def second_run(
    cells: Sequence[RestoredCell],
    reports: Sequence[TaskReport],
    parts: Mapping[str, Part],
    untouched: Collection[str],
) -> SecondRun | None:
    """Return what of a submission must be judged once more; None where that can change nothing.

    Args:
        cells: the submission's cells.
        reports: its tasks as they were judged.
        parts: what each task hands on to later ones in the reference solution.
        untouched: the tasks whose answers are still the starter code; nothing is carried forward to them.
    """
    places = {cell.task: number for number, cell in enumerate(cells) if cell.task is not None}
    lost = [task.id for task in reports if task.score < task.points and task.id in places]
    stand_ins = {}
    again: set[str] = set()
    for earlier in lost:
        later = [task for task in lost if task not in untouched and places[task] > places[earlier]]
        if earlier not in parts or not later:
            continue
        last = max(places[task] for task in later)
        used = re.compile(rf"\b{re.escape(parts[earlier].name)}\b")
        if any(used.search(cell.source) for cell in cells[places[earlier] + 1 : last + 1]):
            stand_ins[earlier] = parts[earlier].replacement
            again.update(later)
    if not stand_ins:
        return None
    return SecondRun(cells[: max(places[task] for task in again) + 1], frozenset(again), stand_ins)


def better(
    first: Sequence[TaskReport],
    again: Sequence[TaskReport],
    subjects: Mapping[str, Subject],
    numbers: Mapping[str, int],
) -> list[TaskReport]:
    """Return each task's report: for a task built on stand-ins the second one, unless its score is lower.

    Args:
        first: the tasks as they were judged.
        again: the tasks that were judged with stand-ins.
        subjects: what the checks then looked at.
        numbers: each task's number in the assignment, from 1.
    """
    second = {task.id: task for task in again}
    chosen: list[TaskReport] = []
    for before in first:
        after = second.get(before.id)
        on = subjects[before.id].built_on if after is not None else ()
        if after is None or not on or after.score < before.score:
            chosen.append(before)
        else:
            carried = _where_it_was_lost(chosen, on, numbers)
            chosen.append(after.model_copy(update={"carried": carried, "drawing": _outlined(after.drawing)}))
    return chosen


def _outlined(drawing: Drawing | None) -> Drawing | None:
    """Return a drawing of calls and shapes only: a stand-in's settings are the earlier task's solution."""
    if drawing is None:
        return None
    return drawing.model_copy(update={"graph": plain(outline(from_plain(drawing.graph)))})


def _where_it_was_lost(
    earlier: Sequence[TaskReport], on: Collection[str], numbers: Mapping[str, int]
) -> list[int]:
    """Return the numbers of the tasks that lost the points: those in `on`, or the ones these build on."""
    found: set[int] = set()
    for task in earlier:
        if task.id in on:
            found.update([numbers[task.id]] if task.score < task.points else task.carried)
    return sorted(found)


def _function(task: str, name: str, called: Sequence[Evidence]) -> Part:
    parameters = plain_value(called[0].arguments[0])
    part = Part(name, parameters)
    for document in called:
        (probe,) = document.probes
        graph = read_subject(task, [document]).model.graph
        if graph is None or probe.result is None:
            continue
        asked = [
            {"value": item.value} if item.shape is None else {"shape": list(item.shape), "dtype": item.dtype}
            for item in probe.inputs
        ]
        part.calls.append(_known(probe.result, asked, probe.returned))
        part.graphs.append(graph)
    return part


def _known(model: ModelEvidence, inputs: list[dict[str, Any]] | None, returned: str) -> KnownCall:
    index = model["graph"]
    assert index is not None, "the reference solution made a model that cannot be looked at"
    graph: Mapping[str, Any] = model["graphs"][index]

    def told(side: str) -> list[TensorRequest]:
        keys = graph.get(f"{side}_keys") or graph[f"{side}_names"]
        found: list[TensorRequest] = []
        for (call, output), name in zip(graph[f"{side}s"], keys, strict=True):
            symbol = graph["calls"][call]["outputs"][output]
            found.append({"shape": symbol["shape"][1:], "dtype": symbol["dtype"], "name": name})
        return found

    outputs = told("output")
    several = returned in ("list", "tuple") if inputs is not None else len(outputs) > 1
    return {"inputs": inputs, "model_inputs": told("input"), "outputs": outputs, "several": several}
