"""The real course: its source notebooks, and what students get of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import Assignment, Course, load_course
from autograder.course.release import out_of_step
from autograder.course.source import nbgrader, read_source
from autograder.course.starter import solution, starter
from autograder.messages import LANGUAGES, Language

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
HANGUL = re.compile("[가-힣]")
EACH = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def answers(assignment: Assignment) -> list[NotebookNode]:
    """The source notebook's solution cells."""
    return [cell for cell in read_source(COURSE, assignment).cells if nbgrader(cell).get("solution")]


def given_out(assignment: Assignment, language: Language) -> NotebookNode:
    """The notebook that students get."""
    return nbformat.read(COURSE.released(assignment, language), as_version=4)


def paragraphs(text: str) -> list[str]:
    """What is prose in a text cell: no formulas, pictures, code in backticks or titles of papers."""
    bare = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|!\[.*?\]\(.*?\)|\*[^*]*\*\(\d{4}\)", " ", text, flags=re.S)
    return [part for part in bare.split("\n\n") if len(re.findall(r"[A-Za-z가-힣]", part)) > 3]


@EACH
def test_points_and_cells_agree_with_the_registry(assignment: Assignment) -> None:
    """Ten points, two to five tasks, and a source notebook that is in order."""
    assert assignment.points == 10
    assert 2 <= len(assignment.tasks) <= 5
    assert len(answers(assignment)) == len(assignment.tasks)


@EACH
def test_headings_number_the_tasks_and_say_their_points(assignment: Assignment) -> None:
    """What a notebook promises for a task is what `course.yml` gives."""
    prose = "\n".join(cell.source for cell in read_source(COURSE, assignment).cells)

    assert re.findall(r"^## Task (\d): .* \((\d+) points\)$", prose, flags=re.M) == [
        (str(number), f"{task.points:g}") for number, task in enumerate(assignment.tasks, start=1)
    ]
    assert re.findall(r"^## 과제 (\d): .* \((\d+)점\)$", prose, flags=re.M) == [
        (str(number), f"{task.points:g}") for number, task in enumerate(assignment.tasks, start=1)
    ]


@EACH
def test_three_hints_lead_to_the_line_and_stop_before_it(assignment: Assignment) -> None:
    """Each task has three, in both languages, and none of them is a line of the solution."""
    rights = {line.strip() for cell in answers(assignment) for line in solution(cell.source).split("\n")}
    for task in assignment.tasks:
        assert len(task.hints) == 3
        for hint in task.hints:
            assert HANGUL.search(hint.ko)
            assert not HANGUL.search(hint.en)
            assert not [line for line in rights if len(line) > 8 and line in hint.en + hint.ko]


@EACH
def test_each_answer_stands_right_before_its_grade_cell(assignment: Assignment) -> None:
    """A learner finds the check where the work is."""
    cells = [cell for cell in read_source(COURSE, assignment).cells if nbgrader(cell)]

    assert [nbgrader(cell)["grade_id"] for cell in cells] == [
        name for task in assignment.tasks for name in (f"{task.id}-answer", task.id)
    ]


@EACH
def test_the_stub_is_other_code_than_the_solution(assignment: Assignment) -> None:
    """Both are Python; neither is a placeholder."""
    for cell in answers(assignment):
        stub, right = starter(cell.source), solution(cell.source)
        assert ast.dump(ast.parse(stub)) != ast.dump(ast.parse(right))
        assert "NotImplementedError" not in stub
        assert "..." not in stub


@EACH
@EACH_LANGUAGE
def test_no_solution_is_given_out(assignment: Assignment, language: Language) -> None:
    """No line that only the solution has, no marker and no hidden check is in a student's notebook."""
    text = COURSE.released(assignment, language).read_text(encoding="utf-8")
    code = [cell.source for cell in given_out(assignment, language).cells if cell.cell_type == "code"]
    given = {line.strip() for source in code for line in source.split("\n")}
    for cell in answers(assignment):
        stub = {line.strip() for line in starter(cell.source).split("\n")}
        right = {line.strip() for line in solution(cell.source).split("\n")}
        assert right - stub
        assert not (right - stub) & given

    for word in ("BEGIN", "END SOLUTION", "autograder.hidden", "autograder/hidden", "def test_"):
        assert word not in text


@EACH
@EACH_LANGUAGE
def test_a_student_s_notebook_is_in_one_language(assignment: Assignment, language: Language) -> None:
    """Every Korean paragraph has Hangul in it, and no English one has."""
    for cell in given_out(assignment, language).cells:
        if cell.cell_type == "markdown":
            found = [bool(HANGUL.search(part)) for part in paragraphs(cell.source)]
            assert found == [language == "ko"] * len(found), cell.source


@EACH
def test_both_languages_have_the_same_headings_and_numbers(assignment: Assignment) -> None:
    """Cell by cell: the levels of the headings, list items, table rows, names in code, pictures."""

    def outline(text: str) -> list[Any]:
        return [
            re.findall(r"^#+", text, flags=re.M),
            len(re.findall(r"^(?:\d+\.|-) ", text, flags=re.M)),
            len(re.findall(r"^\|", text, flags=re.M)),
            sorted(set(re.findall(r"`[^`]+`", text))),
            re.findall(r"\(target:[a-z-]+\)", text),
        ]

    cells = {cell.id: cell.source for cell in read_source(COURSE, assignment).cells}
    for name, text in cells.items():
        if name.endswith("-en"):
            assert outline(text) == outline(cells[name.removesuffix("-en") + "-ko"]), name


@EACH
def test_the_target_is_shown(assignment: Assignment) -> None:
    """Both languages have a picture of the target graph, and it was drawn."""
    for language in LANGUAGES:
        pictures = [
            cell.source
            for cell in given_out(assignment, language).cells
            if "](data:image/svg+xml;base64," in cell.source
        ]
        assert len(pictures) == 1
        assert re.match(r"!\[[^\]]{10,}\]", pictures[0])


