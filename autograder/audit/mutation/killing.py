"""What a grader makes of mutants: whether each loses points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from autograder.audit.examiner import Examined, Examiner
from autograder.audit.mutation.mutants import Mutant, WrongAnswer, mutants
from autograder.audit.mutation.rightness import is_right
from autograder.checks import Subject
from autograder.course import Assignment
from autograder.sandbox import Run

Fate = Literal["killed", "survived", "free", "equivalent", "unbuildable", "broken"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""`free`: the task leaves it to the learner (`course.yml`); `equivalent`: the right model after all;
`unbuildable`: no model; `broken`: a check of the grader fails by itself, which is no kill."""


@dataclass(frozen=True)
class Verdict:
    """A mutant's fate, what was made of it where it was judged, and what broke where something did."""

    mutant: WrongAnswer
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
        subjects = examiner.subjects_with(evidence, evidence).values()
        if not all(_built(subject) for subject in subjects):
            yield Verdict(mutant, "unbuildable")
        elif all(is_right(subject, names=True) for subject in subjects):
            yield Verdict(mutant, "equivalent")
        else:
            yield judged(mutant, examiner.of_evidence(evidence), examiner.scheme.assignment)


def judged(mutant: WrongAnswer, examined: Examined, assignment: Assignment) -> Verdict:
    """What the checks have made of a mutant; what loses no points may be right, or left to the learner."""
    if examined.judged.troubles:
        return Verdict(mutant, "broken", examined, examined.judged.troubles[0])
    if examined.lost:
        return Verdict(mutant, "killed", examined)
    tasks = [(examined.subjects[task.id], task.leaves_free) for task in assignment.tasks]
    if all(is_right(subject, names=False) for subject, _ in tasks):
        return Verdict(mutant, "equivalent", examined)
    if all(is_right(subject, names=False, free=free) for subject, free in tasks):
        return Verdict(mutant, "free", examined)
    return Verdict(mutant, "survived", examined)


def _built(subject: Subject) -> bool:
    """Whether there is an answer to be judged, and not a model that Keras would not have built."""
    return subject.absence is None and all(model.failure is None for model in subject.models)
