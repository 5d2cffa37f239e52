"""What is seen fits the terminal, in both languages, and keeps the solution back."""

from __future__ import annotations

from collections.abc import Callable

import pyte
import pytest

from autograder.cli.listing import assignments_table
from autograder.messages import LANGUAGES
from autograder.study.memory import remembered
from autograder.watching.screen import Screen
from autograder.watching.session import Session


@pytest.fixture
def screen() -> Screen:
    return Screen(
        lambda course, language: assignments_table(course.assignments, remembered(course), language)
    )


def shown(screen: Screen, session: Session, columns: int = 80, lines: int = 24) -> list[str]:
    """What a terminal of that size shows; it is full of something else before."""
    terminal = pyte.Screen(columns, lines)
    stream = pyte.Stream(terminal)
    stream.feed("x" * (columns * lines))
    stream.feed(screen.draw(session, columns, lines))
    return list(terminal.display)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40), (40, 12)])
def test_above_is_the_course_and_below_are_the_keys(
    screen: Screen, session: Session, grader, verdict, language, columns: int, lines: int, monkeypatch
) -> None:
    monkeypatch.chdir(session.course.root)
    session.take(verdict(session, grader.asks[0]))
    session.language = language
    display = shown(screen, session, columns, lines)

    assert display[0].startswith("░" * 8)
    assert "inception.ipynb" in "".join(display[:3])
    assert {"en": "q quit", "ko": "q 끝내기"}[language] in " ".join(display[-1].split())
    assert not any("xxx" in line for line in display)
    assert "0 / 10" in "".join(display)


def test_before_the_first_verdict_it_says_what_it_does(screen: Screen, course, inception, grader) -> None:
    display = "\n".join(shown(screen, Session(course, inception, "en", grader)))

    assert "Importing Keras" in display
    assert "Repair a broken Inception module" in display
    assert "about 20 minutes, 10 points" in display


def test_the_solution_has_a_key_after_full_marks_only(
    screen: Screen, session: Session, grader, verdict
) -> None:
    session.take(verdict(session, grader.asks[0]))
    assert "s solution" not in keys(shown(screen, session))

    session.run_again()
    session.take(verdict(session, grader.asks[1], full=True))
    assert "s solution" in keys(shown(screen, session))
    assert "answer = 42" not in "\n".join(shown(screen, session, lines=60))
    session.turn_to("solution")
    assert "answer = 42" in "\n".join(shown(screen, session))


def test_a_broken_check_is_not_the_learners_mistake(
    screen: Screen, session: Session, grader, verdict
) -> None:
    session.take(verdict(session, grader.asks[0], broken=True))

    assert "This is not the learner's mistake." in " ".join(" ".join(shown(screen, session)).split())


def test_what_does_not_fit_is_scrolled(screen: Screen, session: Session, grader, verdict) -> None:
    session.take(verdict(session, grader.asks[0], full=True))
    first = shown(screen, session, 80, 12)
    assert "↑↓ lines 1 to " in "\n".join(first)

    moves: list[Callable[[], None]] = [
        lambda: screen.scroll(1),
        lambda: screen.page(1),
        lambda: screen.to_end(1),
    ]
    seen = [first]
    for move in moves:
        move()
        seen.append(shown(screen, session, 80, 12))
    assert len({"\n".join(display) for display in seen}) == len(seen)
    assert "other = 1" in "\n".join(seen[-1])
    screen.scroll(100)
    assert shown(screen, session, 80, 12) == seen[-1]
    screen.to_end(-1)
    assert shown(screen, session, 80, 12) == first


def test_the_list_shows_every_assignment(screen: Screen, session: Session) -> None:
    session.turn_to("list")

    display = "\n".join(shown(screen, session, 100, 30))
    assert all(assignment.id in display for assignment in session.course.assignments)


def keys(display: list[str]) -> str:
    return " ".join(" ".join(display[-2:]).split())
