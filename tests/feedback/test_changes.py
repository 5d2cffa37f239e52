"""Scores that changed: found task by task, explained by the check that decides, and kept in a table."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from autograder.feedback import (
    Report,
    ScoreChange,
    TaskReport,
    changes_table,
    note_changes,
    report_path,
    score_changes,
    words,
    write_pages,
    write_report,
)
from autograder.feedback.terminal import TABLE_LIMIT
from autograder.messages import Language, render
from tests.feedback import builders
from tests.feedback.builders import check, task

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
RIGHT = [check("size"), check("channels", points=2, title="The join has 512 channels.")]
WRONG = [check("size", "failed"), check("channels", "skipped", points=2)]


def graded(*tasks: TaskReport, student: str = "kim", **changes: object) -> Report:
    return builders.report(student, list(tasks), **changes)


def changes(old: Report, new: Report) -> list[tuple[str, float | None, float | None, str, bool]]:
    """Each change as its task, both scores, what is said of it in English, and whether it is new work."""
    return [
        (one.task, one.before, one.after, render(words.what_decides(one), "en"), one.resubmitted)
        for one in score_changes(old, new)
    ]


def test_equal_scores_are_no_change_whatever_else_is_said() -> None:
    """Nor are sums of thirds, which differ by the order in which they are added."""
    other = graded(task([check("size", "failed"), check("other")]))

    assert score_changes(graded(task(RIGHT)), graded(task(RIGHT))) == []
    assert score_changes(graded(task([check("a", "failed"), check("b")])), other) == []
    thirds = task(RIGHT).model_copy(update={"score": 1.9999999999999998})
    assert score_changes(graded(thirds), graded(thirds.model_copy(update={"score": 2.0}))) == []


def test_who_loses_points_is_told_by_the_first_check_that_fails_now() -> None:
    """With what it says: its rationale, what was found, and where."""
    (lost,) = changes(graded(task(RIGHT)), graded(task(WRONG)))

    assert lost[:3] == ("module", 3.0, 0.0)
    assert "`branch_c` does not halve the image" in lost[3]
    assert lost[4] is False


def test_who_gains_points_is_told_by_the_first_check_that_passes_now() -> None:
    (gained,) = changes(graded(task(WRONG)), graded(task(RIGHT)))

    title = "All four branches reach the join at the same height and width."
    assert gained == ("module", 0.0, 3.0, title, False)


def test_a_check_that_is_gone_or_weighs_otherwise_decides_where_no_verdict_does() -> None:
    without = graded(task([check("size")]))
    heavier = graded(task([check("size"), check("channels", points=3, title="The join has 512 channels.")]))

    assert changes(graded(task(RIGHT)), without)[0][3] == "The join has 512 channels."
    assert changes(graded(task(RIGHT)), heavier)[0][3] == "The join has 512 channels."


def test_a_task_that_is_worth_something_else_is_a_change_whatever_the_score() -> None:
    heavier = [check("size"), check("channels", "failed", points=3)]
    (same,) = score_changes(
        graded(task([check("size"), check("channels", "failed", points=2)])), graded(task(heavier))
    )
    (gained,) = score_changes(graded(task(WRONG)), graded(task(heavier)))

    assert (same.gained, words.score_change(same)) == (0, "1 / 3 → 1 / 4")
    assert same.document()["points_before"] == 3.0
    assert (gained.gained, words.score_change(gained)) == (1, "0 / 3 → 1 / 4")


def test_a_task_that_is_new_or_gone_and_one_that_the_grader_failed_on_have_no_score() -> None:
    one, two = task(RIGHT, "one"), task(RIGHT, "two")
    broken = graded(one, outcome="broken")

    assert changes(graded(one), graded(one, two)) == [("two", None, 3.0, "There was no score before.", False)]
    assert changes(graded(one, two), graded(two)) == [("one", 3.0, None, "There is no score now.", False)]
    assert [found[:3] for found in changes(graded(one), broken)] == [("one", 3.0, None)]


def test_another_notebook_is_told_from_a_regrade() -> None:
    (found,) = changes(graded(task(WRONG)), graded(task(RIGHT), digest="sha256:1"))

    assert found[3].startswith("Another notebook: ")
    assert found[4] is True


def regraded(*students: str) -> list[ScoreChange]:
    return [
        change
        for student in students
        for change in score_changes(
            graded(task(RIGHT), student=student), graded(task(WRONG), student=student)
        )
    ]


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_table_keeps_what_was_noted_before(tmp_path: Path) -> None:
    """Names are no formulas there, and a spreadsheet takes it for UTF-8."""
    path = tmp_path / "changes.csv"
    note_changes(regraded("kim", "=1"), path, "en", AT)
    first = path.read_bytes()
    note_changes(regraded("lee"), path, "ko", AT)

    assert path.read_bytes().startswith(first)
    assert first.startswith(b"\xef\xbb\xbftime,student,")
    found = rows(path)
    assert [row[1] for row in found] == ["student", "kim", "'=1", "lee"]
    assert found[1][:8] == ["2026-11-30T12:00:00+00:00", "kim", "inception", "module", "3", "0", "3", "no"]
    assert "does not halve the image" in found[1][9]


def test_a_table_that_is_no_text_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(OSError, match="not in UTF-8"):
        note_changes(regraded("kim"), path, "en", AT)
    assert path.read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize(("language", "more"), [("en", "… and 2 more"), ("ko", "… 외 2건")])
def test_a_terminal_shows_whose_score_is_another_and_why(language: Language, more: str) -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(changes_table(regraded(*(f"s{number:03}" for number in range(TABLE_LIMIT + 2))), language))
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    assert "s000" in shown
    assert "3 → 0 / 3" in shown
    assert "branch_c" in shown
    assert shown.rstrip().endswith(more)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_index_names_the_scores_that_changed_and_leads_to_their_reports(
    tmp_path: Path, language: Language
) -> None:
    paths = []
    for student in ("kim", "lee"):
        report = graded(task(WRONG), student=student)
        paths.append(report_path(tmp_path, student, report.assignment))
        write_report(report, paths[-1])
    write_pages(paths, tmp_path, language, changes=regraded("lee", "nobody"))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    section = page[page.index('id="changes"') : page.index('id="submissions"')]

    assert '<a href="feedback/lee/inception.html">lee</a>' in section
    assert ">nobody<" in section
    assert "▼ 3 → 0 / 3" in section
    write_pages(paths, tmp_path, language)
    assert 'id="changes"' not in (tmp_path / "index.html").read_text(encoding="utf-8")
