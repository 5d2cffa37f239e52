"""What a grader makes of mutants: whether each loses points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.audit.examiner import Examined, Examiner
from autograder.audit.mutation.mutants import Mutant, WrongAnswer, mutants
from autograder.checks import Subject
from autograder.feedback import TaskReport
from autograder.graph import compare
from autograder.sandbox import Run

Fate = Literal["killed", "survived", "equivalent", "unbuildable", "broken"]
"""`equivalent`: the right model after all; `unbuildable`: no model; `broken`: a check of the grader fails by
itself, which is no kill."""


@dataclass(frozen=True)
class Verdict:
    """A mutant's fate; where it was judged, the report that tells of it, and what broke where something did.

    The report is that of the first task that lost points, and else that of the mutant's own task.
    """

    mutant: WrongAnswer
    fate: Fate
    report: TaskReport | None = None
    trouble: str = ""


def mutants_of(run: Run) -> list[Mutant]:
    """Every mutant of the tasks that a reference solution's run has left evidence of."""
    documents = [json.loads(text) for cell in run.cells for text in cell.evidence]
    return [mutant for document in documents for mutant in mutants(document["task"], document)]


def verdicts(examiner: Examiner, made: Iterable[Mutant]) -> Iterator[Verdict]:
    """What becomes of each mutant on the way of every submission: evidence, checks, report."""
    for mutant in made:
        evidence = mutant.evidence()
        if evidence is None:
            yield Verdict(mutant, "unbuildable")
            continue
        examined = examiner.of_evidence({mutant.task: evidence})
        fate = _no_mutant(examined.subjects[mutant.task])
        if fate is not None:
            yield Verdict(mutant, fate)
            continue
        yield judged(mutant, examined)


def judged(mutant: WrongAnswer, examined: Examined) -> Verdict:
    """What the checks have made of a mutant: broken, killed, or survived."""
    own = (task for task in examined.judged.tasks if task.id == mutant.task)
    report = next(iter((*examined.lost, *own)))
    if examined.judged.troubles:
        return Verdict(mutant, "broken", report, examined.judged.troubles[0])
    return Verdict(mutant, "killed" if examined.lost else "survived", report)


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
