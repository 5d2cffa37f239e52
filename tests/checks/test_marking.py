"""A grader's file is checked when it is loaded: what is wrong in it is named."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checks import GraderError, GraderFile, grader_of, task
from autograder.checks.marking import definitions
from autograder.messages import render


def grader(**functions) -> ModuleType:
    module = ModuleType("test_example")
    vars(module).update(functions)
    return module


@task("first", points=1)
def one(first) -> None:
    """The first thing is right,
    and said in one sentence.

    This paragraph is for authors.
    """


@task("first", points=2, needs="test_one")
def two(first) -> None:
    """The second thing is right."""


def test_a_checks_title_is_the_first_paragraph_of_its_docstring() -> None:
    (definition,) = definitions(grader(test_one=one), public=True)

    assert definition.title.text == "The first thing is right, and said in one sentence."
    assert definition.marking.points == 1


def test_a_check_without_a_task_is_refused() -> None:
    def stray(first) -> None:
        """A sentence."""

    with pytest.raises(GraderError, match="`test_stray` belongs to no task"):
        definitions(grader(test_stray=stray), public=True)


def test_a_check_without_a_sentence_is_refused() -> None:
    silent = task("first", points=1)(lambda first: None)

    with pytest.raises(GraderError, match="`test_silent` has no docstring"):
        definitions(grader(test_silent=silent), public=True)


def test_a_check_may_not_need_another_tasks() -> None:
    """In a learner's kernel the other task's checks have not been run."""

    @task("second", points=1, needs="test_one")
    def other(second) -> None:
        """The other thing is right."""

    with pytest.raises(GraderError, match="needs `test_one`, which is no check of its task before it"):
        definitions(grader(test_one=one, test_other=other), public=True)


@pytest.mark.parametrize("arguments", ["", "one", "first, second", "first, limit=3"])
def test_a_check_takes_its_tasks_subject_and_nothing_else(arguments: str) -> None:
    names: dict = {}
    exec(f"def check({arguments}):\n    'A sentence.'", names)

    with pytest.raises(
        GraderError, match="`test_check` should take one argument, its task's subject: `first`"
    ):
        definitions(grader(test_check=task("first", points=1)(names["check"])), public=True)


def test_a_check_that_would_not_be_run_is_refused() -> None:
    def waits(first):
        """A sentence."""
        yield

    async def sleeps(first) -> None:
        """A sentence."""

    for function in (waits, sleeps):
        with pytest.raises(GraderError, match="`test_it` would pass without being run"):
            definitions(grader(test_it=task("first", points=1)(function)), public=True)


def test_what_only_a_session_of_pytest_can_use_is_refused() -> None:
    """Fixtures, marks, parameters and classes: a learner's notebook has none of them."""

    @pytest.fixture
    def limit() -> int:
        return 3

    class TestMany:
        """Checks."""

    @pytest.mark.parametrize("size", [1, 2])
    @task("first", points=1)
    def marked(first, size) -> None:
        """A sentence."""

    for name, value, what in [
        ("limit", limit, "a fixture"),
        ("TestMany", TestMany, "a class of checks"),
        ("test_marked", marked, "marked or parametrised"),
        ("pytestmark", pytest.mark.slow, "marked or parametrised"),
    ]:
        with pytest.raises(GraderError, match=f"`{name}` is {what}, and no pytest runs the checks"):
            definitions(grader(**{name: value}), public=True)


def test_a_check_may_only_need_what_comes_before_it() -> None:
    with pytest.raises(GraderError, match="needs `test_one`, which is no check of its task before it"):
        definitions(grader(test_two=two, test_one=one), public=True)


def grader_file(text: str, folder: str = "/course/graders/public", *, public: bool = True) -> GraderFile:
    return GraderFile(Path(folder, "test_homework.py"), text, public)


def test_a_grader_that_cannot_be_executed_is_named() -> None:
    """Its author reads the file and the mistake, and no traceback."""
    with pytest.raises(
        GraderError,
        match=r"^graders/public/test_homework.py, line 1: it cannot be imported: SyntaxError: invalid .+\.$",
    ):
        grader_of("homework", [grader_file("def test_(:\n")], {})


CHECK = """
from autograder.checks import task

LIMIT = {limit}

@task("first", points={limit})
def test_one(first):
    \"\"\"The first thing is right.\"\"\"
"""


def test_two_courses_with_the_same_ids_do_not_mix() -> None:
    """Each has a namespace of its own, whatever its assignments are called."""
    one, other = (
        grader_of("homework", [grader_file(CHECK.format(limit=limit), f"/{name}/graders/public")], {})
        for name, limit in (("one", 1), ("other", 2))
    )

    functions = [grader.checks[0].function for grader in (one, other)]
    assert [function.__globals__["LIMIT"] for function in functions] == [1, 2]
    assert [grader.points("first") for grader in (one, other)] == [1, 2]
    for function in functions:
        assert sys.modules[function.__module__].test_one is function


def test_a_file_that_was_changed_is_executed_anew_and_an_unchanged_one_is_not() -> None:
    """However soon it is saved again: nothing goes by the time of the file."""
    first, same, changed = (
        grader_of("homework", [grader_file(CHECK.format(limit=limit))], {}) for limit in (3, 3, 4)
    )

    assert first.checks[0].function is same.checks[0].function
    assert (first.points("first"), changed.points("first")) == (3, 4)


def test_a_check_is_named_once() -> None:
    files = [grader_file(CHECK.format(limit=1), f"/course/graders/{part}") for part in ("public", "hidden")]

    with pytest.raises(
        GraderError, match=r"hidden/test_homework.py, line 6: `test_one` is the name of another check"
    ):
        grader_of("homework", files, {})


def test_what_a_check_is_called_is_in_every_language_of_its_course() -> None:
    """Two courses may translate the same sentence differently."""
    titles = [
        grader_of(
            "homework",
            [grader_file(CHECK.format(limit=1))],
            {"The first thing is right.": {"ko": korean, "de": "Das Erste stimmt."}},
        )
        .checks[0]
        .title
        for korean in ("첫 번째가 맞다.", "처음 것이 맞다.")
    ]

    assert [render(title, "ko") for title in titles] == ["첫 번째가 맞다.", "처음 것이 맞다."]
    assert [render(title, language) for title in titles[:1] for language in ("de", "en", "fr")] == [
        "Das Erste stimmt.",
        "The first thing is right.",
        "The first thing is right.",
    ]
