"""A plain `assert` in a check says what it has compared, and works its sides out once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checks import GraderFile, Subject, grader_of, run_checks
from autograder.checks.runner import Result
from autograder.messages import render

OTHERWISE = "The value is not what this check asks for."
CHECK = '''
"""A grader's file."""

from __future__ import annotations

from autograder.checks import task
from autograder.messages import message

CALLS = []


def once(value):
    CALLS.append(value)
    assert len(CALLS) == 1, "called twice"
    return value


@task("thing", points=1)
def test_it(thing):
    """It is right."""
    {statement}
'''


def result_of(statement: str, value: object, tmp_path: Path) -> Result:
    source = CHECK.replace("{statement}", statement)
    grader = grader_of("thing", [GraderFile(tmp_path / "test_thing.py", source, public=True)], {})
    return run_checks(grader, {"thing": Subject("thing", value=value)})["test_it"]


@pytest.mark.parametrize(
    ("statement", "value", "said"),
    [
        ("assert thing.value == 4", 3, f"{OTHERWISE} | 3 | 4"),
        (
            "assert once(thing.value) != 3",
            3,
            "The value is not what this check asks for. | 3 | anything but 3",
        ),
        ("assert thing.value >= 0.9", 0.5, f"{OTHERWISE} | 0.5 | at least 0.9"),
        ("assert thing.value < 1", 2, f"{OTHERWISE} | 2 | less than 1"),
        ("assert thing.value in {1}", 2, f"{OTHERWISE} | 2 | something in {{1}}"),
        (
            "assert thing.value > 0 and thing.value < 9",
            9,
            f"{OTHERWISE} | 9 | less",
        ),
        ("assert thing.value == 4, 'Count again.'", 3, "Count again. | 3 | 4"),
        ("assert thing.value == 4, f'{thing.value} are {{few}}.'", 3, "3 are {few}. | 3 | 4"),
        ("assert thing.value, message('There are none.')", 0, "There are none."),
        ("assert 1 < thing.value < 3", 3, "What this check asks for does not hold."),
        ("assert not thing.value", 3, "What this check asks for does not hold."),
        ("assert isinstance(thing.value, str)", 3, "What this check asks for does not hold."),
        ("assert thing is None", 3, f"{OTHERWISE} | None"),
        (
            "assert thing.value == [n for n in (1, 2)]",
            [1],
            f"{OTHERWISE} | [1] | [1, 2]",
        ),
    ],
)
def test_what_does_not_hold_is_said(statement: str, value: object, said: str, tmp_path: Path) -> None:
    result = result_of(statement, value, tmp_path)

    assert (result.verdict, result.trouble) == ("failed", "")
    assert result.failure is not None
    parts = (result.failure.rationale, result.failure.found, result.failure.wanted)
    assert " | ".join(render(part, "en") for part in parts if part is not None).startswith(said)


def test_it_is_said_in_korean_as_well(tmp_path: Path) -> None:
    failure = result_of("assert thing.value >= 4", 3, tmp_path).failure

    assert failure is not None
    assert failure.wanted is not None
    assert render(failure.rationale, "ko") == "이 검사에서 요구하는 값이 아닙니다."
    assert render(failure.wanted, "ko") == "4 이상"


@pytest.mark.parametrize("statement", ["assert thing.value == 3", "assert thing.value and once(thing.value)"])
def test_what_holds_passes(statement: str, tmp_path: Path) -> None:
    assert result_of(statement, 3, tmp_path).verdict == "passed"


@pytest.mark.parametrize(
    "statement",
    [
        "assert thing.nothing == 3",
        "assert thing.value == 4, thing.nothing",
        "raise AssertionError('the author has made a slip')",
    ],
)
def test_what_goes_wrong_in_the_check_itself_is_the_author_s_fault(statement: str, tmp_path: Path) -> None:
    result = result_of(statement, 3, tmp_path)

    assert result.verdict == "broken"
    assert f"    {statement}\n" in result.trouble


def test_a_file_s_docstring_and_its_future_stay_first(tmp_path: Path) -> None:
    """Else the file could not be loaded at all."""
    source = '"""One."""\nfrom __future__ import annotations\n\nassert 1\n\n\ndef helper(a: Nowhere): ...\n'

    assert grader_of("thing", [GraderFile(tmp_path / "test_thing.py", source, public=True)], {}).checks == ()
