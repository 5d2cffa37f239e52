"""Source mutants of reference solutions, run as submissions are: what becomes of each is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.audit.examiner import Examiner
from autograder.audit.messages import first_failed
from autograder.audit.mutation.killing import Verdict, source_verdicts
from autograder.audit.mutation.mutants import sample
from autograder.audit.mutation.source.mutants import SourceMutant, source_mutants
from autograder.course import load_course
from autograder.grading import GradingSession, choose_isolation
from autograder.sandbox import WarmInterpreter

pytestmark = pytest.mark.slow

EACH = 4
COURSE = load_course(Path(__file__).parents[4] / "course.yml")
ASSIGNMENTS = [
    assignment for assignment in COURSE.assignments if assignment.id in ("multi-input", "residual-projection")
]
Found = tuple[dict[str, list[SourceMutant]], list[Verdict]]

# One of each fate, and a slip that makes no model: task, what, fate, what the report says.
KNOWN = [
    ("two-inputs", 'line 13: reader.compile: without metrics=["accuracy"]', "free", None),
    ("residual-block", "line 8: y and projection exchanged", "equivalent", None),
    ("residual-block", "line 6: layers.Conv2D: without filters", "killed", "TypeError"),
    ("residual-block", "line 8: concatenate instead of add", "killed", "Concatenate"),
    ("residual-block", "line 8: layers.add([y, projection]) is not returned", "killed", "None"),
    (
        "residual-block",
        "line 8: without the ) of return layers.add([y, projection])",
        "killed",
        "SyntaxError",
    ),
    ("add-shapes", 'line 2: "equal": 127 instead of 128', "killed", "14, 14, 127"),
]


def known(mutant: SourceMutant) -> bool:
    return (mutant.task, mutant.what) in {(task, what) for task, what, _, _ in KNOWN}


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    """All mutants of two assignments, and the verdicts of some of them: a sample, and the known ones."""
    isolation = choose_isolation(COURSE, unsafe=True)
    with GradingSession.open(COURSE, isolation, start=WarmInterpreter.spawn) as session:
        session.prepare(ASSIGNMENTS)
        schemes = [session.scheme(assignment.id) for assignment in ASSIGNMENTS]
        made = {scheme.assignment.id: source_mutants(scheme) for scheme in schemes}
        verdicts: list[Verdict] = []
        for scheme in schemes:
            mutants = made[scheme.assignment.id]
            chosen = sample(mutants, EACH, seed=5)
            chosen += [one for one in mutants if known(one) and one not in chosen]
            verdicts += source_verdicts(Examiner(scheme, session), chosen)
        yield made, verdicts


def test_every_answer_cell_has_mutants(found: Found) -> None:
    for assignment in ASSIGNMENTS:
        mutants = found[0][assignment.id]
        assert {mutant.task for mutant in mutants} == {task.id for task in assignment.tasks}
        assert len(mutants) >= 150
        assert len({(mutant.cell, mutant.source) for mutant in mutants}) == len(mutants)
        assert not any("### " in mutant.source for mutant in mutants)


def test_no_mutant_makes_a_check_break(found: Found) -> None:
    assert [(one.mutant, one.trouble) for one in found[1] if one.fate == "broken"] == []


def test_a_wrong_program_loses_points(found: Found) -> None:
    assert [one.mutant for one in found[1] if one.fate == "survived"] == []


@pytest.mark.parametrize(("task", "what", "fate", "says"), KNOWN, ids=[what for _, what, _, _ in KNOWN])
def test_what_becomes_of_a_mutant(found: Found, task: str, what: str, fate: str, says: str | None) -> None:
    (verdict,) = (one for one in found[1] if (one.mutant.task, one.mutant.what) == (task, what))
    assert verdict.fate == fate
    assert verdict.examined is not None
    failed = first_failed(verdict.examined.telling(task))
    failure = failed.failure if failed is not None else None
    assert (failure is None) == (says is None)
    if failure is not None and says is not None:
        assert failure.found is not None
        assert says in str(failure.found.text) + str(failure.found.values)
