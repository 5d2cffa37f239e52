"""A sitting asks when there is something new, and shows only verdicts on what was saved."""

from __future__ import annotations

import os

import pytest

from autograder.course import Course
from autograder.messages import message, render
from autograder.study.memory import remembered
from autograder.study.progress import best_score, first_open, hints_shown, next_after, progress
from autograder.watching.exchanged import Abandoned, Preparing, Ready, Refused
from autograder.watching.sitting import SETTLE_SECONDS, Sitting
from tests.watching.conftest import notebook


def said(found) -> str:
    return render(found, "en")


def test_it_asks_at_once_and_again_for_every_save(sitting: Sitting, grader, verdict) -> None:
    sitting.take(verdict(sitting, grader.asks[0]))
    sitting.path.write_text(notebook("x = 1"))
    sitting.look_again()

    assert [ask.number for ask in grader.asks] == [1, 2]
    assert {ask.submission.path for ask in grader.asks} == {sitting.path}
    assert sitting.activity == "checking"


def test_a_save_that_changes_nothing_is_not_graded(sitting: Sitting, grader, verdict) -> None:
    sitting.take(verdict(sitting, grader.asks[0]))
    sitting.path.write_text(notebook())
    sitting.look_again()
    other = sitting.path.with_name("new")
    other.write_text(notebook())
    os.replace(other, sitting.path)
    sitting.look_again(closely=False)

    assert len(grader.asks) == 1
    assert sitting.activity == "watching"


def test_a_half_written_notebook_is_waited_for(sitting: Sitting, grader, clock, verdict) -> None:
    sitting.take(verdict(sitting, grader.asks[0], full=True))
    shown = sitting.report
    sitting.path.write_text(notebook()[:40])
    sitting.look_again()
    assert (sitting.away, sitting.report) == (None, shown)

    clock.now += SETTLE_SECONDS
    sitting.look_again(closely=False)
    assert "not a whole notebook" in said(sitting.away)
    assert sitting.report is shown

    sitting.path.write_text(notebook("x = 1"))
    sitting.look_again()
    assert sitting.away is None
    assert len(grader.asks) == 2


def test_a_notebook_that_is_replaced_is_missing_for_a_moment(
    sitting: Sitting, grader, clock, verdict
) -> None:
    sitting.take(verdict(sitting, grader.asks[0]))
    sitting.path.unlink()
    sitting.look_again()
    assert sitting.away is None

    clock.now += SETTLE_SECONDS
    sitting.look_again(closely=False)
    assert "assignments/en/inception/inception.ipynb is not there" in said(sitting.away)
    assert "`autograder reset inception`" in said(sitting.away)

    sitting.path.write_text(notebook())
    sitting.look_again()
    assert sitting.away is None
    assert len(grader.asks) == 1


def test_a_notebook_that_was_never_there_is_missed_at_once(course: Course, inception, grader, clock) -> None:
    course.released(inception, "en").unlink()
    sitting = Sitting(course, inception, "en", grader, clock=clock)
    sitting.look_again()

    assert "`autograder reset inception`" in said(sitting.away)
    assert grader.asks == []


def test_a_save_during_a_run_gives_the_run_up(sitting: Sitting, grader, verdict) -> None:
    sitting.path.write_text(notebook("x = 1"))
    sitting.look_again()
    sitting.path.write_text(notebook("x = 2"))
    sitting.look_again()
    assert (len(grader.asks), grader.abandoned) == (1, 2)

    sitting.take(Abandoned(1))
    assert len(grader.asks) == 2
    sitting.take(verdict(sitting, grader.asks[1]))
    assert sitting.report is not None
    assert sitting.activity == "watching"


def test_a_verdict_on_what_is_no_longer_there_is_not_shown(sitting: Sitting, grader, verdict) -> None:
    """The file was replaced between the look and the grader's own reading, and nobody has told yet."""
    sitting.path.write_text(notebook("x = 1"))
    sitting.take(verdict(sitting, grader.asks[0]))

    assert sitting.report is None
    assert sitting.heard == []
    sitting.take(verdict(sitting, grader.asks[1]))
    assert sitting.report is not None


def test_an_unreadable_report_of_a_half_written_notebook_is_not_shown(
    sitting: Sitting, grader, verdict
) -> None:
    unreadable = verdict(sitting, grader.asks[0]).report.model_copy(
        update={"outcome": "unreadable", "digest": ""}
    )
    answer = type(verdict(sitting, grader.asks[0]))(1, unreadable)
    sitting.path.write_text("{")
    sitting.take(answer)

    assert sitting.report is None


