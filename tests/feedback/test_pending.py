"""What a person has still to grade is neither given nor lost, wherever a submission is shown."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.class_report import class_report
from autograder.class_report.terminal import class_text
from autograder.feedback import (
    GivenScores,
    Report,
    TaskReport,
    class_table,
    report_text,
    submission_page,
    summarise,
    with_given,
    write_grades,
    write_report,
)
from autograder.feedback.model_lines import plain_text
from autograder.feedback.summary import by_assignment
from autograder.messages import Localized, render
from tests.feedback import builders

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e\n</pre><b>**bold**\n\x00end"


def text(written: str = "Because.", **state: object) -> TaskReport:
    fields = {"score": 0.0, "checks": [], "by_hand": True, "pending": True, "written": written, **state}
    return TaskReport.model_validate(
        {"id": "why", "title": Localized(en="Why", ko="왜"), "points": 4.0, **fields}
    )


def report(student: str = "kim", task: TaskReport | None = None, first: str = "passed") -> Report:
    """A checked task of one point, and a text of four."""
    made = task or text()
    module = builders.task([builders.check("size", first)])  # type: ignore[arg-type]
    pending = made.points if made.pending else 0.0
    return builders.report(student, [module, made], pending=pending, max_score=5.0)


GIVEN = GivenScores("kim", "inception", 4.0, 5.0, {"module": 1.0, "why": 3.0}, ("why",))


@pytest.mark.parametrize(
    ("language", "total", "own", "said"),
    [
        ("en", "1 of 5 points so far, 4 points pending", "4 points pending", "To be graded by hand"),
        ("ko", "지금까지 5점 가운데 1점, 4점 채점 대기", "4점 채점 대기", "사람이 채점할 것"),
    ],
)
def test_page_and_terminal_say_what_is_pending(language: str, total: str, own: str, said: str) -> None:
    for shown in (report_text(report(), language), "".join(submission_page(report(), language))):
        assert total in shown
        assert own in shown
        assert said in shown
        assert "Because." in shown


def test_a_prompt_that_was_left_is_greeted() -> None:
    """No points, nothing pending, no text to be read."""
    untouched = report(task=text("", attempted=False, pending=False))
    for shown in (report_text(untouched, "en"), "".join(submission_page(untouched, "en"))):
        assert "1 / 5 points" in shown
        assert "Not attempted yet" in shown
        assert "Nothing has been written yet. A person reads and grades it after you hand in." in shown
        assert "What was written" not in shown
    assert not untouched.full_marks
    assert render(summarise(untouched).first_message, "en") == "Not attempted yet: `why`"  # type: ignore[arg-type]


def test_a_text_does_no_harm() -> None:
    """Neither to a page nor to a terminal; what is empty is said to be."""
    hostile = report(task=text(HOSTILE))
    page = "".join(submission_page(hostile, "en"))

    assert "<script>alert" not in page
    assert "&lt;/pre&gt;&lt;b&gt;**bold**" in page
    assert not {"\x1b", "\u202e", "\x00"} & {*page, *report_text(hostile, "en")}
    assert "The text is empty." in report_text(report(task=text(" \n")), "en")


def test_what_a_person_has_given_is_shown_in_its_place() -> None:
    shown = with_given(report(), GIVEN)
    page = "".join(submission_page(report(), "en", given=GIVEN))

    assert (shown.score, shown.pending, shown.full_marks) == (4, 0, False)
    assert "4 / 5 points" in page
    assert "Your instructor has given the score of this task: 3 / 4 points." in page
    assert "To be graded by hand" not in page
    assert "Because." in page


def test_one_text_of_two_may_be_graded() -> None:
    """What the gradebook has counts, and the other one waits."""
    other = text().model_copy(update={"id": "how", "points": 2.0})
    made = report()
    made = made.model_copy(update={"tasks": [*made.tasks, other], "pending": 6.0, "max_score": 7.0})
    scores = {"module": 1.0, "why": 3.0, "how": 0.0}
    given = GivenScores("kim", "inception", 4.0, 7.0, scores, ("why",), ("how",), 2.0)
    shown = with_given(made, given)

    assert [(task.id, task.score, task.pending) for task in shown.tasks] == [
        ("module", 1, False),
        ("why", 3, False),
        ("how", 0, True),
    ]
    assert "4 of 7 points so far, 2 points pending" in "".join(submission_page(made, "en", given=given))


def test_tables_have_a_column_for_it_where_something_is_pending(tmp_path: Path) -> None:
    """The average is of the points that are decided: a pending text makes nobody worse."""
    lines = [summarise(report("kim")), summarise(report("lee", first="failed"))]
    write_grades(lines, tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    (figures,) = by_assignment(lines)
    done = summarise(report(task=text(score=4.0, pending=False)))

    assert [(row["score"], row["max_score"], row["pending"]) for row in rows] == [
        ("1", "5", "4"),
        ("0", "5", "4"),
    ]
    assert (figures.average, figures.full, figures.pending) == (50, 0, 2)
    assert render(lines[0].first_message, "en") == "To be graded by hand: `why`"  # type: ignore[arg-type]
    assert "Pending" in plain_text(class_table(lines, "en"), 100)
    assert "Pending" not in plain_text(class_table([done], "en"), 100)


def test_the_class_report_counts_nothing_pending_as_lost(tmp_path: Path) -> None:
    """Neither in the mean nor in the difficulty of the task, before a person has graded and after."""
    paths = []
    waiting = [report("kim"), report("lee", first="failed")]
    graded = [report("park", text(score=2.0, pending=False)), report("choi", text(score=4.0, pending=False))]
    for one in (*waiting, *graded):
        paths.append(tmp_path / f"{one.student}.json")
        write_report(one, paths[-1])
    (some,) = class_report(paths[:2]).assignments
    (all_,) = class_report(paths).assignments

    assert (some.mean, some.full, some.waiting, some.not_graded) == (0.5, 0, 2, 0)
    assert (some.tasks[1].difficulty, some.tasks[1].waiting, some.tasks[1].tried) == (None, 2, 2)
    assert (all_.mean, all_.full, all_.waiting) == (pytest.approx((1 + 0 + 0.6 + 1) / 4), 1, 2)
    assert all_.tasks[1].difficulty == 0.75
    assert "to be graded by hand: 2" in plain_text(class_text(class_report(paths), "en"), 200)


def test_where_all_is_pending_there_is_no_mean(tmp_path: Path) -> None:
    """An assignment of texts alone."""
    path = tmp_path / "kim.json"
    write_report(builders.report("kim", [text()], pending=4.0, max_score=4.0), path)
    (found,) = class_report([path]).assignments

    assert (found.mean, found.not_graded) == (None, 1)
