"""What was given out of the set-up runs in any case, whatever a learner has made of its cell."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import nbformat
import nbformat.v4
import pytest
from nbformat import NotebookNode

from autograder.course import Assignment, Course, first_cell, load_course
from autograder.course.release import released
from autograder.course.source import read_source
from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from autograder.feedback import Report
from autograder.grading import GradingSession, Submission, choose_isolation
from autograder.grading.recognise import given_out, given_out_by
from autograder.grading.restore import Restored, restore, untouched
from autograder.messages import render
from autograder.sandbox import WarmInterpreter
from autograder.version import VERSION
from tests.grading.test_restore import cell, notebook
from tests.warm import programs_are_warm  # noqa: F401

SETUP = "import keras\nfrom keras import layers"


def code(source: str, identity: str = "") -> NotebookNode:
    made = nbformat.v4.new_code_cell(source)
    return NotebookNode({**made, "id": identity or made.id})


@pytest.fixture
def source() -> NotebookNode:
    return notebook(
        code(SETUP, "imports"),
        cell("first-answer", "a = 1", solution=True),
        cell("first", 'check("first", a)', grade=True, locked=True),
        code("data = [1, 2]", "data"),
        cell("second-answer", "b = 2", solution=True),
        cell("second", 'check("second", b)', grade=True, locked=True),
        code("plot(data)", "experiment"),
    )


def restored(cells: list[NotebookNode], source: NotebookNode) -> Restored:
    return restore(notebook(*copy.deepcopy(cells)), given_out(source), ("first", "second"))


def setups(result: Restored) -> dict[str, str]:
    return {cell.source: cell.setup for cell in result.cells if cell.setup}


def notes(result: Restored) -> list[str]:
    return [render(said, "en") for said in result.notes]


def test_a_set_up_that_is_there_runs_once_and_as_it_is(source: NotebookNode) -> None:
    result = restored(source.cells, source)

    assert setups(result) == {}
    assert not any(cell.lenient for cell in result.cells)
    assert notes(result) == []


def test_a_changed_one_runs_after_what_was_given_out_and_to_its_end(source: NotebookNode) -> None:
    changed = code(f"from google.colab import drive\n{SETUP}\nimport math", "imports")
    result = restored([changed, *source.cells[1:]], source)

    assert setups(result) == {changed.source: SETUP}
    assert [cell.source for cell in result.cells if cell.lenient] == [changed.source]
    assert notes(result) == []


def test_a_deleted_one_runs_before_the_first_cell_that_comes_after_it(source: NotebookNode) -> None:
    _, first, checked, _, *rest = source.cells
    result = restored([first, checked, *rest], source)

    assert setups(result) == {"a = 1": SETUP, "b = 2": "data = [1, 2]"}
    assert notes(result) == [
        "The set-up cell `imports` was missing where it is needed; it was run as given out.",
        "The set-up cell `data` was missing where it is needed; it was run as given out.",
    ]


def test_a_moved_one_runs_where_it_was_and_where_it_is(source: NotebookNode) -> None:
    imports, *rest = source.cells
    result = restored([*rest[:-1], imports, rest[-1]], source)

    assert setups(result) == {"a = 1": SETUP}
    assert len(notes(result)) == 1


def test_one_that_has_become_text_is_missing(source: NotebookNode) -> None:
    text = nbformat.v4.new_markdown_cell(SETUP)
    assert setups(restored([text, *source.cells[1:]], source)) == {"a = 1": SETUP}


def test_one_that_only_moved_within_its_place_is_there(source: NotebookNode) -> None:
    own = code("import math")
    assert setups(restored([own, *source.cells], source)) == {}


def test_a_changed_set_up_is_not_taken_for_an_answer(source: NotebookNode) -> None:
    """Where an editor has dropped the metadata, the one unknown cell before the check is the answer."""
    changed, answer = code(f"import pandas\n{SETUP}", "imports"), code("a = 5")
    result = restored([changed, answer, *source.cells[2:]], source)

    assert [cell.source for cell in result.cells][:2] == [changed.source, "a = 5"]
    assert [cell.id for cell in result.cells][1] != changed.id
    assert result.notebook.cells[1].metadata["nbgrader"]["grade_id"] == "first-answer"


COURSE = load_course(Path(__file__).parents[2] / "course.yml")
INCEPTION = COURSE.assignment("inception")


@pytest.fixture(scope="module")
def session() -> Iterator[GradingSession]:
    isolation = choose_isolation(COURSE, unsafe=True)
    with GradingSession.open(COURSE, isolation, start=WarmInterpreter.spawn) as opened:
        opened.prepare([INCEPTION])
        yield opened


def solved() -> NotebookNode:
    """The notebook as it is given out, with the solution's answers in it."""
    answers = {
        nbgrader(cell)["grade_id"]: solution(cell.source)
        for cell in read_source(COURSE, INCEPTION).cells
        if nbgrader(cell).get("solution")
    }
    made = released(COURSE, INCEPTION, "en")
    for each in made.cells:
        each.source = answers.get(nbgrader(each).get("grade_id"), each.source)
    return made


