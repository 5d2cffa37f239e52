"""What a grader makes of mutants: whether each loses points."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.audit.mutation.mutants import Mutant, mutants
from autograder.checks import Checker, Subject
from autograder.course import Course
from autograder.course.source import read_source
from autograder.feedback import TaskReport
from autograder.grading import Scheme, given_out, limits_of, restore
from autograder.grading.judge import judge, subjects_of
from autograder.grading.restore import RestoredCell
from autograder.grading.scheme import run_cells
from autograder.graph import compare
from autograder.sandbox import Level, Run, WarmInterpreter

Fate = Literal["killed", "survived", "equivalent", "unbuildable", "broken"]
"""`equivalent`: the right model after all; `unbuildable`: no model; `broken`: a check of the grader fails by
itself, which is no kill."""


@dataclass(frozen=True)
class Verdict:
    """A mutant's fate; the report of its task where it was judged, and what broke where something did."""

    mutant: Mutant
    fate: Fate
    report: TaskReport | None = None
    trouble: str = ""


def reference_run(
    course: Course, scheme: Scheme, warm: WarmInterpreter, level: Level
) -> tuple[list[RestoredCell], Run]:
    """The cells of an assignment's reference solution, and what running them leaves."""
    notebook = read_source(course, scheme.assignment)
    restored = restore(notebook, given_out(notebook), [task.id for task in scheme.assignment.tasks])
    return restored.cells, run_cells(warm, restored, scheme.probes, limits_of(course), level)


def mutants_of(run: Run) -> list[Mutant]:
    """Every mutant of the tasks that a reference solution's run has left evidence of."""
    documents = [json.loads(text) for cell in run.cells for text in cell.evidence]
    return [mutant for document in documents for mutant in mutants(document["task"], document)]


def verdicts(
    scheme: Scheme, cells: Sequence[RestoredCell], run: Run, made: Iterable[Mutant], checker: Checker
) -> Iterator[Verdict]:
    """What becomes of each mutant on the way of every submission: evidence, checks, report.

    Args:
        scheme: the assignment's marking scheme.
        cells: the reference solution's cells.
        run: what running them has left.
        made: mutants of the scheme's tasks.
        checker: runs the scheme's grader.
    """
    for mutant in made:
        evidence = mutant.evidence()
        if evidence is None:
            yield Verdict(mutant, "unbuildable")
            continue
        mutated = _with(run, cells, mutant.task, evidence)
        subjects = subjects_of(scheme.assignment, cells, mutated, scheme.references)
        fate = _no_mutant(subjects[mutant.task])
        if fate is not None:
            yield Verdict(mutant, fate)
            continue
        judged = judge(scheme.assignment, scheme.grader, checker, subjects)
        report = next(task for task in judged.tasks if task.id == mutant.task)
        if judged.troubles:
            yield Verdict(mutant, "broken", report, judged.troubles[0])
        else:
            yield Verdict(mutant, "killed" if report.score < report.points else "survived", report)


def _with(run: Run, cells: Sequence[RestoredCell], task: str, evidence: bytes) -> Run:
    """The run, with other evidence of one task."""
    index = next(number for number, cell in enumerate(cells) if cell.task == task)
    changed = [
        dataclasses.replace(cell, evidence=[evidence]) if cell.index == index else cell for cell in run.cells
    ]
    return dataclasses.replace(run, cells=changed)


def _no_mutant(subject: Subject) -> Fate | None:
    """Whether there is no wrong model to be judged: Keras would not have built it, or it is the right one."""
    assert subject.reference is not None
    if subject.absence is not None or any(model.failure is not None for model in subject.models):
        return "unbuildable"
    pairs = [
        (found.graph, wanted.graph)
        for found, wanted in zip(subject.models, subject.reference.models, strict=True)
        if found.graph is not None and wanted.graph is not None
    ]
    same = bool(pairs) and all(
        not compare(found, wanted, names=False) and found.compiled == wanted.compiled
        for found, wanted in pairs
    )
    return "equivalent" if same else None
