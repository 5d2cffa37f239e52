"""The class of odd submissions has one of each kind, and its benchmark understands what reports say."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.feedback import CellRun, Isolation, Report
from autograder.grading.budget import budget_of
from autograder.messages import Localized, Message, message
from autograder.messages.extract import sentences
from benchmarks import odd

pytestmark = pytest.mark.slow

COURSE = load_course(Path(__file__).parents[2] / "course.yml")


def report(*states: str, notes: tuple[Message, ...] = ()) -> Report:
    cells = [CellRun(index=index, id=f"c{index}", state=state) for index, state in enumerate(states)]
    return Report(
        assignment="inception", assignment_title=Localized({"en": "Inception"}), student="kim", notebook="",
        digest="", outcome="graded", score=0, max_score=10, tasks=[], notes=list(notes), cells=cells,
        isolation=Isolation(level="full"),
    )  # fmt: skip


def test_every_technique_of_the_class_is_in_the_corpus() -> None:
    assert set(odd.TECHNIQUES) <= {str(technique) for technique in odd.CORPUS}


def test_what_ends_a_run_is_said_in_the_words_that_the_benchmark_looks_for() -> None:
    assert set(odd.endings(COURSE)) <= sentences()


def test_limits_that_were_used_up_are_told_by_the_report() -> None:
    """Each cell that was interrupted, or what ended the run; an error uses up none."""
    limits = COURSE.limits
    stopped = message("The notebook ran longer than {seconds} seconds and was stopped.", seconds=60)

    assert odd.used_up(report("ok", "error", "ended"), COURSE) == 0
    assert odd.used_up(report("interrupted", "ok", "interrupted"), COURSE) == 2 * limits.cell_seconds
    assert odd.used_up(report("ended", notes=(stopped,)), COURSE) == limits.notebook_seconds
    exceeded = budget_of(COURSE).exceeded
    assert odd.used_up(report("ok", notes=(exceeded,)), COURSE) == limits.judging_seconds
