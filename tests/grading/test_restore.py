"""Locked cells are put back, whatever was done to them."""

from __future__ import annotations

import nbformat.v4
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.grading.recognise import given_out
from autograder.grading.restore import restore
from autograder.messages import render

TASKS = ("first", "second")


def cell(grade_id: str, source: str, *, grade: bool = False, locked: bool = False, solution: bool = False):
    made = nbformat.v4.new_code_cell(source)
    made.metadata["nbgrader"] = {
        "grade_id": grade_id,
        "grade": grade,
        "locked": locked,
        "solution": solution,
        "schema_version": 3,
    }
    return made


def notebook(*cells: NotebookNode) -> NotebookNode:
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata={}, cells=list(cells))


@pytest.fixture
def source() -> NotebookNode:
    return notebook(
        nbformat.v4.new_markdown_cell("# A title"),
        cell("first-answer", "a = 1", solution=True),
        cell("first", 'check("first", a)', grade=True, locked=True),
        cell("second-answer", "b = 2", solution=True),
        cell("second", 'check("second", b)', grade=True, locked=True),
    )


def restored(submitted: NotebookNode, source: NotebookNode):
    return restore(submitted, given_out(source), TASKS)


def sources(result) -> list[str]:
    return [cell.source for cell in result.cells]


def notes(result) -> list[str]:
    return [render(said, "en") for said in result.notes]


def test_an_untouched_notebook_is_run_as_it_is(source: NotebookNode) -> None:
    result = restored(source, source)

    assert sources(result) == ["a = 1", 'check("first", a)', "b = 2", 'check("second", b)']
    assert [cell.task for cell in result.cells] == [None, "first", None, "second"]
    assert notes(result) == []


def test_the_learners_own_code_is_kept(source: NotebookNode) -> None:
    submitted = notebook(*source.cells[:1], cell("first-answer", "a = 3", solution=True), *source.cells[2:])

    assert sources(restored(submitted, source))[0] == "a = 3"


def test_a_changed_graded_cell_is_put_back_and_that_is_said(source: NotebookNode) -> None:
    source_again = nbformat.from_dict(source)
    source_again.cells[2].source = 'check("first", 1)'

    result = restored(source_again, source)

    assert sources(result)[1] == 'check("first", a)'
    assert notes(result) == ["The locked cell `first` had been changed; the original was restored."]


def test_a_missing_graded_cell_is_put_back_behind_the_cell_it_follows(source: NotebookNode) -> None:
    submitted = notebook(source.cells[1], source.cells[3], source.cells[4])

    result = restored(submitted, source)

    assert sources(result) == ["a = 1", 'check("first", a)', "b = 2", 'check("second", b)']
    assert notes(result) == ["The locked cell `first` was missing; the original was restored."]


def test_a_copied_graded_cell_counts_once(source: NotebookNode) -> None:
    submitted = notebook(*source.cells[:3], source.cells[2], *source.cells[3:])

    result = restored(submitted, source)

    assert [cell.task for cell in result.cells] == [None, "first", None, "second"]
    assert notes(result) == ["The locked cell `first` appears twice; the first one counts."]


def test_a_cell_whose_metadata_an_editor_dropped_is_known_by_its_text(source: NotebookNode) -> None:
    submitted = notebook(*(nbformat.v4.new_code_cell(entry.source) for entry in source.cells[1:]))

    result = restored(submitted, source)

    assert [cell.task for cell in result.cells] == [None, "first", None, "second"]
    assert notes(result) == [
        "The metadata of graded cells was missing or changed and has been restored (cells: 4)."
    ]


def coded(*sources: str) -> NotebookNode:
    """Code cells that have lost all their metadata and their ids."""
    cells = [nbformat.v4.new_code_cell(text) for text in sources]
    for number, entry in enumerate(cells):
        entry["id"] = f"cell-{number + 1}"
    return notebook(*cells)


def ids(result) -> list[str | None]:
    """What each cell of the restored notebook is to nbgrader."""
    return [entry.metadata.get("nbgrader", {}).get("grade_id") for entry in result.notebook.cells]


def test_an_answer_without_metadata_is_known_by_its_place(source: NotebookNode) -> None:
    """Editors drop the metadata; between two graded cells just one cell can be the answer."""
    submitted = coded("a = 3", 'check("first", a)', "b = 4", 'check("second", b)', "plot()")

    result = restored(submitted, source)

    assert ids(result) == ["first-answer", "first", "second-answer", "second", None]
    assert sources(result) == ["a = 3", 'check("first", a)', "b = 4", 'check("second", b)']


def test_two_cells_that_could_be_the_answer_are_left_as_they_are(source: NotebookNode) -> None:
    submitted = coded("a = 3", "a = a + 1", 'check("first", a)', "b = 4", 'check("second", b)')

    assert ids(restored(submitted, source)) == [None, None, "first", "second-answer", "second"]


