"""Somebody who learns alone, in a real browser: JupyterLab and Notebook 7, in English and in Korean."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from autograder.checks import load_grader
from autograder.feedback import words
from autograder.messages import Message, message, render
from tests.e2e.browser.chromium import chromium
from tests.e2e.browser.learner import DARK, LIGHT, Application
from tests.e2e.browser.study import (
    COURSE,
    EVERY_SLIP,
    IN_BOTH_THEMES,
    SLIPS,
    UNTRUSTED,
    Desk,
    Study,
    open_desk,
    solutions,
    study,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt-get install chromium fonts-noto-cjk"),
]

# WCAG 2, level AA, text of the usual size.
READABLE = 4.5
NAMED = {"heading", "DisclosureTriangle", "image"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """`SCREENSHOTS` names a folder for the pictures."""
    place = tmp_path_factory.mktemp("desk")
    stations = Path(os.environ.get("SCREENSHOTS") or place / "stations") / "study"
    stations.mkdir(parents=True, exist_ok=True)
    with open_desk(place, stations) as opened:
        yield opened


@pytest.fixture(scope="module", params=SLIPS, ids="-".join)
def way(request: pytest.FixtureRequest, desk: Desk) -> Study:
    """What was seen on the way with one application and in one language."""
    return study(desk, *request.param)


def test_both_applications_and_both_languages_are_seen() -> None:
    """`make test-browsers` sees each application in each language."""
    assert set(EVERY_SLIP) == set(product(get_args(Application), COURSE.languages))
    assert {application for application, _ in SLIPS} == set(get_args(Application))
    assert {language for _, language in SLIPS} == set(COURSE.languages)


def test_every_station_is_seen_in_a_light_and_in_a_dark_theme(way: Study) -> None:
    """In Notebook 7 one of them; `make test-browsers` sees all of them there, too."""
    for name, station in way.stations.items():
        themes = {LIGHT, DARK}
        assert (
            set(station) == themes
            if name in IN_BOTH_THEMES[way.application]
            else len(set(station) & themes) == 1
        )


def test_what_is_to_be_built_is_seen_in_the_text(way: Study) -> None:
    """A picture in the size that it was drawn in, sharp on a screen with two pixels for one."""
    assert way.pictured is not None
    described, pixels, shown = way.pictured
    assert len(described) > 10
    assert shown > 200
    assert pixels == pytest.approx(2 * shown, abs=4)


def test_an_untouched_task_has_its_card(way: Study) -> None:
    for card in way.untouched.values():
        assert title(way) in card.text
        assert not has_all_public_marks(card.text, way.slip.task, way)


def test_a_wrong_answer_is_told_so(way: Study) -> None:
    for card in way.wrong.values():
        assert title(way) in card.text
        assert say(words.VERDICTS["failed"], way) in card.text
        assert not has_all_public_marks(card.text, way.slip.task, way)
        assert card.opened.count(True) == 1


@pytest.mark.parametrize("way", UNTRUSTED, indirect=True, scope="module", ids="-".join)
def test_in_a_notebook_that_is_not_trusted_a_card_reads_as_its_plain_twin(way: Study) -> None:
    """Each application takes style sheets and pictures out, and a card has no word of a picture left.

    It may say less: what is folded stays so there. `make test-browsers` looks at both applications.
    """
    card, plain = (words_of(way.untrusted[form]) for form in ("card", "plain"))
    # A name is followed by a colon on a card; and only there has what passed a word beside its mark.
    passed = f"[{say(words.VERDICTS['passed'], way)}]"
    twin = iter(plain)

    assert [word for word in card if word != passed and word not in twin] == []
    assert say(words.VERDICTS["failed"], way) in way.untrusted["card"]
    assert len(card) > 0.6 * len(plain)


def words_of(text: str) -> list[str]:
    return text.replace("`", "").replace(":", " ").split()


def test_the_first_hint_is_one_of_three(way: Study) -> None:
    """What stands in backticks is code, and the backticks are not seen."""
    hint = first_hint(way.slip.task, way.language)
    said = say(message("Hint {number} of {count}: {hint}", number=1, count=3, hint=hint), way)

    assert way.hint.strip().endswith(said.replace("`", ""))


def test_a_first_hint_has_code() -> None:
    """So that the test above sees some."""
    assert any("`" in first_hint(slip.task, language) for (_, language), slip in SLIPS.items())


def test_mended_answers_have_all_that_public_checks_give(way: Study) -> None:
    """Full marks only where no hidden check is left; else the task's points, and when the rest is decided."""
    for task, card in way.checked.items():
        assert has_all_public_marks(card.text, task, way)
        assert say(words.VERDICTS["failed"], way) not in card.text


