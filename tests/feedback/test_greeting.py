"""A task that nobody has begun is greeted, not failed; what is wanted stands beside what is there."""

from __future__ import annotations

from unittest import mock

import pytest

from autograder.checks import Meaning
from autograder.feedback import Remarks, Target, TaskReport, card_html, card_text, summarise, words
from autograder.feedback import card as cards
from autograder.feedback.card import meaning_html, meaning_text
from autograder.graph import outline, plain
from autograder.messages import LANGUAGES, Language, message, render
from tests.feedback import builders
from tests.feedback.markup import parsed
from tests.graph.builders import inception

OUTLINE = Target(graph=plain(outline(inception())), shows="outline")


def task(*, attempted: bool, target: Target | None = None) -> TaskReport:
    checks = [builders.check("builds"), builders.check("joins", "failed"), builders.check("fits", "skipped")]
    made = builders.task(checks, drawing=builders.drawing())
    return made.model_copy(update={"attempted": attempted, "target": target})


@pytest.mark.parametrize("language", LANGUAGES)
def test_starter_code_is_greeted(language: Language) -> None:
    """In HTML and in plain text: what it is, and what it should become; nothing has failed."""
    card = task(attempted=False)
    for shown in (card_html(card, language, style=False), card_text(card, language)):
        said = " ".join(shown.split())

        assert render(words.NOT_ATTEMPTED, language) in said
        assert render(words.GREETING, language) in said
        assert render(words.VERDICTS["failed"], language) not in said
        assert render(builders.failure().rationale, language) not in said


def test_an_answer_is_not_greeted() -> None:
    shown = card_html(task(attempted=True), "en")

    assert "Not attempted yet" not in shown
    assert render(builders.failure().rationale, "en").split("`")[0] in shown


def test_what_the_starter_code_has_already_is_not_taken_away() -> None:
    assert "✓" in card_text(task(attempted=False), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wanted_stands_beside_the_learners_model(language: Language) -> None:
    """Two pictures, each with a name for those who hear it, whose ids do not collide."""
    card = parsed(card_html(task(attempted=True, target=OUTLINE), language))
    pictures = card.named("svg")
    drawn = [one for one in pictures if one.attributes.get("role") == "img"]
    groups = [one.attributes["aria-label"] for one in card.named("div") if "aria-label" in one.attributes]

    assert len(drawn) == 2
    assert len({one.attributes["id"] for one in drawn}) == 2
    assert groups == [
        render(message("Picture of the model"), language),
        render(message("Picture of the target model"), language),
    ]


def test_the_plain_twin_tells_both_models_line_by_line() -> None:
    said = card_text(task(attempted=True, target=OUTLINE), "en", width=110)

    assert "Your model, one line per call" in said
    assert "Target model, in outline" in said
    assert "[1] AveragePooling2D branch_c(pool_size=3" in " ".join(said.split())
    assert said.count("(None, 14, 14, 512)") == 2


def test_in_a_narrow_terminal_one_model_follows_the_other() -> None:
    said = card_text(task(attempted=True, target=OUTLINE), "en", width=60)

    assert max(len(line) for line in said.splitlines()) <= 60
    assert said.index("Your model") < said.index("Target model")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_model_is_not_shown_twice(language: Language) -> None:
    """Starter code that only has to be compiled has the target's graph already."""
    drawing = builders.drawing().model_copy(update={"differences": []})
    made = task(attempted=False, target=Target(graph=drawing.graph, shows="everything"))
    made = made.model_copy(update={"drawing": drawing})

    for shown, same in ((made, words.ALREADY_TARGET), (begun(made), words.SAME_TARGET)):
        card = parsed(card_html(shown, language))
        assert len([one for one in card.named("svg") if one.attributes.get("role") == "img"]) == 1
        assert render(same, language) in card_html(shown, language)
        assert render(same, language) in " ".join(card_text(shown, language).split())


def begun(made: TaskReport) -> TaskReport:
    return made.model_copy(update={"attempted": True, "score": 0.0})


def test_where_no_point_is_missing_nothing_is_told_line_by_line() -> None:
    right = builders.task([builders.check("builds")], drawing=builders.drawing())

    assert "one line per call" not in card_text(right, "en")


def test_a_class_table_says_what_was_not_begun() -> None:
    """All of it, or the tasks that are left; a task that was begun and failed comes first."""
    begun, left = task(attempted=True), task(attempted=False)
    right = builders.task([builders.check("builds")])

    def first(*tasks: TaskReport) -> str:
        said = summarise(builders.report(tasks=list(tasks))).first_message
        assert said is not None
        return render(said, "en")

    assert first(left, left) == "Not attempted yet"
    assert first(right, left) == "Not attempted yet: `module`"
    assert first(left, begun).startswith("`branch_c` does not halve")


def test_what_an_error_means_is_said_in_both_forms() -> None:
    meaning = Meaning(message("`fit` is <late>."), message("Look."))

    assert meaning_text(meaning, "en") == "What this means: `fit` is <late>.\nHint: Look."
    assert "<code>fit</code> is &lt;late&gt;." in meaning_html(meaning, "en")


def test_something_may_be_said_at_the_end() -> None:
    hints = message("Hints used for this task: {used} of {count}.", used=1, count=3)
    remarks = Remarks(foot=(hints, message("Passed `all`.")))
    shown = card_html(task(attempted=True), "en", remarks=remarks)
    said = card_text(task(attempted=True), "en", remarks=remarks)

    assert (
        "<p>Hints used for this task: 1 of 3.</p><p>Passed <code>all</code>.</p></div>\n</article>" in shown
    )
    assert said.endswith("\n\nHints used for this task: 1 of 3.\nPassed `all`.\n")


def test_a_headline_stands_in_place_of_the_score() -> None:
    """In both forms, with its code as code; the score by itself is not said beside it."""
    remarks = Remarks(headline=message("`autograder check {assignment}` looks at the rest", assignment="net"))
    score = render(words.score(1.0, 3.0), "en")
    shown = card_html(task(attempted=True), "en", style=False, remarks=remarks)
    said = card_text(task(attempted=True), "en", remarks=remarks)

    assert "<code>autograder check net</code> looks at the rest</p></header>" in shown
    assert "\n  `autograder check net` looks at the rest\n" in said
    assert score not in shown + said
    assert score in card_html(task(attempted=True), "en")


def test_a_note_stands_between_the_checks_and_the_models() -> None:
    remarks = Remarks(note=message("Something still differs."))
    shown = card_html(task(attempted=True, target=OUTLINE), "en", style=False, remarks=remarks)
    said = card_text(task(attempted=True, target=OUTLINE), "en", remarks=remarks)

    assert shown.index("</ol>") < shown.index("Something still differs.") < shown.index("<figure")
    assert said.index("✗") < said.index("Something still differs.") < said.index("Your model")


def test_what_is_wanted_is_drawn_once_for_everybody() -> None:
    """The second card with the same target shows the same picture; a learner's is drawn."""
    cards._drawn_once.cache_clear()
    with mock.patch.object(cards, "picture", wraps=cards.picture) as drawn:
        first = card_html(task(attempted=True, target=OUTLINE), "ko")
        of_the_first = drawn.call_count
        again = card_html(task(attempted=True, target=OUTLINE), "ko")

    assert again == first
    assert drawn.call_count == 2 * of_the_first - 1
