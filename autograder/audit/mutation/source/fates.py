"""What a grader makes of source mutants: each is run in the reference's place, as a submission would be."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from autograder.audit.examiner import Examiner
from autograder.audit.mutation.killing import Verdict, judged
from autograder.audit.mutation.source.mutants import SourceMutant
from autograder.checks import Subject
from autograder.checks.subject import Model
from autograder.checks.values import plain_value, same
from autograder.course import Assignment
from autograder.graph import compare


def source_verdicts(examiner: Examiner, made: Iterable[SourceMutant]) -> Iterator[Verdict]:
    """What becomes of each source mutant on the way of every submission: jail, evidence, checks, report."""
    for mutant in made:
        examined = examiner.of_sources({mutant.cell: mutant.source})
        verdict = judged(mutant, examined)
        if verdict.fate == "survived" and is_the_references(examiner.scheme.assignment, examined.subjects):
            verdict = dataclasses.replace(verdict, fate="equivalent")
        yield verdict


def is_the_references(assignment: Assignment, subjects: Mapping[str, Subject]) -> bool:
    """Whether every task has the reference's models and values: a right answer, however it is spelt."""
    return all(_is_right(subjects[task.id], names=task.names_fixed) for task in assignment.tasks)


def _is_right(found: Subject, *, names: bool) -> bool:
    wanted = found.reference
    assert wanted is not None
    if found.absence is not None or len(found.models) != len(wanted.models):
        return False
    return _same_value(found.value, wanted.value) and all(
        _same_model(one, other, names=names) for one, other in zip(found.models, wanted.models, strict=True)
    )


def _same_model(found: Model, wanted: Model, *, names: bool) -> bool:
    if found.graph is None or wanted.graph is None:
        return found.graph is wanted.graph and _same_value(found.value, wanted.value)
    return (
        not compare(found.graph, wanted.graph, names=names) and found.graph.compiled == wanted.graph.compiled
    )


def _same_value(found: object, wanted: object) -> bool:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return same(plain_value(found), plain_value(wanted))
    return found is wanted
