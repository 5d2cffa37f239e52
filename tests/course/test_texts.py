"""A task that expects a text: what its entry and its cell must be; its solution is never given out."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.audit import written_findings
from autograder.course import Course, CourseError, load_course
from autograder.course.release import checksum, released
from autograder.course.source import read_source
from autograder.course.starter import MarkerError, placeholder
from autograder.messages import render

from .conftest import COURSE_YML, source_notebook, write_source

TASK = """\
      - id: why
        title: {en: Why, ko: 왜}
        points: 2
        expects: text
"""
CELL = """\
<!-- en -->
Write your answer here.

<!-- ko -->
여기에 답을 쓰세요.

### BEGIN SOLUTION
Sums do not care for the order.
### END SOLUTION"""
BOTH = ("en", "ko")


def text_cell(source: str = CELL, **changes: object) -> NotebookNode:
    data = {
        "schema_version": 3,
        "grade": True,
        "solution": True,
        "locked": False,
        "task": False,
        "grade_id": "why",
        "points": 2,
    }
    return new_markdown_cell(source, id="why", metadata={"nbgrader": {**data, **changes}})


@pytest.fixture
def with_text(course: Course) -> Course:
    """The small course with a text at the end of its assignment."""
    registry = COURSE_YML.replace("points: 10", "points: 12", 1) + TASK
    course.file.write_text(registry, encoding="utf-8")
    notebook = source_notebook()
    notebook.cells.append(text_cell())
    write_source(course.root, notebook)
    return load_course(course.file)


def spoilt(course: Course, cell: NotebookNode) -> list[str]:
    """What is said of the source notebook with that cell in the text's place."""
    notebook = source_notebook()
    notebook.cells.append(cell)
    write_source(course.root, notebook)
    with pytest.raises(CourseError) as raised:
        read_source(course, course.assignments[0])
    return [render(said, "en").partition(": ")[2] for said in raised.value.messages]


@pytest.mark.parametrize(
    "key",
    ["names_fixed: true", "probes: [[[8]]]", "target: outline", "stub_scores: 1", "leaves_free: [metrics]"],
)
def test_what_only_checks_use_is_refused(with_text: Course, key: str) -> None:
    """One sentence, with the line of the key."""
    text = with_text.file.read_text(encoding="utf-8") + f"        {key}\n"
    with_text.file.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as raised:
        load_course(with_text.file)
    (said,) = raised.value.messages

    assert render(said, "en").endswith(
        f"a text is graded by hand, so `{key.partition(':')[0]}` has no meaning here; take it out."
    )
    assert said.values["line"] == len(text.splitlines())


def test_each_language_gets_its_prompt_and_nothing_of_the_solution(with_text: Course) -> None:
    """The cell is nbgrader's free response, which nobody can delete, and which can be written in."""
    for language, prompt in zip(BOTH, ("Write your answer here.", "여기에 답을 쓰세요."), strict=True):
        notebook = released(with_text, with_text.assignments[0], language)
        cell = notebook.cells[-1]

        assert cell.source == prompt
        assert (cell.metadata.get("deletable"), cell.metadata.get("editable")) == (False, None)
        assert cell.metadata.nbgrader.checksum == checksum(cell)
        assert cell.metadata.nbgrader.cell_type == "markdown"
        assert "Sums do not care" not in nbformat.writes(notebook)


@pytest.mark.parametrize(
    ("source", "line", "wanted"),
    [
        ("My answer.", 1, "### BEGIN SOLUTION"),
        ("### BEGIN SOLUTION\nMy answer.", 2, "### END SOLUTION"),
        ("My answer.\n### END SOLUTION", 2, "### BEGIN SOLUTION"),
        ("BEGIN SOLUTION\nMy answer.\nEND SOLUTION", 1, "### BEGIN SOLUTION"),
        ("### BEGIN SOLUTION\n### BEGIN STUB\n# x\n### END STUB\n### END SOLUTION", 2, "### END SOLUTION"),
    ],
)
def test_a_solution_that_is_not_marked_as_one_is_not_given_out(
    with_text: Course, source: str, line: int, wanted: str
) -> None:
    """Release and linter name the line, and the marker that should be there."""
    with pytest.raises(MarkerError) as raised:
        placeholder(source, "en", BOTH)
    assert (raised.value.line, raised.value.wanted) == (line, wanted)

    notebook = source_notebook()
    notebook.cells.append(text_cell(source))
    write_source(with_text.root, notebook)
    with pytest.raises(CourseError):
        released(with_text, with_text.assignments[0], "en")
    found = written_findings(with_text, with_text.assignments)
    assert [(finding.rule, finding.cell) for finding in found if finding.cell == "why"] == [("stub", "why")]


LINES = st.lists(st.sampled_from(["", "secret", "<!-- en -->", "<!-- ko -->", "<!-- note -->", "shown"]))


@given(LINES, LINES.map(lambda lines: [line.replace("shown", "secret") for line in lines]), LINES)
def test_no_line_of_a_solution_is_in_a_prompt(
    before: list[str], solution: list[str], after: list[str]
) -> None:
    """Wherever the region stands, and whatever languages are named in it."""
    around = [[line for line in lines if line != "secret"] for lines in (before, after)]
    region = ["### BEGIN SOLUTION", *solution, "  ### END SOLUTION"]
    source = "\n".join([*around[0], *region, *around[1]])

    assert "secret" not in placeholder(source, "en", BOTH) + placeholder(source, "ko", BOTH)


def test_a_prompt_that_is_missing_is_named(with_text: Course) -> None:
    notebook = source_notebook()
    notebook.cells.append(text_cell(CELL.replace("여기에 답을 쓰세요.", "")))
    write_source(with_text.root, notebook)
    found = [render(one.said, "en") for one in written_findings(with_text, with_text.assignments)]

    assert len([said for said in found if "there is no prompt in `ko`" in said]) == 1
    assert not any("there is no prompt in `en`" in said for said in found)


def test_the_cell_of_a_text_is_a_text(with_text: Course) -> None:
    """Not code, not missing, marked for nbgrader as it must be, and the only one with a solution."""
    code = nbformat.v4.new_code_cell(CELL, id="why", metadata=text_cell().metadata)

    assert spoilt(with_text, code) == [
        "the cell `why` is of the kind `code`; the answer to a task with `expects: text` is written in a "
        "text (Markdown) cell."
    ]
    assert spoilt(with_text, new_markdown_cell("No.", id="x-en", metadata={"lang": "en"}))[0].startswith(
        "there is no cell for the text of the task `why`"
    )
    assert spoilt(with_text, text_cell(locked=True)) == [
        "cell `why`: `locked` in its nbgrader metadata should be false."
    ]
    stray = new_markdown_cell(CELL, id="stray")
    assert any("and is the answer to no task" in said for said in spoilt(with_text, stray))
