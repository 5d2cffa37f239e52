"""A task's points on GitHub are those of its public checks; what is undecided has none, and no 0."""

from __future__ import annotations

from autograder.course import Assignment, Task, load_course
from autograder.feedback import Remarks, TaskReport
from autograder.messages import Localized, message, render
from autograder.study.actions.rows import Row, rows_of
from autograder.study.notebook import Card
from tests.feedback.builders import check, task
from tests.gradebook.courses import ROOT

ASSIGNMENT = load_course(ROOT / "course.yml").assignment("inception")
FIRST = ASSIGNMENT.tasks[0].id


def rows(report: TaskReport | None = None, assignment: Assignment = ASSIGNMENT) -> list[Row]:
    cards = {} if report is None else {FIRST: Card(report, "en", Remarks())}
    return rows_of(assignment, cards, "en")


def test_points_are_those_of_the_public_checks() -> None:
    first, *others = rows(task([check("size", points=2.0)]))

    assert (first.score, first.points, first.why, first.undecided) == (2.0, 2.0, None, None)
    assert {(row.score, row.why) for row in others} == {
        (0.0, "This task was not checked: its cell did not run to its end.")
    }


def test_why_nothing_was_checked_is_said_of_every_task() -> None:
    found = rows_of(ASSIGNMENT, {}, "en", message("There is none."))

    assert {row.why for row in found} == {"There is none."}


def test_a_check_of_ours_that_breaks_is_not_the_learners_mistake() -> None:
    first, *_ = rows(task([check("size", "broken", points=2.0)]))

    assert first.undecided is not None
    assert first.why == "The grader itself failed here. This is not the learner's mistake."


def test_a_text_is_pending_whatever_was_written() -> None:
    text = Task(id="essay", title=Localized({"en": "Why"}), points=4, expects="text")
    *_, last = rows(assignment=ASSIGNMENT.model_copy(update={"tasks": (*ASSIGNMENT.tasks, text)}))

    assert (last.why, last.card) == (None, None)
    assert last.undecided is not None
    assert render(last.undecided, "en") == "To be graded by hand: 4 points pending"