def test_full_marks_bring_the_solution_and_the_hints_that_were_used(
    sitting: Sitting, grader, verdict
) -> None:
    sitting.show_hint()
    assert said(sitting.hint).startswith("Where the four branches end: Hint 1 of 3: ")
    sitting.turn_to("solution")
    assert sitting.view == "card"

    sitting.take(verdict(sitting, grader.asks[0], full=True))

    assert (sitting.hint, sitting.solution) == (None, ("answer = 42",))
    assert said(sitting.note.said).startswith("Full marks. Hints used: 1 of 9. `n` goes on to “")
    sitting.turn_to("solution")
    assert sitting.view == "solution"
    memory = remembered(sitting.course)
    assert best_score(sitting.assignment, memory) == sitting.assignment.points
    assert hints_shown(sitting.assignment, memory) == 1
    assert sitting.progress.done == 1
    sitting.show_hint()
    assert "nothing to hint at" in said(sitting.note.said)


def test_the_solution_goes_when_the_marks_go(sitting: Sitting, grader, verdict) -> None:
    sitting.take(verdict(sitting, grader.asks[0], full=True))
    sitting.turn_to("solution")
    sitting.path.write_text(notebook("x = 1"))
    sitting.look_again()
    sitting.take(verdict(sitting, grader.asks[1]))

    assert (sitting.solution, sitting.view, sitting.note) == ((), "card", None)
    assert sitting.progress.done == 1


def test_a_broken_check_is_said_and_not_remembered(sitting: Sitting, grader, verdict) -> None:
    sitting.take(verdict(sitting, grader.asks[0], broken=True))

    assert sitting.report is not None
    assert sitting.report.outcome == "broken"
    assert "Traceback of a check" in sitting.trouble
    assert best_score(sitting.assignment, remembered(sitting.course)) is None


def test_a_refusal_is_shown_in_the_cards_place(sitting: Sitting, grader) -> None:
    sitting.take(Preparing(1))
    assert sitting.activity == "preparing"
    sitting.take(Refused(1, (message("It is not to be had."),), "a traceback"))

    assert [said(one) for one in sitting.refused] == ["It is not to be had."]
    sitting.run_again()
    assert len(grader.asks) == 2


def test_going_on_gives_up_what_runs_and_asks_for_the_next(sitting: Sitting, grader, verdict) -> None:
    sitting.go_on()
    assert sitting.assignment.id == "residual-identity"
    assert grader.abandoned >= 1
    sitting.take(verdict(sitting, grader.asks[0]))

    assert sitting.report is None
    assert grader.asks[-1].submission.assignment == "residual-identity"


def test_a_new_grader_is_asked_what_the_old_one_was(sitting: Sitting, grader, verdict) -> None:
    sitting.restarted()
    assert [ask.number for ask in grader.asks] == [1, 2]
    sitting.take(Ready())
    sitting.take(verdict(sitting, grader.asks[1]))

    assert sitting.report is not None


def test_the_course_is_gone_through_in_its_order(course: Course, inception, grader, verdict) -> None:
    """Each assignment is solved; the last of them says so, and how many hints it took."""
    sitting = Sitting(course, first_open(course, remembered(course)), "en", grader)
    sitting.take(Ready())
    order = []
    for _ in course.assignments:
        order.append(sitting.assignment.id)
        sitting.look_again()
        sitting.show_hint()
        sitting.take(verdict(sitting, grader.asks[-1], full=True))
        last = said(sitting.note.said)
        sitting.go_on()

    assert order == [assignment.id for assignment in course.assignments]
    assert last.startswith("Full marks, and with that all 10 assignments are done. Hints used: 1 here, 10 in")
    assert said(sitting.farewell()) == "10 of 10 assignments are done: 100 / 100 points. Hints used: 10."
    assert progress(course, remembered(course)).score == 100
    assert next_after(course, remembered(course), course.assignments[-1]) == course.assignments[0]


@pytest.mark.parametrize("marks", [True, False])
def test_who_leaves_is_told_how_far_they_are(sitting: Sitting, grader, verdict, marks: bool) -> None:
    sitting.take(verdict(sitting, grader.asks[0], full=marks))

    assert said(sitting.farewell()).startswith(f"{int(marks)} of 10 assignments")
    assert ("goes on where you are" in said(sitting.farewell())) is not marks
