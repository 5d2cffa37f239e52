"""What a grader makes of source mutants: each is run in the reference's place, as a submission would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.audit.examiner import Examiner
from autograder.audit.mutation.killing import Verdict, judged
from autograder.audit.mutation.source.mutants import SourceMutant


def source_verdicts(examiner: Examiner, made: Iterable[SourceMutant]) -> Iterator[Verdict]:
    """What becomes of each source mutant on the way of every submission: jail, evidence, checks, report."""
    for mutant in made:
        examined = examiner.of_sources({mutant.cell: mutant.source})
        yield judged(mutant, examined, examiner.scheme.assignment)
