"""A grader's file is checked when it is loaded: what is wrong in it is named."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from autograder.checks import GraderError, load_grader, task
from autograder.checks.marking import definitions


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


def test_an_assignment_without_a_grader_is_named() -> None:
    with pytest.raises(GraderError, match=r"has no test_homework\.py for the assignment 'homework'"):
        load_grader("homework", hidden=True)


def test_a_grader_that_cannot_be_imported_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its author reads the file and the mistake, and no traceback."""
    import autograder.checks.public

    (tmp_path / "test_homework.py").write_text("def test_(:\n")
    monkeypatch.setattr(autograder.checks.public, "__path__", [str(tmp_path)])

    with pytest.raises(GraderError, match=r"test_homework cannot be imported: SyntaxError: invalid syntax"):
        load_grader("homework", hidden=False)
