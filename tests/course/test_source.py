from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import Afterwards, Course, CourseError, afterwards_of
from autograder.course.source import read_source
from autograder.messages import Localized

from .conftest import source_notebook, write_source


def _cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def _without(cell_id: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        notebook.cells.remove(_cell(notebook, cell_id))

    return spoil


def _twice(cell_id: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        again = nbformat.from_dict(_cell(notebook, cell_id))
        again["id"] = "again"
        notebook.cells.append(again)

    return spoil


def _nbgrader(cell_id: str, **data: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: _cell(notebook, cell_id).metadata.nbgrader.update(data)


def _text(cell_id: str, text: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: _cell(notebook, cell_id).update(source=text)


def _language(cell_id: str, lang: str | None) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        metadata = _cell(notebook, cell_id).metadata
        metadata.pop("lang", None)
        if lang is not None:
            metadata["lang"] = lang

    return spoil


def test_a_notebook_in_order_is_read(course: Course) -> None:
    """Its cells come as they are, stubs and all languages included."""
    notebook = read_source(course, course.assignments[0])

    assert len(notebook.cells) == 9


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            _without("one-sum"),
            [
                "there is no grade cell for the task `one-sum`; it should be one line, "
                '`check("one-sum", ...)`.',
            ],
        ),
        (
            _text("experiment", "x = 1\n    ### END SOLUTION"),
            [
                "cell `experiment` has the line `### END SOLUTION` and is no answer; an answer begins its "
                "solution with `### BEGIN SOLUTION`, and the check of its task comes next.",
            ],
        ),
        (_twice("one-sum"), ["2 cells have the grade_id `one-sum`; it is used once."]),
        (
            _nbgrader("one-sum", points=5),
            ["the grade cell `one-sum` is worth 5 points, and course.yml says 4."],
        ),
        (
            _nbgrader("one-sum", grade_id="two-sums"),
            [
                "there is no grade cell for the task `one-sum`; it should be one line, "
                '`check("one-sum", ...)`.',
                "the grade cell `two-sums` belongs to no task of course.yml.",
            ],
        ),
        (
            _nbgrader("one-sum", locked=False),
            ["cell `one-sum`: `locked` in its nbgrader metadata should be true."],
        ),
        (
            _nbgrader("sum-block-answer", schema_version=2),
            ["cell `sum-block-answer`: `schema_version` in its nbgrader metadata should be 3."],
        ),
        (
            _text("one-sum", "total\ncheck('one-sum', total)"),
            ['the grade cell `one-sum` should be one line, `check("one-sum", ...)`.'],
        ),
        (
            _text("experiment", "### BEGIN HIDDEN TESTS\nassert total == 2\n### END HIDDEN TESTS"),
            ["cell `experiment` contains hidden tests; they belong in graders/hidden/test_adding.py."],
        ),
        (
            _language("intro-ko", None),
            [
                "the text cell `intro-ko` has no language; give it one of en, ko as a tag, and run "
                "`autograder tidy`.",
                "from cell `intro-en` on, the languages have different numbers of text cells (en: 1, ko: 0).",
            ],
        ),
        (
            _without("picture-ko"),
            ["from cell `intro-en` on, the languages have different numbers of text cells (en: 2, ko: 1)."],
        ),
        (
            _language("experiment", "en"),
            ["from cell `experiment` on, the languages have different numbers of code cells (en: 1, ko: 0)."],
        ),
        (
            _language("experiment", "fr"),
            [
                "cell `experiment` is in `fr`, which is no language of the course; `lang` in its metadata "
                "should be one of en, ko."
            ],
        ),
        (_language("one-sum", "ko"), ["cell `one-sum` is graded and so cannot have a language."]),
    ],
)
def test_a_fault_is_named_with_its_cell(
    course: Course, spoil: Callable[[NotebookNode], None], said: list[str]
) -> None:
    """Release stops at a source notebook that is not in order, and says which cell and why."""
    notebook = source_notebook()
    spoil(notebook)
    write_source(course.root, notebook)

    with pytest.raises(CourseError) as raised:
        read_source(course, course.assignments[0])

    found = str(raised.value).split("\n")
    assert [f"solutions/adding/adding.ipynb: {fault}" for fault in said] == found[: len(said)]


ENDING = (
    new_markdown_cell("Because.", id="afterwards-en", metadata={"lang": "en", "afterwards": True}),
    new_markdown_cell("왜냐하면.", id="afterwards-ko", metadata={"lang": "ko", "afterwards": True}),
    new_code_cell("total = 2", id="alternative", metadata={"afterwards": "one-sum-answer"}),
)


def with_ending() -> NotebookNode:
    """The source notebook in order, with what is shown after full marks."""
    notebook = source_notebook()
    notebook.cells += [nbformat.from_dict(cell) for cell in ENDING]
    return notebook


def test_what_is_shown_after_full_marks_is_read(course: Course) -> None:
    """A text in both languages, and the code that may stand in the place of a solution."""
    write_source(course.root, with_ending())

    assert afterwards_of(read_source(course, course.assignments[0])) == Afterwards(
        Localized(en="Because.", ko="왜냐하면."), "total = 2", "one-sum-answer"
    )
    assert afterwards_of(source_notebook()) is None


def _afterwards(cell_id: str, value: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: _cell(notebook, cell_id).metadata.update(afterwards=value)


def _move_up(cell_id: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        cell = _cell(notebook, cell_id)
        notebook.cells.remove(cell)
        notebook.cells.insert(0, cell)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            _without("alternative"),
            "there should be one `afterwards` code cell, the alternative solution, and there are 0.",
        ),
        (
            _twice("alternative"),
            "there should be one `afterwards` code cell, the alternative solution, and there are 2.",
        ),
        (_without("afterwards-ko"), "there should be one `afterwards` text in `ko`, and there are 0."),
        (_twice("afterwards-en"), "there should be one `afterwards` text in `en`, and there are 2."),
        (
            _afterwards("afterwards-en", "yes"),
            "the text cell `afterwards-en`: `afterwards` in its metadata should be true.",
        ),
        (
            _afterwards("alternative", "one-sum"),
            "cell `alternative`: `afterwards` in its metadata should be the grade_id of a solution cell, "
            "one of `one-sum-answer`, `sum-block-answer`.",
        ),
        (
            _language("alternative", "en"),
            "the code cell `alternative` is `afterwards` and so has no language.",
        ),
        (
            _move_up("alternative"),
            "cell `alternative` is shown after full marks (`afterwards`) and should be at the end.",
        ),
    ],
)
def test_a_fault_of_the_ending_is_named(
    course: Course, spoil: Callable[[NotebookNode], None], said: str
) -> None:
    """What is shown after full marks is all there or not there at all."""
    notebook = with_ending()
    spoil(notebook)
    write_source(course.root, notebook)

    with pytest.raises(CourseError) as raised:
        read_source(course, course.assignments[0])

    assert f"solutions/adding/adding.ipynb: {said}" in str(raised.value).split("\n")


