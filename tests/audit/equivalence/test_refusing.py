"""Right programs are different and can be used; what a grader refuses is found out and made small.

That they get full marks is the audit's to say: `tests/audit/test_proving.py`.
"""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.audit.equivalence import RULES, Equivalent, Refusal, equivalents, refusals, shrunk
from autograder.audit.equivalence.choices import Seeded
from autograder.audit.equivalence.programs import cell_of, normalised, written
from autograder.audit.equivalence.rules import rewrite
from autograder.audit.examiner import Examiner
from autograder.course import load_course
from autograder.course.tags import answer_of
from autograder.grading import GradingSession, Scheme, choose_isolation
from autograder.graph import activations
from autograder.sandbox import WarmInterpreter

pytestmark = pytest.mark.slow

STOPPING = ("1 / 0", "mended = classifier")


@dataclass(frozen=True)
class Found:
    """What came of right programs, all of it in one warm interpreter."""

    schemes: dict[str, Scheme]
    lost: Sequence[str]
    stopping: Sequence[Refusal]
    unknown: Sequence[Refusal]
    smallest: Equivalent


@pytest.fixture(scope="module")
def found() -> Found:
    course = load_course(Path(__file__).parents[3] / "course.yml")
    isolation = choose_isolation(course, unsafe=True)
    with GradingSession.open(course, isolation, start=WarmInterpreter.spawn) as session:
        session.prepare(course.assignments)
        names = [assignment.id for assignment in course.assignments]
        return examined({name: Examiner(session.scheme(name), session) for name in names})


def examined(examiners: dict[str, Examiner]) -> Found:
    """Judge some programs that are refused on purpose."""
    chain = examiners["functional-api"]
    stopping = [Equivalent("broken-chain", (), {"broken-chain-answer": source}) for source in STOPPING]
    with pytest.MonkeyPatch.context() as patch:
        # A grader that does not know what `layers.ReLU()` does.
        patch.delitem(activations._LAYERS, "ReLU")
        made = [program(chain.scheme, "broken-chain", seed) for seed in range(12)]
        unknown = list(refusals(chain, made))
        longest = max(unknown, key=lambda one: len(one.equivalent.rules))
        smallest = shrunk(chain, longest, seed=1)
    return Found(
        {name: examiner.scheme for name, examiner in examiners.items()},
        [task.id for task in examiners["capstone"].of_sources(mixed(examiners["capstone"].scheme)).lost],
        list(refusals(chain, stopping)),
        unknown,
        smallest,
    )


def program(scheme: Scheme, task: str, seed: int) -> Equivalent:
    """A program of a task that many rules have made."""
    return written(cell_of(scheme, task), task, Seeded(random.Random(seed), 0.3))


def mixed(scheme: Scheme) -> dict[str, str]:
    """Every answer of a notebook replaced."""
    made = [program(scheme, task.id, seed=5) for task in scheme.assignment.tasks]
    return {cell: text for one in made for cell, text in one.sources.items()}


def test_later_tasks_can_use_what_was_written_in_another_way(found: Found) -> None:
    """All answers of the capstone are replaced at once, and its notebook is run from top to bottom."""
    assert found.lost == []


def test_programs_are_different_the_same_every_time_and_spread_over_tasks(found: Found) -> None:
    scheme = found.schemes["shared-lstm"]
    made, again, others = equivalents(scheme, 60, 1), equivalents(scheme, 60, 1), equivalents(scheme, 60, 2)

    texts = [normalised(one.text) for one in made]
    assert len(set(texts)) == 60
    assert texts == [normalised(one.text) for one in again]
    assert set(texts) != {normalised(one.text) for one in others}
    assert set(Counter(one.task for one in made).values()) == {20}
    assert all(one.rules and set(one.rules) <= RULES.keys() for one in made)
    assert all(one.sources.keys() == {answer_of(one.task)} for one in made)
    for text in texts:
        ast.parse(text)


def test_every_rule_is_of_use_somewhere_in_the_course(found: Found) -> None:
    cells = [
        cell_of(scheme, task.id) for scheme in found.schemes.values() for task in scheme.assignment.tasks
    ]

    def is_used(rule: str) -> bool:
        choices = Seeded(random.Random(1), 1, (rule,))
        return any(rewrite(cell.again(), choices) and choices.used for cell in cells)

    assert [rule for rule in RULES if not is_used(rule)] == []


def test_what_stops_is_refused_with_its_error_and_what_is_wrong_with_its_report(found: Found) -> None:
    stopped, wrong = found.stopping

    assert (stopped.trouble, stopped.report) == ("error ZeroDivisionError: division by zero", None)
    assert wrong.trouble == ""
    assert wrong.report is not None
    assert wrong.report.score < wrong.report.points


def test_what_is_refused_is_shrunk_to_the_one_rule_that_the_grader_does_not_know(found: Found) -> None:
    assert len(found.unknown) > 1
    assert max(len(refusal.equivalent.rules) for refusal in found.unknown) > 2
    (rule,) = found.smallest.rules
    assert rule.startswith("activation")
    assert found.smallest.text.count("layers.ReLU()") == 1
