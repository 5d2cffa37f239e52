"""One worker grades one submission after the other, whatever happens to one of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import load_course
from autograder.feedback import Isolation
from autograder.grading import worker
from autograder.grading.grade import GradedSubmission, without_run
from autograder.grading.submission import Submission
from autograder.messages import message
from autograder.sandbox import Limits, WarmInterpreterGone

ASSIGNMENT = load_course(Path(__file__).parents[2] / "course.yml").assignment("inception")
ISOLATION = Isolation(level="none")
SUBMISSION = Submission("kim", "inception", Path("inception.ipynb"))


class Warm:
    """A warm interpreter that is only there, or gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.gone = gone
        self.hide = ("/course",)
        self.closed = False

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[Warm]:
    """The warm interpreters that are started in place of others."""
    made: list[Warm] = []

    def spawn(hide: tuple[str, ...]) -> Warm:
        assert hide == ("/course",)
        made.append(Warm())
        return made[-1]

    monkeypatch.setattr(worker, "WarmInterpreter", SimpleNamespace(spawn=spawn))
    return made


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[str | Exception]:
    """What each grading comes to, in turn; then all are graded."""
    told: list[str | Exception] = []

    def grade(submission: Submission, scheme: Any, warm: Warm, *_: object) -> GradedSubmission:
        if warm.gone:
            raise WarmInterpreterGone(message("The warm interpreter is gone; it must be started again."))
        outcome = told.pop(0) if told else "graded"
        if isinstance(outcome, Exception):
            raise outcome
        return GradedSubmission(without_run(submission, scheme.assignment, outcome, [], ISOLATION))

    monkeypatch.setattr(worker, "grade_submission", grade)
    return told


def grade(graded_by: worker.Worker, **more: Any) -> tuple[GradedSubmission, Any]:
    scheme: Any = SimpleNamespace(assignment=ASSIGNMENT)
    checker: Any = None
    return graded_by.grade(SUBMISSION, scheme, checker, ISOLATION, **more)


def a_worker(warm: Warm) -> worker.Worker:
    given: Any = warm
    return worker.Worker(given, Limits())


def test_a_fault_of_the_graders_own_is_a_report(outcomes: list[str | Exception]) -> None:
    """It says so, has the traceback for the author, and costs the next one nothing."""
    outcomes.append(RuntimeError("a fault"))
    with a_worker(Warm()) as one:
        broken, kept = grade(one)
        after, _ = grade(one)

    assert (broken.report.outcome, kept) == ("broken", None)
    assert "RuntimeError: a fault" in broken.troubles[0]
    assert after.report.outcome == "graded"


def test_a_warm_interpreter_that_is_gone_is_replaced(
    outcomes: list[str | Exception],
    spawned: list[Warm],
) -> None:
    """By a new process, not by a fork of this one; the submission is graded, and the new one stays."""
    with a_worker(Warm(gone=True)) as one:
        first, _ = grade(one)
        second, _ = grade(one)
        assert [warm.closed for warm in spawned] == [False]

    assert [first.report.outcome, second.report.outcome] == ["graded", "graded"]
    assert [warm.closed for warm in spawned] == [True]


def test_what_is_kept_is_made_where_it_was_graded(outcomes: list[str | Exception]) -> None:
    """Of a report that is not final nothing is kept, and a fault in keeping is the grader's own."""
    outcomes += ["graded", "broken", "graded"]

    def fail(*_: object) -> None:
        raise OSError("no room")

    with a_worker(Warm()) as one:
        assert grade(one, keep=lambda *_: "kept")[1] == "kept"
        assert grade(one, keep=lambda *_: "kept")[1] is None
        assert grade(one, keep=fail)[0].report.outcome == "broken"