def test_the_chapter_s_slips_are_the_stubs_slips() -> None:
    """Learners meet the names that the lecture notes mistyped."""
    stubs = "".join(starter(cell.source) for assignment in COURSE.assignments for cell in answers(assignment))

    assert "layers.conv2D(" in stubs
    assert "layers.AmxPooling2D(" in stubs


def test_the_numbers_in_the_prose_are_right() -> None:
    """Counted anew: the parameters that the inception notebook quotes."""

    def parameters(kernel: int, channels: int, filters: int) -> int:
        return (kernel**2 * channels + 1) * filters

    def detour(width: int, kernel: int = 3) -> int:
        return parameters(1, 192, width) + parameters(kernel, width, 128)

    prose = "\n".join(cell.source for cell in read_source(COURSE, COURSE.assignment("inception")).cells)
    straight = parameters(3, 192, 128)
    module = 3 * parameters(1, 192, 128) + 3 * parameters(3, 128, 128) + straight

    assert f"{parameters(3, 1, 192) + parameters(1, 192, 10):,} parameters" in prose
    assert module > 700_000
    assert f"({detour(128):,} parameters instead of {straight:,})" in prose
    assert abs(1 - detour(128) / straight - 1 / 5) < 0.03
    assert abs(1 - detour(32) / straight - 4 / 5) < 0.01
    assert detour(164) < straight < detour(165)
    assert parameters(5, 192, 128) - detour(32, 5) > 500_000


@pytest.mark.slow
def test_assignments_are_in_step_with_solutions() -> None:
    """`autograder release` has been run since a source notebook, the registry or the drawing changed."""
    from autograder.grading.targets import targets

    assert [fault.path.name for fault in out_of_step(COURSE, targets(COURSE))] == []


def run_code(cells: list[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """What cells leave behind when they run one after another, and the exception of each that fails."""
    names: dict[str, Any] = {"__name__": "__main__"}
    errors = {}
    for cell_id, source in cells:
        try:
            exec(compile(source, cell_id, "exec"), names)
        except Exception as error:
            errors[cell_id] = type(error).__name__
    return names, errors


def code_of(course: Course, assignment: str, given: str = "") -> list[tuple[str, str]]:
    """A notebook's code with its solutions, the cell `given` as it is given out; nothing is checked."""
    cells = []
    for cell in read_source(course, course.assignment(assignment)).cells:
        if cell.cell_type == "code" and not nbgrader(cell).get("grade"):
            source = starter(cell.source) if cell.id == given else solution(cell.source)
            cells.append((cell.id, source))
    return cells


@pytest.mark.slow
@EACH
def test_solutions_and_experiments_run(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """From top to bottom, plots included, without an exception."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    _, errors = run_code(code_of(COURSE, assignment.id))

    assert errors == {}


@pytest.mark.slow
def test_the_sizes_of_task_one_are_what_keras_makes_of_the_stub() -> None:
    """The four branches without padding, put through Keras, come out as the solution says."""
    import keras

    names, errors = run_code(code_of(COURSE, "inception", given="inception-module-answer"))
    stub = dict(code_of(COURSE, "inception", given="inception-module-answer"))["inception-module-answer"]
    branches = stub.replace("conv2D", "Conv2D").replace("return layers.concatenate(", "return (")
    exec(branches, names)
    found = [branch.shape[1] for branch in names["inception_module"](keras.Input((28, 28, 192)))]

    assert errors == {"inception-network-answer": "AttributeError"}
    assert found == list(names["sizes"].values())


@pytest.mark.slow
def test_the_network_s_stub_leaves_the_module_out() -> None:
    """It builds without a word and has as many parameters as the task says."""
    names, errors = run_code(code_of(COURSE, "inception", given="inception-network-answer"))

    assert errors == {}
    assert names["model"].count_params() == 3850


@pytest.mark.slow
def test_the_residual_stubs_fail_where_they_should() -> None:
    """A name that does not exist stops the block; the half network runs and is one block short."""
    _, errors = run_code(code_of(COURSE, "residual-projection", given="residual-block-answer"))
    names, none = run_code(code_of(COURSE, "residual-projection", given="residual-network-answer"))

    assert errors == {"residual-network-answer": "AttributeError"}
    assert none == {}
    assert names["model"].output_shape == (None, 10)


@pytest.mark.slow
def test_keras_answers_task_one_of_residual_projection_as_the_solution_does() -> None:
    """Which shapes add up is Keras's word; should a new version change its mind, this says so."""
    import keras
    from keras import layers

    names, _ = run_code(code_of(COURSE, "residual-projection"))
    rights = {"equal": (14, 14, 128), "fewer_channels": (14, 14, 64), "one_channel": (14, 14, 1)}
    rights["smaller"] = (13, 13, 128)
    found: dict[str, tuple[int, ...] | None] = {}
    for pair, right in rights.items():
        try:
            found[pair] = layers.add([keras.Input((14, 14, 128)), keras.Input(right)]).shape[1:]
        except ValueError:
            found[pair] = None

    assert found == names["sums"]


@pytest.mark.slow
def test_the_experiment_of_residual_projection_shows_what_its_text_says() -> None:
    """A hundred-thousandth of the gradient is left without shortcuts; with them it grows thousandfold."""
    names, _ = run_code(code_of(COURSE, "residual-projection"))
    plain, with_shortcuts = (names["gradient_by_depth"](shortcut)[0] for shortcut in (0, 1))

    assert 0.5e-5 < plain < 2e-5
    assert 1000 < with_shortcuts < 10_000