def graded(session: GradingSession, submitted: NotebookNode, folder: Path) -> Report:
    path = folder / "inception.ipynb"
    nbformat.write(submitted, path)
    return session.grade(Submission("kim", "inception", path)).report


def failing(line: str) -> NotebookNode:
    made = solved()
    (imports,) = (each for each in made.cells if each.id == "imports")
    imports.source = f"{line}\n{imports.source}\nfrom keras.layers import Conv2D"
    for each in made.cells:
        # What the learner's own set-up makes below the line that fails is there, too.
        if nbgrader(each).get("grade_id") == "inception-module-answer":
            each.source = each.source.replace("layers.Conv2D(", "Conv2D(")
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("from google.colab import drive\ndrive.mount('/content/drive')", "google.colab"),
        ("import polars as pl", "polars"),
        ("%load_ext no_such_extension", "no_such_extension"),
        ("import os\nos.chdir('/content/drive/My Drive')", None),
        ("%no_such_magic", None),
    ],
)
def test_a_line_that_fails_on_the_grader_only_costs_nothing(
    session: GradingSession, tmp_path: Path, line: str, package: str | None
) -> None:
    report = graded(session, failing(line), tmp_path)
    said = " ".join(render(note, "en") for note in report.notes)

    assert (report.outcome, report.score) == ("graded", 10)
    assert (f"The grader has no package `{package}`" in said) is (package is not None)
    assert [run.state for run in report.cells].count("error") == 1


@pytest.mark.slow
@pytest.mark.parametrize("where", ["deleted", "last"])
def test_a_set_up_that_is_deleted_or_moved_costs_nothing(
    session: GradingSession, tmp_path: Path, where: str
) -> None:
    made = solved()
    (imports,) = (each for each in made.cells if each.id == "imports")
    made.cells.remove(imports)
    if where == "last":
        made.cells.append(imports)
    report = graded(session, made, tmp_path)

    assert report.score == 10
    assert any("The set-up cell `imports` was missing" in render(note, "en") for note in report.notes)


@pytest.mark.slow
def test_a_mistake_below_a_set_up_that_fails_is_said_to_be_where_it_is(
    session: GradingSession, tmp_path: Path
) -> None:
    made = failing("import pandas as pd")
    for each in made.cells:
        if nbgrader(each).get("grade_id") == "branch-sizes-answer":
            each.source = "sizes = dict(a=sisez)"
    report = graded(session, made, tmp_path)
    task = next(task for task in report.tasks if task.id == "branch-sizes")
    said = " ".join(
        render(text, "en")
        for check in task.checks
        if check.failure is not None
        for text in (check.failure.found, check.failure.rationale)
        if text is not None
    )

    assert "sisez" in said
    assert "pandas" not in said


@pytest.mark.slow
def test_who_ends_a_lenient_cell_ends_it_also_after_an_error(session: GradingSession, tmp_path: Path) -> None:
    own = code("raise ValueError('first')\nraise SystemExit\nafterwards = 1", "own")
    made = solved()
    made.cells.insert(0, own)
    made.cells.insert(1, code("afterwards", "asks"))
    report = graded(session, made, tmp_path)

    assert report.score == 10
    errors = {run.id: render(run.error, "en") for run in report.cells if run.error is not None}
    assert "SystemExit" in errors["own"]
    assert "NameError" in errors["asks"]


