"""Two graders write into one gradebook at the same time, and every grade of both is there afterwards."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, SubmittedAssignment

from autograder.course import load_course
from autograder.gradebook import writer
from autograder.gradebook.scores import enter
from autograder.gradebook.writer import Entry, GradebookWriter

pytestmark = pytest.mark.slow

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
ASSIGNMENTS = ("inception", "residual-projection")
STUDENTS = [f"student-{number:02}" for number in range(20)]

Scores = dict[tuple[str, str], dict[str, float]]


def scores_of(assignment: str, number: int) -> dict[str, float]:
    """Scores that no two students share."""
    return {task.id: task.points * (number + 1) / 32 for task in COURSE.assignment(assignment).tasks}


def write_a_class(url: str, start: Any, assignment: str) -> None:
    """Write one assignment's scores of all students."""
    grader = GradebookWriter(url, COURSE)
    start.wait(120)
    for number, student in enumerate(STUDENTS):
        grader.write(Entry(student, assignment, scores_of(assignment, number)))


def run_both(url: str) -> list[int | None]:
    """Run two graders at once, each a fresh process that begins when both are there: their exit codes."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    graders = [
        spawn.Process(target=write_a_class, args=(url, start, assignment)) for assignment in ASSIGNMENTS
    ]
    for grader in graders:
        grader.start()
    for grader in graders:
        grader.join(240)
        grader.kill()
    return [grader.exitcode for grader in graders]


def saved(url: str) -> Scores:
    """Every automatic score of the gradebook, by student and assignment."""
    with Gradebook(url) as gradebook:
        return {
            (submission.student_id, submission.name): {
                grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in gradebook.db.query(SubmittedAssignment)
        }


@pytest.fixture
def prepared(gradebook_url: str) -> str:
    """A gradebook that knows the assignments, and nobody's submission."""
    with Gradebook(gradebook_url) as gradebook:
        for assignment in ASSIGNMENTS:
            gradebook.add_assignment(assignment)
            gradebook.add_notebook(assignment, assignment)
            for task in COURSE.assignment(assignment).tasks:
                gradebook.add_grade_cell(
                    task.id, assignment, assignment, max_score=task.points, cell_type="code"
                )
    return gradebook_url


def test_two_graders_lose_no_grade(prepared: str) -> None:
    """Each grades another assignment of the same students, whom neither finds in the gradebook."""
    ended = run_both(prepared)

    assert ended == [0, 0]
    assert saved(prepared) == {
        (student, assignment): scores_of(assignment, number)
        for assignment in ASSIGNMENTS
        for number, student in enumerate(STUDENTS)
    }


def test_a_grader_that_is_overtaken_leaves_its_scores_whole(
    prepared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another grader's scores come in between its reading and its writing, and go for every task."""
    slow, fast = GradebookWriter(prepared, COURSE), GradebookWriter(prepared, COURSE)
    tasks = [task.id for task in COURSE.assignment("inception").tasks]
    before, theirs, mine = (
        dict(zip(tasks, scores, strict=True))
        for scores in ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.5))
    )
    slow.write(Entry("kim", "inception", before))

    def overtaken(notebook: Any, scores: Any, unanswered: Any) -> None:
        monkeypatch.setattr(writer, "enter", enter)
        assert [grade.auto_score for grade in notebook.grades] == [0.0, 0.0, 0.0]
        fast.write(Entry("kim", "inception", theirs))
        enter(notebook, scores, unanswered)

    monkeypatch.setattr(writer, "enter", overtaken)
    slow.write(Entry("kim", "inception", mine))

    assert saved(prepared) == {("kim", "inception"): mine}
