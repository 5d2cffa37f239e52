"""A session grades one submission after the other, whatever happens to one of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import load_course
from autograder.feedback import Isolation
from autograder.grading import session
from autograder.grading.grade import GradedSubmission, without_run
from autograder.grading.session import GradingSession
from autograder.grading.submission import Submission
from autograder.messages import message, render
from autograder.sandbox import Run, SandboxError, WarmInterpreterGone

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
ISOLATION = Isolation(level="none")
SUBMISSION = Submission("kim", "inception", Path("inception.ipynb"))


class Warm:
    """A warm interpreter that is only there, or gone."""

    def __init__(self, *, gone: bool = False, lost: int = 0) -> None:
        self.gone = gone
        self.lost = lost
        self.runs = 0
        self.hide = ("/course",)
        self.closed = False

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def run(self, _request: object) -> Run:
        if self.gone:
            raise WarmInterpreterGone(message("The warm interpreter is gone; it must be started again."))
        self.runs += 1
        return Run([], "none", lost=self.runs <= self.lost)


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[Warm]:
    """The warm interpreters that are started in place of others."""
    made: list[Warm] = []

    def spawn(hide: tuple[str, ...]) -> Warm:
        assert hide == ("/course",)
        made.append(Warm())
        return made[-1]

    monkeypatch.setattr(session, "WarmInterpreter", SimpleNamespace(spawn=spawn))
    return made


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[str | Exception]:
    """What each grading comes to, in turn; then all are graded."""
    told: list[str | Exception] = []

    def grade(submission: Submission, scheme: Any, run_cells: Any, *_: object) -> GradedSubmission:
        run_cells([], {})
        outcome = told.pop(0) if told else "graded"
        if isinstance(outcome, Exception):
            raise outcome
        return GradedSubmission(without_run(submission, scheme.assignment, outcome, [], ISOLATION))

    monkeypatch.setattr(session, "grade_submission", grade)
    return told


def grade(graded_by: GradingSession, **more: Any) -> GradedSubmission:
    return graded_by.grade(SUBMISSION, **more)


def a_session(warm: Warm) -> GradingSession:
    given: Any = warm
    made = GradingSession(COURSE, given, ISOLATION)
    scheme: Any = SimpleNamespace(assignment=COURSE.assignment("inception"))
    made._schemes["inception"] = scheme
    return made


def test_a_fault_of_the_graders_own_is_a_report(outcomes: list[str | Exception]) -> None:
    """It says so, has the traceback for the author, and costs the next one nothing."""
    outcomes.append(RuntimeError("a fault"))
    with a_session(Warm()) as one:
        broken = grade(one)
        after = grade(one)

    assert (broken.report.outcome, broken.kept) == ("broken", None)
    assert "RuntimeError: a fault" in broken.troubles[0]
    assert after.report.outcome == "graded"


def test_what_the_sandbox_says_of_a_fault_is_in_the_report(outcomes: list[str | Exception]) -> None:
    outcomes.append(SandboxError(message("The jail could not be built.")))
    with a_session(Warm()) as one:
        broken = grade(one)

    assert render(broken.report.notes[-1], "en") == "The jail could not be built."


def test_a_warm_interpreter_that_is_gone_is_replaced(
    outcomes: list[str | Exception],
    spawned: list[Warm],
) -> None:
    """By a new process, not by a fork of this one; the submission is graded, and the new one stays."""
    with a_session(Warm(gone=True)) as one:
        first = grade(one)
        second = grade(one)
        assert [warm.closed for warm in spawned] == [False]

    assert [first.report.outcome, second.report.outcome] == ["graded", "graded"]
    assert [warm.closed for warm in spawned] == [True]


@pytest.mark.parametrize(("lost", "runs"), [(0, 1), (1, 2), (2, 2)])
def test_a_run_that_something_else_has_ended_is_made_once_more(lost: int, runs: int) -> None:
    """What killed it, as a machine does that is short of memory, is no mistake of the learner's."""
    warm = Warm(lost=lost)
    with a_session(warm) as one:
        run = one.run_cells([], {})

    assert (warm.runs, run.lost) == (runs, lost == 2)


def test_what_is_kept_is_made_where_it_was_graded(outcomes: list[str | Exception]) -> None:
    """Of a report that is not final nothing is kept, and a fault in keeping is the grader's own."""
    outcomes += ["graded", "broken", "graded"]

    def fail(*_: object) -> None:
        raise OSError("no room")

    with a_session(Warm()) as one:
        assert grade(one, keep=lambda *_: "kept").kept == "kept"
        assert grade(one, keep=lambda *_: "kept").kept is None
        assert grade(one, keep=fail).report.outcome == "broken"
