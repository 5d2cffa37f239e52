"""A text that a person grades is found again, whatever was done to its cell, and nothing written is lost."""

from __future__ import annotations

import copy
from dataclasses import replace

import nbformat.v4
import pytest
from nbformat import NotebookNode

from autograder.course.model import Task
from autograder.course.release import checksum
from autograder.feedback import TaskReport
from autograder.grading.grade import text_report
from autograder.grading.recognise import GivenOut, given_out
from autograder.grading.restore import Restored, restore, untouched
from autograder.grading.submission import task_ids
from autograder.messages import Localized, render

PROMPTS = {"en": "Write your answer here.", "ko": "여기에 답을 쓰세요."}
TASK = Task(id="why", title=Localized(en="Why", ko="왜"), points=4, expects="text")


def marked(cell: NotebookNode, grade_id: str, *, grade: bool, answer: bool) -> NotebookNode:
    cell["id"] = grade_id
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": answer,
        "locked": not answer,
        "task": False,
        **({"points": 4} if grade else {}),
    }
    cell.metadata["nbgrader"]["checksum"] = checksum(cell)
    return cell


def text(language: str = "en", name: str = "why") -> NotebookNode:
    return marked(nbformat.v4.new_markdown_cell(PROMPTS[language]), name, grade=True, answer=True)


def released(language: str = "en") -> NotebookNode:
    """A question, a text, a question, an answer in code and its check."""
    code, markdown = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    return NotebookNode(
        nbformat=4,
        nbformat_minor=5,
        metadata={"autograder": {"assignment": "a", "language": language}},
        cells=[
            markdown(f"# Why? ({language})", id=f"intro-{language}"),
            text(language),
            markdown(f"# A sum ({language})", id=f"task-2-{language}"),
            marked(code("a = 1"), "sum-answer", grade=False, answer=True),
            marked(code('check("sum", a)'), "sum", grade=True, answer=False),
        ],
    )


def in_both() -> GivenOut:
    """What both languages give out, as `given_out_by` puts it together."""
    english, korean = given_out(released("en")), given_out(released("ko"))
    prompts = {cell.grade_id: cell.prompts for cell in korean.cells}
    cells = tuple(replace(cell, prompts=cell.prompts + prompts[cell.grade_id]) for cell in english.cells)
    return replace(english, cells=cells, prose=english.prose | korean.prose)


def put_back(notebook: NotebookNode) -> Restored:
    return restore(notebook, in_both(), ["why", "sum"])


def report(notebook: NotebookNode) -> TaskReport:
    return text_report(TASK, put_back(notebook))


def handed_in(answer: str, language: str = "en") -> NotebookNode:
    made = released(language)
    made.cells[1].source = answer
    return made


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_prompt_is_nothing_and_anything_else_is_pending(language: str) -> None:
    """As nbgrader's `determine_grade` has it, in each language of the course, an empty text included."""
    assert (report(released(language)).pending, report(released(language)).attempted) == (False, False)
    for answer in ("Because.", "", PROMPTS[language] + " "):
        found = report(handed_in(answer, language))
        assert (found.score, found.pending, found.attempted) == (0, True, True)
        assert found.written == answer


def test_the_prompt_of_the_other_language_is_nothing_either() -> None:
    """Whoever has pasted it in has written nothing; nbgrader knows of one language only."""
    assert not report(handed_in(PROMPTS["ko"], "en")).pending


def unmarked(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.clear()


def forged(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.nbgrader.update(points=400, locked=True, solution=False)
    notebook.cells[1].metadata.nbgrader["checksum"] = checksum(notebook.cells[1])


def code(notebook: NotebookNode) -> None:
    old = notebook.cells[1]
    notebook.cells[1] = nbformat.v4.new_code_cell(old.source, id=old.id, metadata=old.metadata)


def raw_without_metadata(notebook: NotebookNode) -> None:
    notebook.cells[1] = nbformat.v4.new_raw_cell(notebook.cells[1].source, id="why")


def new_cell(notebook: NotebookNode) -> None:
    notebook.cells[1] = nbformat.v4.new_markdown_cell(notebook.cells[1].source)


def two_new_cells(notebook: NotebookNode) -> None:
    new_cell(notebook)
    notebook.cells.insert(2, nbformat.v4.new_markdown_cell("And another paragraph."))


def written_in_a_copy(notebook: NotebookNode) -> None:
    notebook.cells.insert(1, text())


def copied(notebook: NotebookNode) -> None:
    notebook.cells.insert(4, copy.deepcopy(notebook.cells[1]))


def at_the_end(notebook: NotebookNode) -> None:
    notebook.cells.append(notebook.cells.pop(1))


@pytest.mark.parametrize(
    "spoil",
    [
        unmarked,
        forged,
        code,
        raw_without_metadata,
        new_cell,
        two_new_cells,
        written_in_a_copy,
        copied,
        at_the_end,
    ],
)
def test_what_was_written_waits_for_a_person(spoil) -> None:
    """Its points and its checksum are those that were given out; the code beside it is graded as ever."""
    notebook = handed_in("Because.")
    spoil(notebook)
    result = put_back(notebook)
    cell = result.texts["why"]

    assert (cell.source, cell.cell_type) == ("Because.", "markdown")
    assert cell.metadata == text().metadata
    assert text_report(TASK, result).pending
    assert [run.source for run in result.cells] == ["a = 1", 'check("sum", a)']
    assert sum(c.metadata.get("nbgrader", {}).get("grade_id") == "why" for c in result.notebook.cells) == 1
    assert untouched(result.cells, in_both()) == {"sum"}
    nbformat.validate(result.notebook)


def test_a_deleted_cell_is_put_back_as_it_was_given_out() -> None:
    """In the notebook's language, in its place, and that is said."""
    notebook = released("ko")
    del notebook.cells[1]
    result = put_back(notebook)

    assert result.texts["why"].source == PROMPTS["ko"]
    assert [cell.id for cell in result.notebook.cells][-3:] == ["why", "sum-answer", "sum"]
    assert not text_report(TASK, result).pending
    assert "The cell of the answer `why` was missing; it was put back as given out." in [
        render(note, "en") for note in result.notes
    ]


def test_the_other_text_of_two_stays_in_the_notebook() -> None:
    notebook = handed_in("First.")
    second = text()
    second.source = "Second."
    notebook.cells.insert(2, second)
    result = put_back(notebook)

    assert result.texts["why"].source == "First."
    assert "Second." in [cell.source for cell in result.notebook.cells]
    assert any("appears twice" in render(note, "en") for note in result.notes)


def test_a_long_text_is_cut_in_the_report_and_whole_in_the_notebook() -> None:
    """Ten million characters with half a character in them."""
    answer = "\ud800" + "x" * 10_000_000
    result = put_back(handed_in(answer))
    found = text_report(TASK, result)

    assert len(found.written) == 8_000
    assert found.written.endswith("…")
    assert "\ud800" not in found.written
    assert len(result.texts["why"].source) == len(answer)


def test_a_notebook_is_known_by_its_text() -> None:
    """One with nothing but a text to it is of its assignment all the same."""
    notebook = released()
    notebook.cells = [notebook.cells[0], text("en", "other"), notebook.cells[1]]
    notebook.cells[1].metadata.nbgrader["grade_id"] = ["what no name can be"]

    assert task_ids(notebook) == {"why"}
    assert put_back(notebook).texts["why"].source == PROMPTS["en"]
