"""What is said while a class is graded: done, left, time left, rate, and what runs now."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from autograder.cli import progress
from autograder.cli.progress import ClassProgress, Pace
from autograder.grading import Begun, Done, Found, Stands, Submission, Tick


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def submissions(count: int) -> Found:
    made = [Submission(f"student-{number}", "inception", Path("a.ipynb")) for number in range(count)]
    return Found(tuple(made), ())


def test_the_pace_is_that_of_the_last_half_minute() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert (pace.per_second, pace.seconds_for(5)) == (0.0, None)

    for _ in range(100):
        clock.now += 0.1
        pace.done()
    assert pace.per_second == pytest.approx(10)
    for _ in range(40):
        clock.now += 1
        pace.done()
    assert pace.per_second == pytest.approx(1, rel=0.05)
    assert pace.seconds_for(60) == pytest.approx(60, rel=0.05)


def test_what_took_no_work_does_not_count() -> None:
    """Reports of an earlier run stand at once: the rest does not go as fast."""
    clock, found = Clock(), submissions(10)
    said = io.StringIO()
    with ClassProgress(Console(file=said, width=200), "en", clock=clock) as listening:
        for submission in found.submissions[:6]:
            listening.take(Stands(submission), found)
        listening.take(Begun(found.submissions[6]), found)
        clock.now += 2
        progress_said(listening, Done(found.submissions[6], None), found)

    assert "Submissions graded: 7 of 10; left: 3. At 0.5 a second, this takes 0:00:06 more" in said.getvalue()


def progress_said(listening: ClassProgress, event: object, found: Found) -> None:
    """Let it take an event at a time when a sentence is due."""
    listening._said = -progress.PLAIN_SECONDS - 1e9
    listening.take(event, found)


def test_without_a_terminal_a_sentence_says_which_one_runs() -> None:
    clock, found = Clock(), submissions(3)
    said = io.StringIO()
    with ClassProgress(Console(file=said, width=200), "en", clock=clock) as listening:
        for submission in found.submissions[:2]:
            listening.take(Begun(submission), found)
            clock.now += 3
        listening.take(Done(found.submissions[1], None), found)
        clock.now += 4
        progress_said(listening, Tick(), found)

    assert "the longest running now: student-0 · inception · 10 s." in said.getvalue()


def test_a_terminal_shows_rate_and_time_left() -> None:
    clock, found = Clock(), submissions(100)
    said = io.StringIO()
    console = Console(file=said, width=120, force_terminal=True, color_system=None)
    with ClassProgress(console, "en", clock=clock) as listening:
        for submission in found.submissions[:11]:
            listening.take(Begun(submission), found)
        for submission in found.submissions[:10]:
            clock.now += 0.5
            listening.take(Done(submission, None), found)

    shown = said.getvalue()
    assert "10/100" in shown
    assert "0:00:45" in shown
    assert "2.0/s · student-10 · inception · 5 s" in shown
