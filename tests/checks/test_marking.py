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

    with pytest.raises(GraderError, match="test_stray belongs to no task"):
        definitions(grader(test_stray=stray), public=True)


def test_a_check_without_a_sentence_is_refused() -> None:
    silent = task("first", points=1)(lambda first: None)

    with pytest.raises(GraderError, match="test_silent has no docstring"):
        definitions(grader(test_silent=silent), public=True)


def test_a_check_may_only_need_what_comes_before_it() -> None:
    with pytest.raises(GraderError, match="needs 'test_one', which is no check before it"):
        definitions(grader(test_two=two, test_one=one), public=True)


def grader_file(text: str, folder: str = "/course/graders/public", *, public: bool = True) -> GraderFile:
    return GraderFile(Path(folder, "test_homework.py"), text, public)


def test_a_grader_that_cannot_be_executed_is_named() -> None:
    """Its author reads the file and the mistake, and no traceback."""
    with pytest.raises(
        GraderError, match=r"public/test_homework.py cannot be imported: SyntaxError: invalid"
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

    assert [grader.modules[0].LIMIT for grader in (one, other)] == [1, 2]
    assert [grader.points("first") for grader in (one, other)] == [1, 2]
    assert sys.modules[one.modules[0].__name__] is one.modules[0]
    assert sys.modules[other.modules[0].__name__] is other.modules[0]


def test_a_file_that_was_changed_is_executed_anew_and_an_unchanged_one_is_not() -> None:
    """However soon it is saved again: nothing goes by the time of the file."""
    first, same, changed = (
        grader_of("homework", [grader_file(CHECK.format(limit=limit))], {}) for limit in (3, 3, 4)
    )

    assert first.modules == same.modules
    assert (first.points("first"), changed.points("first")) == (3, 4)


def test_a_check_is_named_once() -> None:
    files = [grader_file(CHECK.format(limit=1), f"/course/graders/{part}") for part in ("public", "hidden")]

    with pytest.raises(GraderError, match="defines test_one twice"):
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
