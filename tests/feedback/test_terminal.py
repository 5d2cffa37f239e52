"""Reports in a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from autograder.feedback import ClassList, card_text, class_table, report_card, report_text, summarise
from autograder.feedback.terminal import TABLE_LIMIT, bar
from autograder.messages import LANGUAGES, Language, message
from tests.feedback import builders

Golden = Callable[[str, str], None]


def everybody() -> list[builders.Report]:
    """A submission of every kind, out of order."""
    return [
        builders.report("최도윤", afterwards=builders.AFTERWARDS),
        builders.failing(),
        builders.unreadable(),
        builders.stopped("[bold]kim"),
    ]


def shown(what: RenderableType, width: int = 100, colour: bool = False) -> str:
    """What a console of that width prints."""
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="truecolor" if colour else None,
        force_terminal=colour,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(what)
    return captured.get()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_class_table_is_the_golden_one(language: Language, golden: Golden) -> None:
    """Student, assignment, score, bar, what to look at first; by student."""
    golden(f"table.{language}.txt", shown(class_table(map(summarise, everybody()), language)))


def test_names_of_a_roster_have_a_column_of_their_own() -> None:
    """Rows go by them, and then by the course's order; nobody's name speaks to the terminal."""
    names = {"s1": "Young, \x1b[31mAra", "s2": "Ahn, [bold]Yuna"}
    class_list = ClassList(lambda student: names.get(student, ""), ["z", "a"])
    reports = [
        builders.report(student, assignment=assignment)
        for student in ("s1", "s2", "m")
        for assignment in ("a", "z")
    ]
    lines = shown(class_table(map(summarise, reports), "en", class_list)).splitlines()

    assert lines[0].split()[:3] == ["Name", "Student", "Assignment"]
    assert [line[:30].split() for line in lines[1:]] == [
        [*words, assignment]
        for words in (["Ahn,", "[bold]Yuna", "s2"], ["m"], ["Young,", "Ara", "s1"])
        for assignment in ("z", "a")
    ]


def test_a_class_that_nobody_would_scroll_through_has_a_line_for_each_assignment() -> None:
    summaries = [summarise(builders.report(f"s{number}")) for number in range(TABLE_LIMIT)]
    ungraded = summarise(builders.unreadable())

    assert "s7" in shown(class_table(summaries, "en"))
    found = shown(class_table([*summaries, ungraded], "en"))
    assert "s7" not in found
    assert [line.split()[-1] for line in found.splitlines()] == ["graded", "1"]
    assert len(found.splitlines()) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_is_the_golden_one(language: Language, golden: Golden) -> None:
    """Notes, tasks, checks with their marks, the first failure opened."""
    golden(f"report.{language}.txt", "\n".join(report_text(each, language) for each in everybody()))


def test_a_task_has_a_card_of_its_own() -> None:
    """For a notebook's plain output."""
    found = card_text(builders.task([builders.check("a", title="It is right.")]), "en")

    assert found == "Four branches, one join  1 / 1 points\n  ✓ It is right.\n"


def test_every_check_that_failed_says_why() -> None:
    """The first one with all that is known, the others in a line."""
    other = builders.failure(rationale=message("The second reason."), found=message("this"))
    checks = [builders.check("a", "failed"), builders.check("b", "failed", failed=other)]

    found = card_text(builders.task(checks), "en", width=120)

    assert "does not halve the image" in found
    assert "The second reason. Actual: this" in found
    assert found.count("Expected") == 1


def test_in_a_notebook_a_cards_text_is_text_and_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """rich knows a notebook when it is in one, and would show what it is asked to print."""
    shown_by_rich: list[object] = []
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *what: shown_by_rich.append(what))
    found = card_text(builders.task([builders.check("a", title="It is right.")]), "en")

    assert found == "Four branches, one join  1 / 1 points\n  ✓ It is right.\n"
    assert shown_by_rich == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(language: Language, width: int) -> None:
    """Korean letters are two cells wide, and counted so."""
    for what in (class_table(map(summarise, everybody()), language), report_card(everybody()[1], language)):
        too_wide = [line for line in shown(what, width).splitlines() if cell_len(line) > width]

        assert too_wide == []


@pytest.mark.parametrize(
    "attack", ["\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "a\rb", "x\u202ey", "[red]z[/"]
)
def test_a_learner_cannot_speak_to_the_terminal(attack: str) -> None:
    """No escape, no control character, no markup of rich gets through, in colour or without."""
    report = builders.hostile(attack)
    for what in (class_table([summarise(report)], "en"), report_card(report, "en")):
        plain = shown(what)
        assert [letter for letter in plain if letter != "\n" and not letter.isprintable()] == []
    assert ("[red]z[/" in report_text(report, "en")) == (attack == "[red]z[/")


@pytest.mark.parametrize(
    ("score", "points", "filled"),
    [(0, 5, 0), (0.01, 5, 1), (2.5, 5, 5), (4.99, 5, 9), (5, 5, 10), (0, 0, 0), (7, 5, 10)],
)
def test_a_bar_is_full_for_full_marks_only(score: float, points: float, filled: int) -> None:
    """And empty for none only."""
    assert bar(score, points).plain == "█" * filled + "░" * (10 - filled)


def test_a_narrow_terminal_has_short_bars() -> None:
    """The words need the room more."""
    table = class_table(map(summarise, everybody()), "en")

    assert shown(table, 99).count("█" * 6) == 0
    assert shown(table, 100).count("█" * 10) == 1
