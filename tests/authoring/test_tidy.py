"""A source notebook needs no JSON to be edited: what its cells say is the metadata that it gets."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring import tidied, tidy
from autograder.course import Assignment, Course, load_course
from autograder.course.source import read_source
from tests.course.conftest import COURSE_YML

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
EACH = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The small course: two tasks, English and Korean, a source notebook as JupyterLab leaves it."""
    (tmp_path / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    course = load_course(tmp_path / "course.yml")
    path = course.source(course.assignments[0])
    path.parent.mkdir(parents=True)
    nbformat.write(as_written(), path)
    return course


def text(source: str, *tags: str) -> NotebookNode:
    return new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def as_written() -> NotebookNode:
    """What an author has typed: random ids, tags and first lines for languages."""
    return new_notebook(
        cells=[
            text("# Adding", "en"),
            text("# 더하기", "ko"),
            new_code_cell("from autograder import check, hint"),
            text("<!-- en -->\n## Task 1: one sum (4 points)"),
            text("<!-- ko -->\n## 과제 1: 합 하나 (4점)"),
            new_code_cell(
                "### BEGIN SOLUTION\ntotal = 2\n### BEGIN STUB\n# total = 11\n### END STUB\n### END SOLUTION"
            ),
            new_code_cell('check("one-sum", total)'),
            text("## Task 2: a block (6 points)", "en"),
            text("## 과제 2: 블록 (6점)", "ko"),
            new_code_cell(
                "def block(x):\n    ### BEGIN SOLUTION\n    return x\n    ### BEGIN STUB\n    # return 2\n"
                "    ### END STUB\n    ### END SOLUTION"
            ),
            new_code_cell('check("sum-block", block)'),
            new_code_cell("print(total)"),
            text("## Why", "en", "afterwards"),
            text("## 왜", "ko", "afterwards"),
            new_code_cell("def block(x):\n    return 1 * x", metadata={"tags": ["afterwards", "slow"]}),
        ]
    )  # fmt: skip


def test_what_was_typed_is_a_source_notebook_in_order(course: Course) -> None:
    """Reading it finds no fault, although nobody has edited its metadata."""
    (assignment,) = course.assignments

    assert tidy(course, assignment)
    notebook = read_source(course, assignment)
    found = [(cell.id, cell.metadata.get("lang"), cell.metadata.get("afterwards")) for cell in notebook.cells]
    assert [entry for entry in found if len(entry[0]) > 8 or "-" in entry[0]] == [
        ("intro-en", "en", None),
        ("intro-ko", "ko", None),
        ("task-1-en", "en", None),
        ("task-1-ko", "ko", None),
        ("one-sum-answer", None, None),
        ("one-sum", None, None),
        ("task-2-en", "en", None),
        ("task-2-ko", "ko", None),
        ("sum-block-answer", None, None),
        ("sum-block", None, None),
        ("afterwards-en", "en", True),
        ("afterwards-ko", "ko", True),
    ]
    assert notebook.cells[3].source == "## Task 1: one sum (4 points)"
    assert notebook.cells[-1].metadata == {"afterwards": "sum-block-answer", "tags": ["slow"]}


TEXT = "<!-- en -->\nWrite here.\n<!-- ko -->\n여기에.\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION"


def test_a_text_with_a_solution_answers_the_task_that_expects_one(course: Course) -> None:
    """All languages stand in it, so it has none; without its region it stays what it was."""
    (assignment,) = course.assignments
    why = assignment.tasks[0].model_copy(update={"id": "why", "expects": "text", "points": 2.5})
    assignment = assignment.model_copy(update={"tasks": (why, *assignment.tasks)})
    notebook = as_written()
    notebook.cells.insert(2, text(TEXT))
    made = tidied(course, assignment, notebook)
    cell = made.cells[2]

    assert (cell.id, cell.source) == ("why", TEXT)
    assert cell.metadata == {
        "nbgrader": {
            "grade": True,
            "grade_id": "why",
            "locked": False,
            "points": 2.5,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }
    }
    assert [cell.id for cell in made.cells[:2]] == ["task-1-en", "task-1-ko"]
    cell.source = "Because."
    assert tidied(course, assignment, made).cells[2] == cell


def test_points_are_those_of_the_registry(course: Course) -> None:
    (assignment,) = course.assignments
    tidy(course, assignment)
    points = {
        cell.id: cell.metadata.nbgrader.get("points")
        for cell in read_source(course, assignment).cells
        if "nbgrader" in cell.metadata
    }

    assert points == {"one-sum-answer": None, "one-sum": 4, "sum-block-answer": None, "sum-block": 6}


def test_what_is_in_order_is_left_alone(course: Course) -> None:
    """Not a byte of it changes, nor the time of its last change."""
    (assignment,) = course.assignments
    tidy(course, assignment)
    path = course.source(assignment)
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns

    assert not tidy(course, assignment)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, stamp)


