"""A session asks when there is something new, and shows only verdicts on what was saved."""

from __future__ import annotations

import os

import pytest

from autograder.course import Course
from autograder.grading.protocol import Answer
from autograder.messages import render
from autograder.study.memory import best_score, first_open, hints_shown, next_after, progress, remembered
from autograder.watching.session import SETTLE_SECONDS, Session
from tests.watching.conftest import ABANDONED, PREPARED, READY, notebook, refused


def said(found) -> str:
    return render(found, "en")


def test_it_asks_at_once_and_again_for_every_save(session: Session, grader, verdict) -> None:
    session.take(verdict(session, grader.asks[0]))
    session.path.write_text(notebook("x = 1"))
    session.look_again()

    assert [ask.path for ask in grader.asks] == [session.path, session.path]
    assert grader.prepared == ["inception"]
    assert session.activity == "checking"


def test_a_save_that_changes_nothing_is_not_graded(session: Session, grader, verdict) -> None:
    session.take(verdict(session, grader.asks[0]))
    session.path.write_text(notebook())
    session.look_again()
    other = session.path.with_name("new")
    other.write_text(notebook())
    os.replace(other, session.path)
    session.look_again(closely=False)

    assert len(grader.asks) == 1
    assert session.activity == "watching"


def test_a_half_written_notebook_is_waited_for(session: Session, grader, clock, verdict) -> None:
    session.take(verdict(session, grader.asks[0], full=True))
    shown = session.report
    session.path.write_text(notebook()[:40])
    session.look_again()
    assert (session.away, session.report) == (None, shown)

    clock.now += SETTLE_SECONDS
    session.look_again(closely=False)
    assert "incomplete right now" in said(session.away)
    assert session.report is shown

    session.path.write_text(notebook("x = 1"))
    session.look_again()
    assert session.away is None
    assert len(grader.asks) == 2


def test_a_notebook_that_is_replaced_is_missing_for_a_moment(
    session: Session, grader, clock, verdict
) -> None:
    session.take(verdict(session, grader.asks[0]))
    session.path.unlink()
    session.look_again()
    assert session.away is None

    clock.now += SETTLE_SECONDS
    session.look_again(closely=False)
    assert "assignments/en/inception/inception.ipynb does not exist" in said(session.away)
    assert "`autograder reset inception`" in said(session.away)

    session.path.write_text(notebook())
    session.look_again()
    assert session.away is None
    assert len(grader.asks) == 1


def test_a_notebook_that_was_never_there_is_missed_at_once(course: Course, inception, grader, clock) -> None:
    course.released(inception, "en").unlink()
    session = Session(course, inception, "en", grader, clock=clock)
    session.look_again()

    assert "`autograder reset inception`" in said(session.away)
    assert grader.asks == []


def test_a_save_during_a_run_gives_the_run_up(session: Session, grader, verdict) -> None:
    session.path.write_text(notebook("x = 1"))
    session.look_again()
    session.path.write_text(notebook("x = 2"))
    session.look_again()
    assert (len(grader.asks), grader.abandoned) == (1, 2)

    session.take(ABANDONED)
    assert len(grader.asks) == 2
    session.take(verdict(session, grader.asks[1]))
    assert session.report is not None
    assert session.activity == "watching"


def test_a_verdict_on_what_is_no_longer_there_is_not_shown(session: Session, grader, verdict) -> None:
    """The file was replaced between the look and the grader's own reading, and nobody has told yet."""
    session.path.write_text(notebook("x = 1"))
    session.take(verdict(session, grader.asks[0]))

    assert session.report is None
    assert session.heard == []
    session.take(verdict(session, grader.asks[1]))
    assert session.report is not None


def test_an_unreadable_report_of_a_half_written_notebook_is_not_shown(
    session: Session, grader, verdict
) -> None:
    graded = verdict(session, grader.asks[0])
    unreadable = graded.report.model_copy(update={"outcome": "unreadable", "digest": ""})
    answer = Answer(graded.header, unreadable.model_dump_json().encode())
    session.path.write_text("{")
    session.take(answer)

    assert session.report is None


