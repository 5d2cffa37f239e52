"""A session runs graders over many submissions and tells four verdicts apart."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from autograder.checks import Checker, Failure, Grader, GraderError, Subject, run_checks, serve_checks
from autograder.checks.marking import definitions
from autograder.checks.plugin import MarkingPlugin
from autograder.messages import verbatim

CHECKS = '''
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
    assert_like = thing.value // 2 % 2
    if assert_like:
        raise CheckFailure(Failure(rationale=message("The half is odd.")))
'''


@pytest.fixture(params=["called", "through pytest"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain check is called without pytest's protocol, which makes no difference but in time."""
    if request.param == "through pytest":
        monkeypatch.setattr(MarkingPlugin, "_is_plain", lambda *_: False)


@pytest.fixture
def grader(tmp_path: Path) -> Grader:
    return written(tmp_path, CHECKS)


def written(folder: Path, text: str) -> Grader:
    file = folder / "test_thing.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("test_thing", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Grader("thing", (file,), (module,), tuple(definitions(module, public=True)), {})


def verdicts(checker: Checker, grader: Grader, subject: Subject) -> list[str]:
    return [result.verdict for result in checker.run(grader, {"thing": subject}).values()]


def test_one_session_serves_many_submissions_and_keeps_them_apart(grader: Grader) -> None:
    def work(checker: Checker) -> list[list[str]]:
        return [verdicts(checker, grader, Subject("thing", value=value)) for value in (4, 1, 2, 100, 4)]

    assert serve_checks([grader], work) == [
        ["passed", "passed"],
        ["failed", "skipped"],
        ["passed", "failed"],
        ["passed", "broken"],
        ["passed", "passed"],
    ]


def test_a_failure_arrives_as_data(grader: Grader) -> None:
    results = serve_checks(
        [grader], lambda checker: checker.run(grader, {"thing": Subject("thing", value=3)})
    )

    failure = results["test_is_even"].failure
    assert failure is not None
    assert (failure.rationale.text, failure.rationale.values) == ("{value} is odd.", {"value": 3})


def test_a_broken_check_keeps_its_traceback_for_the_author(grader: Grader) -> None:
    results = serve_checks(
        [grader], lambda checker: checker.run(grader, {"thing": Subject("thing", value=100)})
    )

    assert "ZeroDivisionError: a slip of the grader" in results["test_half_is_even"].trouble


def test_nobodys_mistake_but_the_graders_is_drawn(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest's drawing of source lines takes ten times as long as a check."""

    def drawn(*_arguments: object) -> str:
        raise AssertionError("a failed check's traceback was drawn")

    monkeypatch.setattr(pytest.Function, "repr_failure", drawn)

    def work(checker: Checker) -> list[list[str]]:
        return [verdicts(checker, grader, Subject("thing", value=value)) for value in (1, 2)]

    assert serve_checks([grader], work) == [["failed", "skipped"], ["passed", "failed"]]


def test_where_there_is_nothing_to_look_at_the_first_check_says_why_and_the_rest_is_skipped(
    grader: Grader,
) -> None:
    absence = Failure(rationale=verbatim("nothing there"))

    results = serve_checks(
        [grader], lambda checker: checker.run(grader, {"thing": Subject("thing", absence=absence)})
    )

    assert [(result.verdict, result.failure) for result in results.values()] == [
        ("failed", absence),
        ("skipped", None),
    ]


def test_an_error_of_the_work_reaches_whoever_asked_for_it(grader: Grader) -> None:
    def work(checker: Checker) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        serve_checks([grader], work)


def test_a_check_may_have_what_pytest_offers(tmp_path: Path) -> None:
    """A fixture of its own, parameters, a failure in pytest's words: then it goes through pytest."""
    checks = (
        CHECKS
        + '''
import pytest


@pytest.fixture
def limit():
    return 3


@task("thing", points=1)
def test_is_small(thing, limit):
    """It is small."""
    if thing.value > limit:
        raise CheckFailure(Failure(rationale=message("{value} is large.", value=thing.value)))


@task("thing", points=1)
def test_is_no_million(thing):
    """It is no million."""
    if thing.value == 1000000:
        pytest.fail("a slip of the grader")
'''
    )
    grader = written(tmp_path, checks)

    def work(checker: Checker) -> list[list[str]]:
        return [verdicts(checker, grader, Subject("thing", value=value)) for value in (0, 4, 1000000)]

    assert [found[2:] for found in serve_checks([grader], work)] == [
        ["passed", "passed"],
        ["failed", "passed"],
        ["failed", "broken"],
    ]


def test_a_grader_that_cannot_be_collected_is_refused_with_pytests_reason(grader: Grader) -> None:
    grader.files[0].unlink()

    with pytest.raises(GraderError, match="could not collect"):
        serve_checks([grader], lambda checker: None)


def test_what_the_work_prints_is_not_swallowed(grader: Grader, capsys) -> None:
    serve_checks([grader], lambda checker: print("progress"))

    assert capsys.readouterr().out == "progress\n"


@pytest.mark.parametrize("value", [4, 1, 2, 100, None])
def test_checks_run_without_a_session_give_what_a_session_gives(grader: Grader, value: int | None) -> None:
    """Verdicts, failures and what is skipped; `None` stands for nothing to look at."""

    def subject() -> Subject:
        absence = Failure(rationale=verbatim("nothing there")) if value is None else None
        return Subject("thing", value=value, absence=absence)

    session = serve_checks([grader], lambda checker: checker.run(grader, {"thing": subject()}))
    directly = run_checks(grader, "thing", subject())

    assert {name: (result.verdict, result.failure) for name, result in directly.items()} == {
        name: (result.verdict, result.failure) for name, result in session.items()
    }
    assert ["slip of the grader" in result.trouble for result in directly.values()] == [
        "slip of the grader" in result.trouble for result in session.values()
    ]