def test_a_notebook_of_an_older_format_is_brought_to_ids(course: Course) -> None:
    (assignment,) = course.assignments
    notebook = as_written()
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    nbformat.write(notebook, course.source(assignment))
    tidy(course, assignment)

    assert read_source(course, assignment).nbformat_minor == 5


def test_a_cell_that_is_graded_no_more_is_none_for_nbgrader(course: Course) -> None:
    """Its task was renamed, or the text of its check is another's now."""
    (assignment,) = course.assignments
    tidy(course, assignment)
    notebook = read_source(course, assignment)
    notebook.cells[6].source = "total"
    made = tidied(course, assignment, notebook)

    assert "nbgrader" not in made.cells[6].metadata
    assert "nbgrader" not in made.cells[5].metadata
    assert made.cells[9].metadata.nbgrader.grade_id == "sum-block-answer"


def test_a_text_without_a_mark_is_of_the_one_language(course: Course) -> None:
    """In a course of one language nothing has to be marked; in one of two the linter asks."""
    (assignment,) = course.assignments
    notebook = new_notebook(cells=[text("# Adding")])
    single = course.model_copy(update={"languages": ("en",)})

    assert tidied(single, assignment, notebook).cells[0].metadata == {"lang": "en"}
    assert tidied(course, assignment, notebook).cells[0].metadata == {}


def test_ids_that_two_cells_share_are_told_apart(course: Course) -> None:
    (assignment,) = course.assignments
    notebook = new_notebook(cells=[new_code_cell(f"a = {number}") for number in range(3)])
    for cell, name in zip(notebook.cells, ("x", "x", "x-2"), strict=True):
        cell["id"] = name
    ids = [cell.id for cell in tidied(course, assignment, notebook).cells]

    assert ids == ["x", "x-2", "x-2-2"]


def test_what_is_no_notebook_is_left_to_who_reads_it(course: Course) -> None:
    """The sentence about it is that of the release, the linter and the grader."""
    (assignment,) = course.assignments
    course.source(assignment).write_text("{", encoding="utf-8")

    assert not tidy(course, assignment)
    course.source(assignment).unlink()
    assert not tidy(course, assignment)


@EACH
def test_the_courses_own_notebooks_are_in_order(assignment: Assignment) -> None:
    notebook = nbformat.read(COURSE.source(assignment), as_version=4)

    assert tidied(COURSE, assignment, notebook) == notebook


@EACH
def test_a_notebook_without_its_metadata_gets_it_back(assignment: Assignment) -> None:
    """From the texts alone, with a tag for what is in one language or shown after full marks."""
    notebook = nbformat.read(COURSE.source(assignment), as_version=4)
    bare = copy.deepcopy(notebook)
    for number, cell in enumerate(bare.cells):
        tags = [*cell.metadata.get("tags", []), cell.metadata.get("lang")]
        tags.append("afterwards" if "afterwards" in cell.metadata else None)
        cell.metadata = nbformat.from_dict({"tags": [tag for tag in tags if tag]} if any(tags) else {})
        cell["id"] = f"{number:08x}"
    made = tidied(COURSE, assignment, bare)

    assert [cell.metadata for cell in made.cells] == [cell.metadata for cell in notebook.cells]
    assert len({cell.id for cell in made.cells}) == len(made.cells)
