"""Judges mutants by a grader: whether each loses points."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from autograder.audit.examiner import Examined, Examiner
from autograder.audit.mutation.mutants import Mutant, WrongAnswer, mutants
from autograder.audit.mutation.source.mutants import SourceMutant
from autograder.audit.mutation.source.non_answers import OPERATOR as NO_ANSWER
from autograder.checks import Subject
from autograder.checks.expectations.compiling import resolved
from autograder.checks.subject import Model
from autograder.checks.values import plain_value, same
from autograder.course import Assignment
from autograder.evidence import Value
from autograder.graph import Compiled, Graph, compare
from autograder.sandbox import Run

Fate = Literal["killed", "survived", "free", "equivalent", "unbuildable", "broken"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""`free`: the task leaves it to the learner (`course.yml`); `equivalent`: the right model after all;
`unbuildable`: no model; `broken`: a check of the grader fails by itself, which is no kill."""


@dataclass(frozen=True)
class Verdict:
    """A mutant's fate, the result where it was judged, and what broke where something did."""

    mutant: WrongAnswer
    fate: Fate
    examined: Examined | None = None
    trouble: str = ""


def mutants_of(run: Run) -> list[Mutant]:
    """Return every mutant of the tasks for which a reference solution's run has left evidence."""
    documents = [json.loads(text) for cell in run.cells for text in cell.evidence]
    return list(mutants({document["task"]: document for document in documents}))


def verdicts(examiner: Examiner, made: Iterable[Mutant]) -> Iterator[Verdict]:
    """Yield each mutant's fate, found as for every submission: evidence, checks, report."""
    for mutant in made:
        evidence = mutant.evidence()
        if evidence is None:
            yield Verdict(mutant, "unbuildable")
            continue
        subjects = examiner.subjects_with(evidence, evidence).values()
        if not all(_built(subject) for subject in subjects):
            yield Verdict(mutant, "unbuildable")
        elif all(is_right(subject, names=True) for subject in subjects):
            yield Verdict(mutant, "equivalent")
        else:
            yield judged(mutant, examiner.of_evidence(evidence), examiner.scheme.assignment)


def judged(mutant: WrongAnswer, examined: Examined, assignment: Assignment) -> Verdict:
    """Return a mutant's fate by the checks; one that loses no points may be right, or left to the learner."""
    if examined.judged.troubles:
        return Verdict(mutant, "broken", examined, examined.judged.troubles[0])
    if mutant.operator == NO_ANSWER:
        score = next(task.score for task in examined.judged.tasks if task.id == mutant.task)
        nothing = assignment.task(mutant.task).stub_scores
        return Verdict(mutant, "killed" if score <= nothing else "survived", examined)
    if examined.lost:
        return Verdict(mutant, "killed", examined)
    tasks = [(examined.subjects[task.id], task.leaves_free) for task in assignment.checked]
    if all(is_right(subject, names=False) for subject, _ in tasks):
        return Verdict(mutant, "equivalent", examined)
    if all(is_right(subject, names=False, free=free) for subject, free in tasks):
        return Verdict(mutant, "free", examined)
    return Verdict(mutant, "survived", examined)


def _built(subject: Subject) -> bool:
    """Return whether there is an answer to judge, and not a model that Keras would not have built."""
    return subject.absence is None and all(model.failure is None for model in subject.models)


def source_verdicts(examiner: Examiner, made: Iterable[SourceMutant]) -> Iterator[Verdict]:
    """Yield each source mutant's fate, found as for every submission: jail, evidence, checks, report."""
    for mutant in made:
        examined = examiner.of_sources({mutant.cell: mutant.source})
        yield judged(mutant, examined, examiner.scheme.assignment)


def is_right(subject: Subject, *, names: bool, free: Collection[str] = ()) -> bool:
    """Return whether a task has the reference's models, by graph and effect of `compile`, and its values.

    `names` says whether the names of inputs and outputs count; `free` are arguments of `compile` that do not.
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


def _same_value(found: Value | None, wanted: Value | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return same(plain_value(found), plain_value(wanted))


def _compiled(graph: Graph, free: Collection[str]) -> Compiled | None:
    """Return what `compile` was told, with outputs' places for their names, and without what is free."""
    told = graph.compiled
    if told is None:
        return None
    place = {name: str(number) for number, name in enumerate(graph.output_names)}
    metrics = (
        {}
        if "metrics" in free
        else {name: tuple(resolved(given, name, graph)) for name, given in told.metrics.items()}
    )
    return replace(
        told,
        optimizer=None if "optimizer" in free else told.optimizer,
        losses={place.get(name, name): loss for name, loss in told.losses.items()},
        loss_weights={place.get(name, name): weight for name, weight in told.loss_weights.items()},
        metrics={place.get(name, name): measured for name, measured in metrics.items()},
        unmatched_metrics=() if "metrics" in free else told.unmatched_metrics,
    )
