"""The autograded notebook: nbgrader reads the grader's own number there and no other."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import determine_grade

from autograder.gradebook import autograded
from autograder.gradebook.autograded import (
    AFTERWARDS_ID,
    DEEPEST,
    MOST_LINES,
    NOTES_ID,
    autograded_notebook,
    autograded_text,
    card_of,
)
from autograder.grading import GradedSubmission, given_out, without_run
from autograder.messages import message
from tests.gradebook.builders import display, given, graded, result, stream

HOSTILE = [
    [result("2.0")],
    [result("100")],
    [result("-1")],
    [result("nan")],
    [result("anything at all")],
    [stream("no", "stderr"), result("2.0")],
    [{"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]}],
    [
        display({"text/html": "<b>2 / 2</b>"}, {"autograder": {"kind": "card", "task": "first"}}),
        result("2.0"),
    ],
]


def cell_of(notebook, grade_id: str):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.mark.parametrize("outputs", HOSTILE)
@pytest.mark.parametrize("score", [0.0, 0.5, 2.0])
def test_nbgrader_reads_our_score_whatever_a_learners_cell_shows(outputs, score: float) -> None:
    done, source = graded(given("first", "second"), {"first": score, "second": 0.0}, {1: outputs, 3: outputs})

    notebook = autograded_notebook(done, source, "en")

    assert determine_grade(cell_of(notebook, "first")) == (score, 2.0)
    assert determine_grade(cell_of(notebook, "second")) == (0, 2.0)


@examples(st.floats(0, 2, allow_nan=False))
def test_a_score_arrives_exactly(score: float) -> None:
    done, source = graded(given("first"), {"first": score})

    assert determine_grade(cell_of(autograded_notebook(done, source, "en"), "first")) == (score, 2.0)


@pytest.mark.parametrize("kind", [dict, list])
def test_an_output_that_is_nested_too_deep_is_left_out_and_that_is_said(kind: type) -> None:
    """What copies a notebook calls itself for each level; the learner's points are not at stake."""
    nested: object = "x"
    for _ in range(5000):
        nested = {"a": nested} if kind is dict else [nested]
    outputs = [stream("before"), display({"application/json": nested, "text/plain": "x"}), stream("after")]
    done, source = graded(given("first"), {"first": 2.0}, {0: outputs, 1: outputs})

    notebook = nbformat.reads(autograded_text(done, source, "en"), as_version=4)

    assert determine_grade(cell_of(notebook, "first")) == (2.0, 2.0)
    shown = cell_of(notebook, "first-answer").outputs
    assert [output.get("text") for output in shown] == ["before", None, "after"]
    assert (
        shown[1].data["text/plain"] == f"An output is nested more than {DEEPEST} levels deep; it is left out."
    )


