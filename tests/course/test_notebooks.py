"""The real course: its source notebooks, and what students get of them."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.course.release import out_of_step
from autograder.course.source import read_source
from autograder.course.starter import solution, starter
from autograder.course.tags import nbgrader
from autograder.messages import LANGUAGES, Language
from tests.assignments.notebooks import COURSE, answers, code_of, given_out, run_code

HANGUL = re.compile("[가-힣]")
EACH = pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


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
            re.findall(r"```.*?```", text, flags=re.S),
            sorted(set(re.findall(r"`[^`]+`", re.sub(r"```.*?```", "", text, flags=re.S)))),
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


@pytest.mark.slow
def test_assignments_are_in_step_with_solutions() -> None:
    """`autograder release` has been run since a source notebook, the registry or the drawing changed."""
    from autograder.grading.targets import targets

    assert [fault.path.name for fault in out_of_step(COURSE, targets(COURSE))] == []


@pytest.mark.slow
@EACH
def test_solutions_and_experiments_run(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """From top to bottom, plots included, without an exception."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    _, errors = run_code(code_of(COURSE, assignment.id))

    assert errors == {}