def test_a_cell_that_was_given_out_as_it_stands_is_no_answer(source: NotebookNode) -> None:
    given = notebook(nbformat.v4.new_code_cell("import keras"), *source.cells)
    submitted = coded("import keras", "a = 3", 'check("first", a)', "b = 4", 'check("second", b)')

    assert ids(restored(submitted, given)) == [None, "first-answer", "first", "second-answer", "second"]


def test_an_answer_is_known_by_the_notebooks_own_cell_ids(source: NotebookNode) -> None:
    submitted = coded("helper = 1", "a = 3", 'check("first", a)', "b = 4", 'check("second", b)')
    submitted.cells[1]["id"] = source.cells[1].id

    assert ids(restored(submitted, source)) == [None, "first-answer", "first", "second-answer", "second"]


@pytest.mark.parametrize("schema", [None, 0, 1, 2])
def test_metadata_of_an_older_schema_is_brought_up_to_date(source: NotebookNode, schema: int | None) -> None:
    submitted = nbformat.from_dict(source)
    for entry in submitted.cells[1:]:
        entry.metadata["nbgrader"].pop("schema_version")
        if schema is not None:
            entry.metadata["nbgrader"]["schema_version"] = schema

    result = restored(submitted, source)

    assert [entry.metadata["nbgrader"]["schema_version"] for entry in result.notebook.cells[1:]] == [3] * 4
    assert notes(result) == [
        "The metadata of graded cells was missing or changed and has been restored (cells: 4)."
    ]


def test_points_and_locks_are_the_sources(source: NotebookNode) -> None:
    submitted = nbformat.from_dict(source)
    submitted.cells[2].metadata["nbgrader"] |= {"points": 1000, "locked": False, "grade": False}

    result = restored(submitted, source)

    assert result.notebook.cells[2].metadata == source.cells[2].metadata


def test_an_unknown_grade_id_makes_an_ordinary_cell_and_that_is_said(source: NotebookNode) -> None:
    stranger = cell("third", "c = 3", grade=True, locked=True)
    result = restored(notebook(*source.cells, stranger), source)

    assert ids(result)[-1] is None
    assert notes(result) == [
        "A cell has the id `third`, but there is no such graded cell here; it was kept as an ordinary cell."
    ]


def test_a_graded_cell_that_was_made_a_text_is_code_again(source: NotebookNode) -> None:
    submitted = nbformat.from_dict(source)
    text = nbformat.v4.new_markdown_cell("nothing to see here")
    text.metadata["nbgrader"] = dict(source.cells[2].metadata["nbgrader"])
    submitted.cells[2] = text

    result = restored(submitted, source)

    assert result.notebook.cells[2].cell_type == "code"
    assert [entry.task for entry in result.cells] == [None, "first", None, "second"]


def test_of_two_cells_of_one_name_that_with_the_text_that_was_given_out_counts(source: NotebookNode) -> None:
    decoy = cell("first", "check('first', 7)", grade=True, locked=True)

    result = restored(notebook(decoy, *source.cells), source)

    assert [entry.task for entry in result.cells] == [None, "first", None, "second"]


def test_nothing_that_was_handed_in_is_lost(source: NotebookNode) -> None:
    """A copy that is not run, a plot after the last graded cell: the restored notebook shows it all."""
    extra = nbformat.v4.new_code_cell("plot()")
    submitted = notebook(*source.cells[:3], source.cells[2], *source.cells[3:], extra)

    result = restored(submitted, source)

    assert [entry.source for entry in result.notebook.cells] == [entry.source for entry in submitted.cells]


def test_what_follows_the_last_graded_cell_is_not_run(source: NotebookNode) -> None:
    submitted = notebook(*source.cells, nbformat.v4.new_code_cell("plot()"))

    assert sources(restored(submitted, source)) == sources(restored(source, source))


def test_what_is_for_full_marks_is_not_run(source: NotebookNode) -> None:
    other = nbformat.v4.new_code_cell("a = 2 - 1", metadata={"afterwards": "first-answer"})

    assert sources(restored(notebook(other, *source.cells), source)) == sources(restored(source, source))


def test_an_empty_notebook_gets_every_graded_cell(source: NotebookNode) -> None:
    result = restored(notebook(), source)

    assert [cell.task for cell in result.cells] == ["first", "second"]


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=4), st.sets(st.integers(0, 4)))
def test_every_task_has_exactly_one_cell_whatever_is_moved_copied_or_deleted(order, copies, gone) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# A title"),
        cell("first-answer", "a = 1", solution=True),
        cell("first", 'check("first", a)', grade=True, locked=True),
        cell("second-answer", "b = 2", solution=True),
        cell("second", 'check("second", b)', grade=True, locked=True),
    ]
    chosen = [cells[number] for number in [*order, *copies] if number not in gone]

    result = restored(notebook(*chosen), notebook(*cells))

    assert sorted(cell.task for cell in result.cells if cell.task) == ["first", "second"]