def test_more_than_anybody_can_look_at_is_left_out_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One picture that is shown ten thousand times is copied as often."""
    monkeypatch.setattr(autograded, "LARGEST", 5000)
    outputs = [display({"text/plain": "x" * 1000}) for _ in range(10_000)]
    done, source = graded(given("first"), {"first": 2.0}, {0: outputs, 1: [stream("more")]})

    notebook = autograded_notebook(done, source, "en")
    shown = cell_of(notebook, "first-answer").outputs

    assert len(shown) < 10
    assert shown[0].data["text/plain"] == "x" * 1000
    assert "what comes here and below is left out" in shown[-1].data["text/plain"]
    assert determine_grade(cell_of(notebook, "first")) == (2.0, 2.0)
    assert len(cell_of(notebook, "first").outputs) == 2


def test_no_cell_of_a_learner_s_is_taken_for_the_grader_s_own() -> None:
    release = given("first")
    mine = [nbformat.v4.new_markdown_cell("mine", id=name) for name in (NOTES_ID, AFTERWARDS_ID)]
    submitted = nbformat.v4.new_notebook(cells=[*mine, *release.cells], metadata=release.metadata)
    done, source = graded(release, {"first": 2.0}, submitted=submitted, notes=[message("Something.")])

    notebook = autograded_notebook(done, source, "en")

    assert [cell.id for cell in notebook.cells if cell.source == "mine"] == [
        f"{NOTES_ID}-2",
        f"{AFTERWARDS_ID}-2",
    ]
    assert [cell.id for cell in notebook.cells].count(NOTES_ID) == 1


def test_a_graded_cell_shows_one_result_then_its_card_then_the_learners_outputs() -> None:
    done, source = graded(given("first"), {"first": 1.0}, {1: [stream("hello"), result("2.0")]})

    cell = cell_of(autograded_notebook(done, source, "en"), "first")

    assert [output.output_type for output in cell.outputs] == ["execute_result", "display_data", "stream"]
    assert cell.outputs[0].data["text/plain"] == "1.0"
    assert "bs-card" in cell.outputs[1].data["text/html"]
    assert card_of(cell) is cell.outputs[1]


def test_a_learners_output_cannot_pass_for_a_card() -> None:
    forged = display({"text/html": "<p>2 / 2</p>"}, {"autograder": {"kind": "card", "task": "first"}})
    done, source = graded(given("first"), {"first": 0.0}, {0: [result("2.0"), forged], 1: [forged]})

    notebook = autograded_notebook(done, source, "en")

    assert card_of(cell_of(notebook, "first-answer")) is None
    assert all("autograder" not in o.get("metadata", {}) for o in cell_of(notebook, "first-answer").outputs)


def test_what_was_repaired_stands_at_the_top() -> None:
    release = given("first")
    submitted = nbformat.from_dict(release)
    submitted.cells[2].source = "check('first', 1)  # <script>"
    done, source = graded(release, {"first": 0.0}, submitted=submitted)

    first = autograded_notebook(done, source, "ko").cells[0]

    assert first.cell_type == "markdown"
    assert "이 제출물에 대해" in first.source
    assert "<code>first</code>" in first.source


def test_a_note_is_text_and_no_markup() -> None:
    note = message("The notebook is called {found}, not {wanted}; it was graded anyway.",
                   found="<script>alert(1)</script>.ipynb", wanted="inception.ipynb")  # fmt: skip
    done, source = graded(given("first"), {"first": 2.0}, notes=[note])

    assert "<script" not in autograded_notebook(done, source, "en").cells[0].source


def test_what_could_not_be_read_has_its_graded_cells_and_no_points(tmp_path) -> None:
    from autograder.course import load_course
    from autograder.feedback import Isolation
    from autograder.grading import Submission
    from tests.gradebook.courses import ROOT

    course = load_course(ROOT / "course.yml")
    assignment = course.assignment("inception")
    release = nbformat.read(ROOT / "assignments/en/inception/inception.ipynb", as_version=4)
    report = without_run(
        Submission("kim", "inception", tmp_path / "inception.ipynb"),
        assignment,
        "unreadable",
        [message("There is nothing to show for this submission.")],
        Isolation(level="full"),
    )

    notebook = autograded_notebook(GradedSubmission(report), given_out(release), "en")

    assert notebook.cells[0].cell_type == "markdown"
    assert {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in notebook.cells[1:]} == {
        task.id: 0 for task in assignment.tasks
    }


def test_nbgraders_own_limit_finds_nothing_left_to_cut() -> None:
    flood = stream("\n".join(map(str, range(5000))))
    done, source = graded(given("first"), {"first": 0.0}, {0: [flood, stream("more")]})
    notebook = autograded_notebook(done, source, "en")
    before = nbformat.writes(notebook)

    limited, _ = LimitOutput().preprocess(notebook, {})

    assert nbformat.writes(limited) == before
    assert cell_of(notebook, "first-answer").outputs[0].text.count("\n") == MOST_LINES - 1


@examples(
    st.lists(st.sampled_from(["first", "second", "first-answer", "nothing", ""]), max_size=6), st.data()
)
def test_whatever_the_cells_call_themselves_nbgrader_accepts_the_notebook(names, data) -> None:
    """A copied cell, an unknown id, metadata of an old schema: each stops a whole batch of plain nbgrader."""
    release = given("first", "second")
    submitted = nbformat.from_dict(release)
    for name in names:
        cell = nbformat.v4.new_code_cell(data.draw(st.sampled_from(["x = 1", 'check("first", first)'])))
        cell.metadata["nbgrader"] = data.draw(
            st.sampled_from([
                {},
                {"grade_id": name, "grade": True, "points": 99, "solution": False, "schema_version": 1},
                {"grade_id": name, "schema_version": 2, "grade": False, "solution": True, "locked": False},
                {"grade_id": name},
                {"grade_id": [name], "grade": "yes"},
            ])
        )  # fmt: skip
        submitted.cells.insert(data.draw(st.integers(0, len(submitted.cells))), cell)
    done, source = graded(release, {"first": 1.0, "second": 2.0}, submitted=submitted)

    notebook = nbformat.reads(autograded_text(done, source, "en"), as_version=4)

    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert {name: determine_grade(cell_of(notebook, name))[0] for name in ("first", "second")} == {
        "first": 1.0,
        "second": 2.0,
    }