def test_what_was_typed_is_saved(way: Study) -> None:
    for task, answer in solutions(way.slip.assignment).items():
        assert way.saved[f"{task}-answer"] == answer


def test_a_card_speaks_the_notebooks_language(way: Study) -> None:
    for card in way.cards:
        assert card.language == way.language


def test_every_text_of_a_card_can_be_read_in_both_themes(way: Study) -> None:
    for station, cards in way.stations.items():
        for theme, card in cards.items():
            faint = [(text, round(contrast, 2)) for text, contrast in card.texts if contrast < READABLE]

            assert (station, theme, faint) == (station, theme, [])
            assert len(card.texts) > 2


def test_a_models_picture_is_seen(way: Study) -> None:
    for card in [*way.wrong.values(), *way.right.values()]:
        assert card.pictures
        assert all(width > 100 and height > 100 for width, height in card.pictures)


def test_no_script_comes_with_a_card(way: Study) -> None:
    for card in way.cards:
        assert "<script" not in card.html.lower()


def test_no_page_asks_another_machine_for_anything(way: Study) -> None:
    assert way.elsewhere == set()
    assert way.requests > 50


def test_a_card_stays_in_its_place_in_a_narrow_window_too(way: Study) -> None:
    assert way.narrow is not None
    for card in [*way.cards, way.narrow]:
        assert card.beyond_output <= 0.5
        assert card.beyond_page == 0


def test_the_keyboard_folds_what_a_card_explains(way: Study) -> None:
    before, folded, again = way.folded

    assert way.reached
    assert before.count(True) == 1
    assert folded.count(True) == 0
    assert again == before


def test_paper_shows_what_is_folded_on_the_screen(way: Study) -> None:
    assert way.printed is not None
    assert True not in way.printed.opened
    assert all(width > 100 and height > 20 for width, height in way.printed.unfolded)
    assert way.printed.cut == []
    assert min(contrast for _, contrast in way.printed.texts) >= READABLE
    assert way.printed.beyond_output <= 0.5


def test_a_screen_reader_is_told_a_name_for_every_part(way: Study) -> None:
    named = [(role, name) for role, name in way.told if role in NAMED]
    failed = say(words.VERDICTS["failed"], way)

    assert {role for role, _ in named} == NAMED
    assert all(name.strip() for _, name in named)
    assert ("heading", title(way)) in named
    assert any(role == "DisclosureTriangle" and name.endswith(failed) for role, name in named)


def task_of(way: Study):
    return COURSE.find_task(way.slip.task)[1]


def first_hint(task: str, language: str) -> str:
    return COURSE.find_task(task)[1].hints[0].in_language(language)


def title(way: Study) -> str:
    return task_of(way).title.in_language(way.language)


def has_all_public_marks(text: str, task: str, way: Study) -> bool:
    public = load_grader(COURSE, COURSE.assignment(way.slip.assignment), hidden=False).points(task)
    points = COURSE.find_task(task)[1].points
    so_far = message(
        "{score} of {points} points so far; the rest is graded after you hand in.",
        score=public,
        points=points,
    )
    return say(so_far if public < points else words.score(points, points), way) in text


def say(text: Message, way: Study) -> str:
    return render(text, way.language)