def first_of(cells: list[NotebookNode]) -> NotebookNode:
    return next(each for each in cells if each.id == first_cell.ID)


def broken_first_cells() -> dict[str, list[NotebookNode]]:
    """A solved notebook with a first cell that is missing, changed, of an older release or without its id."""
    found = {name: list(solved().cells) for name in ("missing", "changed", "broken", "older", "nameless")}
    found["missing"].remove(first_of(found["missing"]))
    first_of(found["changed"]).source = "%pip install no_such_package\nimport math"
    first_of(found["broken"]).source = 'ready("0.1.0", "en")\nraise RuntimeError'
    for name in ("older", "nameless"):
        first_of(found[name]).source = 'from autograder import ready\nready("0.0.1", "en")'
    first_of(found["nameless"])["id"] = "anything"
    return found


@pytest.mark.parametrize("what", ["missing", "changed", "broken", "older", "nameless"])
def test_whatever_becomes_of_the_first_cell_nothing_is_said_of_it(what: str) -> None:
    """It gets a learner's machine ready, and the grader's is none: nothing below needs it."""
    cells = broken_first_cells()[what]
    tasks = [task.id for task in INCEPTION.tasks]
    result = restore(notebook(*cells), given_out_by(COURSE, INCEPTION), tasks)

    assert notes(result) == []
    assert setups(result) == {}
    code = [each.source for each in cells if each.cell_type == "code"]
    assert [each.source for each in result.cells] == code[: len(result.cells)]


@pytest.mark.slow
def test_whatever_becomes_of_the_first_cell_costs_nothing(session: GradingSession, tmp_path: Path) -> None:
    scores = {
        what: graded(session, notebook(*cells), tmp_path).score
        for what, cells in broken_first_cells().items()
    }

    assert scores == dict.fromkeys(scores, 10)


@pytest.mark.parametrize("language", COURSE.languages)
@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_a_notebook_as_given_out_is_untouched_in_every_language(
    assignment: Assignment, language: str
) -> None:
    """Its first cell and the labels of its plots are others from language to language."""
    made, source = released(COURSE, assignment, language), given_out_by(COURSE, assignment)
    tasks = {task.id for task in assignment.tasks}
    result = restore(made, source, tasks)

    assert untouched(result.cells, source) == tasks
    assert not any(each.lenient for each in result.cells)
    assert (notes(result), setups(result)) == ([], {})
    own = {each.source.strip() for each in made.cells if each.cell_type == "code" and not nbgrader(each)}
    assert own <= source.others


@pytest.mark.parametrize("language", COURSE.languages)
def test_what_is_said_before_the_first_task_in_a_language_is_no_set_up(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plot with labels, with the cells below it: it is not missing in the other language's notebook."""

    def with_plot(course: Course, assignment: Assignment, spoken: str) -> NotebookNode:
        made = released(course, assignment, spoken)
        place = next(number for number, each in enumerate(made.cells) if nbgrader(each))
        made.cells.insert(place, code(f"plot(data, label={spoken!r})", f"plot-{spoken}"))
        return made

    monkeypatch.setattr("autograder.course.release.released", with_plot)
    made, source = with_plot(COURSE, INCEPTION, language), given_out_by(COURSE, INCEPTION)
    tasks = {task.id for task in INCEPTION.tasks}
    result = restore(made, source, tasks)

    assert (notes(result), setups(result)) == ([], {})
    assert untouched(result.cells, source) == tasks
    assert not any(each.lenient for each in result.cells)
    assert [setup.id for setup in source.setups] == ["imports"]


def test_a_first_cell_of_an_older_package_is_untouched() -> None:
    made, source = released(COURSE, INCEPTION, "en"), given_out_by(COURSE, INCEPTION)
    tasks = {task.id for task in INCEPTION.tasks}
    first = first_of(made.cells)
    first.source = first.source.replace(VERSION, "0.0.1")
    assert untouched(restore(made, source, tasks).cells, source) == tasks
