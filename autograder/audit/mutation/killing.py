"""What a grader makes of mutants: whether each loses points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from autograder.audit.examiner import Examined, Examiner
from autograder.audit.mutation.mutants import Mutant, mutants
from autograder.checks import Subject
from autograder.course import Assignment
from autograder.graph import Compiled, Graph, compare
from autograder.sandbox import Run

Fate = Literal["killed", "survived", "free", "equivalent", "unbuildable", "broken"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""`free`: the task leaves it to the learner (`course.yml`); `equivalent`: the right model after all;
`unbuildable`: no model; `broken`: a check of the grader fails by itself, which is no kill."""


@dataclass(frozen=True)
class Verdict:
    """A mutant's fate, what was made of it where it was judged, and what broke where something did."""

    mutant: Mutant
    fate: Fate
    examined: Examined | None = None
    trouble: str = ""


def mutants_of(run: Run) -> list[Mutant]:
    """Every mutant of the tasks that a reference solution's run has left evidence of."""
    documents = [json.loads(text) for cell in run.cells for text in cell.evidence]
    return list(mutants({document["task"]: document for document in documents}))


def verdicts(examiner: Examiner, made: Iterable[Mutant]) -> Iterator[Verdict]:
    """What becomes of each mutant on the way of every submission: evidence, checks, report."""
    for mutant in made:
        evidence = mutant.evidence()
        if evidence is None:
            yield Verdict(mutant, "unbuildable")
            continue
        subjects = [examiner.subjects_with(evidence)[task] for task in evidence]
        if not all(_built(subject) for subject in subjects):
            yield Verdict(mutant, "unbuildable")
            continue
        if all(same(subject, names=True) for subject in subjects):
            yield Verdict(mutant, "equivalent")
            continue
        examined = examiner.of_evidence(evidence)
        if examined.judged.troubles:
            yield Verdict(mutant, "broken", examined, examined.judged.troubles[0])
        elif examined.lost:
            yield Verdict(mutant, "killed", examined)
        elif all(same(subject, names=False) for subject in subjects):
            yield Verdict(mutant, "equivalent", examined)
        else:
            fate: Fate = "free" if _left_free(examiner.scheme.assignment, mutant) else "survived"
            yield Verdict(mutant, fate, examined)


def _built(subject: Subject) -> bool:
    """Whether there is an answer to be judged, and not a model that Keras would not have built."""
    return subject.absence is None and all(model.failure is None for model in subject.models)


def same(subject: Subject, *, names: bool) -> bool:
    """Whether a task's models are the reference's, in their graphs and in what `compile` made of them.

    `names` says that the names of inputs and outputs count. False for a task without models.
    """
    assert subject.reference is not None
    pairs = [
        (found.graph, wanted.graph)
        for found, wanted in zip(subject.models, subject.reference.models, strict=True)
        if found.graph is not None and wanted.graph is not None
    ]
    return bool(pairs) and all(
        not compare(found, wanted, names=names) and _compiled(found) == _compiled(wanted)
        for found, wanted in pairs
    )


def _compiled(graph: Graph) -> Compiled | None:
    """What `compile` was told, with the outputs' places for their names."""
    told = graph.compiled
    if told is None:
        return None
    place = {name: str(number) for number, name in enumerate(graph.output_names)}
    return replace(
        told,
        losses={place.get(name, name): loss for name, loss in told.losses.items()},
        loss_weights={place.get(name, name): weight for name, weight in told.loss_weights.items()},
        metrics={place.get(name, name): metrics for name, metrics in told.metrics.items()},
    )


def _left_free(assignment: Assignment, mutant: Mutant) -> bool:
    return mutant.setting in assignment.task(mutant.task).leaves_free
