"""A grader's checks are called one after the other, and four verdicts are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checks import Failure, Grader, GraderFile, Subject, grader_of, run_checks
from autograder.messages import verbatim

CHECKS = '''
import sys

import pytest

from autograder.checks import CheckFailure, Failure, task
from autograder.messages import message


@task("thing", points=1)
def test_is_even(thing):
    """It is even."""
    if thing.value % 2:
        raise CheckFailure(Failure(rationale=message("{value} is odd.", value=thing.value)))


@task("thing", points=1, needs="test_is_even")
def test_half_is_even(thing):
    """Its half is even, too."""
    if thing.value == 100:
        raise ZeroDivisionError("a slip of the grader")
    if thing.value == 104:
        pytest.fail("another slip of the grader")
    if thing.value == 108:
        sys.exit("a third slip of the grader")
    assert_like = thing.value // 2 % 2
    if assert_like:
        raise CheckFailure(Failure(rationale=message("The half is odd.")))


@task("thing", points=0, needs_any=("test_is_even", "test_half_is_even"))
def test_is_something(thing):
    """It is something, where anything else is right."""


@task("other", points=1)
def test_other_is_there(other):
    """The other thing is there."""
'''


@pytest.fixture
def grader(tmp_path: Path) -> Grader:
    return grader_of("thing", [GraderFile(tmp_path / "test_thing.py", CHECKS, public=True)], {})


def verdicts(grader: Grader, subject: Subject) -> list[str]:
    return [result.verdict for result in run_checks(grader, {"thing": subject}).values()]


def test_one_submission_after_the_other_has_verdicts_of_its_own(grader: Grader) -> None:
    assert [verdicts(grader, Subject("thing", value=value)) for value in (4, 1, 2, 100, 4)] == [
        ["passed", "passed", "passed"],
        ["failed", "skipped", "skipped"],
        ["passed", "failed", "passed"],
        ["passed", "broken", "passed"],
        ["passed", "passed", "passed"],
    ]


def test_only_checks_of_the_tasks_that_are_there_are_called(grader: Grader) -> None:
    """In a learner's kernel there is one task at a time."""
    both = run_checks(grader, {"thing": Subject("thing", value=4), "other": Subject("other", value=1)})

    assert list(both) == ["test_is_even", "test_half_is_even", "test_is_something", "test_other_is_there"]
    assert list(run_checks(grader, {"other": Subject("other", value=1)})) == ["test_other_is_there"]


def test_a_failure_arrives_as_data(grader: Grader) -> None:
    failure = run_checks(grader, {"thing": Subject("thing", value=3)})["test_is_even"].failure

    assert failure is not None
    assert (failure.rationale.text, failure.rationale.values) == ("{value} is odd.", {"value": 3})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (100, "ZeroDivisionError: a slip of the grader"),
        (104, "Failed: another slip of the grader"),
        (108, "SystemExit: a third slip of the grader"),
    ],
)
def test_a_broken_check_keeps_its_traceback_for_the_author(grader: Grader, value: int, said: str) -> None:
    """Its lines stand in it, although no file may lie where they say."""
    trouble = run_checks(grader, {"thing": Subject("thing", value=value)})["test_half_is_even"].trouble

    assert said in trouble
    assert 'slip of the grader")\n' in trouble


def test_where_there_is_nothing_to_look_at_the_first_check_says_why_and_the_rest_is_skipped(
    grader: Grader,
) -> None:
    absence = Failure(rationale=verbatim("nothing there"))

    results = run_checks(grader, {"thing": Subject("thing", absence=absence)})

    assert [(result.verdict, result.failure) for result in results.values()] == [
        ("failed", absence),
        ("skipped", None),
        ("skipped", None),
    ]


def test_ctrl_c_is_no_fault_of_a_check(tmp_path: Path) -> None:
    source = (
        CHECKS
        + '''

@task("thing", points=1)
def test_is_interrupted(thing):
    """It is interrupted."""
    raise KeyboardInterrupt
'''
    )
    grader = grader_of("thing", [GraderFile(tmp_path / "test_thing.py", source, public=True)], {})

    with pytest.raises(KeyboardInterrupt):
        run_checks(grader, {"thing": Subject("thing", value=4)})


SEEN = '''
from autograder.checks import Failure, expect, task
from autograder.checks.verdict import NothingSeen
from autograder.messages import message


@task("thing", points=1)
def test_the_first_is_seen(thing):
    """The first one is seen."""
    raise NothingSeen(Failure(rationale=message("There is nothing.")))


@task("thing", points=1)
def test_the_second_is_seen(thing):
    """The second one is seen, whatever the first one is."""
    raise NothingSeen(Failure(rationale=message("There is nothing.")))


@task("thing", points=1)
def test_something_else(thing):
    """Something else is looked at all the same."""
'''


def test_what_sees_nothing_fails_once_and_says_why_and_the_rest_is_judged(tmp_path: Path) -> None:
    grader = grader_of("thing", [GraderFile(tmp_path / "test_thing.py", SEEN, public=True)], {})

    assert verdicts(grader, Subject("thing", value=1)) == ["failed", "skipped", "passed"]