def test_full_marks_bring_the_solution_and_the_hints_that_were_used(
    session: Session, grader, verdict
) -> None:
    session.show_hint()
    assert said(session.hint).startswith("How large each branch is at the join: Hint 1 of 3: ")
    session.turn_to("solution")
    assert session.view == "card"

    session.take(verdict(session, grader.asks[0], full=True))

    assert (session.hint, session.solution) == (None, ["answer = 42"])
    assert said(session.note.said).startswith(
        "Full marks! Hints used: 1 of 9. Press `n` for the next assignment, “"
    )
    session.turn_to("solution")
    assert session.view == "solution"
    memory = remembered(session.course)
    assert best_score(session.assignment, memory) == session.assignment.points
    assert hints_shown(session.assignment, memory) == 1
    assert session.progress.done == 1
    session.show_hint()
    assert "no more hints" in said(session.note.said)


def test_the_solution_goes_when_the_marks_go(session: Session, grader, verdict) -> None:
    session.take(verdict(session, grader.asks[0], full=True))
    session.turn_to("solution")
    session.path.write_text(notebook("x = 1"))
    session.look_again()
    session.take(verdict(session, grader.asks[1]))

    assert (session.solution, session.view, session.note) == ((), "card", None)
    assert session.progress.done == 1


def test_a_broken_check_is_said_and_not_remembered(session: Session, grader, verdict) -> None:
    session.take(verdict(session, grader.asks[0], broken=True))

    assert session.report is not None
    assert session.report.outcome == "broken"
    assert "Traceback of a check" in session.trouble
    assert best_score(session.assignment, remembered(session.course)) is None


def test_a_refusal_is_shown_in_the_cards_place(session: Session, grader) -> None:
    session.take(refused("It is not to be had.", "a traceback"))

    assert [said(one) for one in session.refused] == ["It is not to be had."]
    assert session.trouble == "a traceback"
    session.run_again()
    assert len(grader.asks) == 2


def test_an_assignment_that_cannot_be_prepared_is_tried_again_at_the_next_save(
    course: Course, inception, grader, verdict
) -> None:
    session = Session(course, inception, "en", grader)
    session.look_again()
    assert (session.activity, grader.prepared) == ("starting", [])
    session.take(READY)
    assert (session.activity, grader.prepared, grader.asks) == ("preparing", ["inception"], [])
    session.take(refused("Its solution does not run."))

    assert [said(one) for one in session.refused] == ["Its solution does not run."]
    assert (session.activity, grader.asks) == ("watching", [])
    session.path.write_text(notebook("x = 1"))
    session.look_again()
    assert grader.prepared == ["inception", "inception"]
    session.take(PREPARED)
    session.take(verdict(session, grader.asks[0]))
    assert (session.refused, session.report is not None) == ((), True)


def test_going_on_gives_up_what_runs_and_asks_for_the_next(session: Session, grader, verdict) -> None:
    session.go_on()
    assert session.assignment.id == "residual-identity"
    assert grader.abandoned >= 1
    session.take(verdict(session, grader.asks[0]))
    assert session.report is None
    session.take(PREPARED)

    assert grader.prepared == ["inception", "residual-identity"]
    assert grader.asks[-1].assignment == "residual-identity"


def test_a_new_grader_is_asked_what_the_old_one_was(session: Session, grader, verdict) -> None:
    session.restarted()
    assert (session.activity, len(grader.asks)) == ("starting", 1)
    session.take(READY)
    session.take(PREPARED)
    session.take(verdict(session, grader.asks[1]))

    assert session.report is not None


def test_the_course_is_gone_through_in_its_order(course: Course, inception, grader, verdict) -> None:
    """Each assignment is solved; the last of them says so, and how many hints it took."""
    session = Session(course, first_open(course, remembered(course)), "en", grader)
    session.take(READY)
    order = []
    for _ in course.assignments:
        order.append(session.assignment.id)
        session.look_again()
        session.take(PREPARED)
        session.show_hint()
        session.take(verdict(session, grader.asks[-1], full=True))
        last = said(session.note.said)
        session.go_on()

    assert order == [assignment.id for assignment in course.assignments]
    assert last.startswith("Full marks! You have finished all 10 assignments. Hints used: 1 in this one, 10")
    assert said(session.farewell()) == "Assignments done: 10 of 10 (100 / 100 points). Hints used: 10."
    assert progress(course, remembered(course)).score == 100
    assert next_after(course, remembered(course), course.assignments[-1]) == course.assignments[0]


@pytest.mark.parametrize("marks", [True, False])
def test_who_leaves_is_told_how_far_they_are(session: Session, grader, verdict, marks: bool) -> None:
    session.take(verdict(session, grader.asks[0], full=marks))

    assert said(session.farewell()).startswith(f"Assignments done: {int(marks)} of 10 ")
    assert ("continues where you left off" in said(session.farewell())) is not marks
