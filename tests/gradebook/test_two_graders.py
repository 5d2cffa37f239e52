"""Two graders write into one gradebook at the same time, and every grade of both is there afterwards."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, SubmittedAssignment

from autograder.course import load_course
from autograder.gradebook import writer
from autograder.gradebook.scores import enter
from autograder.gradebook.writer import Entry, GradebookWriter
from tests import warm

pytestmark = pytest.mark.slow

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
ASSIGNMENTS = ("inception", "residual-projection")
STUDENTS = [f"student-{number:02}" for number in range(20)]

Scores = dict[tuple[str, str], dict[str, float]]


def scores_of(assignment: str, number: int) -> dict[str, float]:
    """Scores that no two students share."""
    return {task.id: task.points * (number + 1) / 32 for task in COURSE.assignment(assignment).tasks}


def write_a_class(url: str, assignment: str, place: str) -> None:
    """Write one assignment's scores of all students, as soon as the other grader is there, too."""
    grader = GradebookWriter(url, COURSE)
    Path(place, assignment).touch()
    until = time.monotonic() + 120
    while not all(Path(place, name).exists() for name in ASSIGNMENTS):
        assert time.monotonic() < until, "the other grader has not come"
        time.sleep(0.001)
    for number, student in enumerate(STUDENTS):
        grader.write(Entry(student, assignment, scores_of(assignment, number)))


GRADER = """
import sys
from tests.gradebook.test_two_graders import write_a_class

write_a_class(*sys.argv[1:])
"""


def run_both(url: str, place: Path) -> list[tuple[int, str]]:
    """Run two graders at once, each a process of its own: their exit codes, and what they say."""
    started = [warm.start(["-c", GRADER, url, assignment, place]) for assignment in ASSIGNMENTS]
    ended = [grader.end(timeout=240) for grader in started]
    return [(done.returncode, done.stderr) for done in ended]


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


def test_two_graders_lose_no_grade(prepared: str, tmp_path: Path) -> None:
    """Each grades another assignment of the same students, whom neither finds in the gradebook."""
    ended = run_both(prepared, tmp_path)

    assert ended == [(0, "")] * 2
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

    def overtaken(notebook: Any, scores: Any, unanswered: Any, **more: Any) -> None:
        monkeypatch.setattr(writer, "enter", enter)
        assert [grade.auto_score for grade in notebook.grades] == [0.0, 0.0, 0.0]
        fast.write(Entry("kim", "inception", theirs))
        enter(notebook, scores, unanswered, **more)

    monkeypatch.setattr(writer, "enter", overtaken)
    slow.write(Entry("kim", "inception", mine))

    assert saved(prepared) == {("kim", "inception"): mine}