def test_grade_cells_stand_in_the_course_s_order(course: Course) -> None:
    """The notebook, the report and the gradebook name the tasks in one order."""
    notebook = source_notebook()
    notebook.cells = notebook.cells[:4] + notebook.cells[6:8] + notebook.cells[4:6]
    write_source(course.root, notebook)

    with pytest.raises(CourseError, match="the grade cells are not in the order"):
        read_source(course, course.assignments[0])


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"nbformat": 4, "nbformat_minor": 5}', "null", "7"]
)
def test_what_is_no_notebook_is_a_sentence(course: Course, content: str) -> None:
    """A damaged source notebook is named as such."""
    course.source(course.assignments[0]).write_text(content, encoding="utf-8")

    with pytest.raises(
        CourseError,
        match=r"^solutions/adding/adding.ipynb( is not a notebook|, line 1: this is not JSON).+\.$",
    ):
        read_source(course, course.assignments[0])


def test_a_notebook_that_was_saved_half_way_is_named_with_its_line(course: Course) -> None:
    path = course.source(course.assignments[0])
    path.write_text('{\n "cells": [\n  {"cell_type": "mark', encoding="utf-8")

    with pytest.raises(CourseError, match=r"adding.ipynb, line 3: this is not JSON \(Unterminated string"):
        read_source(course, course.assignments[0])


def test_an_older_notebook_is_not_released(course: Course) -> None:
    """Cells without ids could not be told apart from one release to the next."""
    notebook = source_notebook()
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    course.source(course.assignments[0]).write_text(nbformat.writes(notebook), encoding="utf-8")

    with pytest.raises(CourseError, match=r"is in notebook format 4.4; `autograder tidy` brings it to 4.5"):
        read_source(course, course.assignments[0])


def test_a_missing_source_is_named(course: Course, tmp_path: Path) -> None:
    """The sentence says which assignment asks for the file."""
    (tmp_path / "solutions/adding/adding.ipynb").unlink()

    with pytest.raises(CourseError) as raised:
        read_source(course, course.assignments[0])

    assert (
        str(raised.value) == "solutions/adding/adding.ipynb does not exist; `adding` in course.yml needs it."
    )
