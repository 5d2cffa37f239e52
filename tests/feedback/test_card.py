"""A task's card as a fragment: for notebooks, and for anybody else's page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.feedback import Drawing, Target, card_html, card_text, words
from autograder.feedback.card import card_view, context, environment, style_sheet, with_given_score
from autograder.graph import plain
from autograder.messages import LANGUAGES, Language, render
from tests.feedback import builders
from tests.feedback.markup import dangers, parsed
from tests.graph.builders import inception


def task() -> builders.TaskReport:
    """A task with a check of every verdict."""
    verdicts: list[builders.Verdict] = ["passed", "failed", "skipped", "broken"]
    return builders.task([builders.check(verdict, verdict) for verdict in verdicts])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_is_a_fragment_that_can_stand_anywhere(language: Language) -> None:
    """One style sheet and one article in its own language; nothing that runs or fetches."""
    page = parsed(card_html(task(), language))

    assert [element.name for element in page.elements if not element.within] == ["style", "article"]
    assert page.named("article")[0].attributes["lang"] == language
    assert page.slips == []
    assert dangers(page) == []


def test_the_style_is_the_cards_own() -> None:
    """Every rule begins with the card's class, so the notebook around it keeps its looks."""
    style = parsed(card_html(task(), "en")).named("style")[0].text
    lines = [line.strip() for line in style.splitlines()]
    rules = [line for line in lines if line.endswith(("{", "}")) and "{" in line and not line.startswith("@")]
    foreign = [rule for rule in rules if ".bs-card" not in rule and ".bs-page" not in rule]

    assert foreign == []
    assert "<" not in style


def test_the_style_can_be_left_out() -> None:
    """A page that has it already need not repeat it."""
    assert card_html(task(), "en").endswith(card_html(task(), "en", style=False))
    assert parsed(card_html(task(), "en", style=False)).named("style") == []


# Of what a card is made of, what JupyterLab 4.6 and Notebook 7.6 leave in a notebook that they do not trust
# (`Sanitizer` in @jupyterlab/apputils). Other elements are dropped, and the text in them stays, but for four.
ALLOWED = {
    *("article", "b", "code", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h3", "header"),
    *("li", "ol", "p", "pre", "span", "summary"),
}
ALLOWED_ANYWHERE = {"class", "hidden", "lang"}
DROPPED_WITH_THEIR_TEXT = {"script", "style", "textarea", "option"}


def left_of(card: str) -> str:
    """The text that a reader sees of a card in such a notebook."""
    cleaned = nh3.clean(
        card,
        tags=ALLOWED,
        attributes={"*": ALLOWED_ANYWHERE, "details": {"open"}},
        clean_content_tags=DROPPED_WITH_THEIR_TEXT,
    )
    seen = _Seen()
    seen.feed(cleaned)
    return seen.text


class _Seen(HTMLParser):
    """The text of a page without what is hidden; a new line before and after what is no part of a line."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append("hidden" in dict(attrs))
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.text += data

    def _break(self, tag: str) -> None:
        if tag not in ("b", "code", "span"):
            self.text += "\n"


def spaced(text: str) -> list[str]:
    """The words of a text; a name is followed by a colon on a card, and by a gap in the plain text."""
    return text.replace(":", " ").replace("`", "").split()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("attempted", [True, False])
def test_in_a_notebook_that_is_not_trusted_a_card_reads_as_its_plain_twin(
    language: Language, attempted: bool
) -> None:
    """The style sheet and the pictures are taken out there, and none of the pictures' words may be left."""
    made = builders.task(
        [builders.check("joins"), builders.check("fits", "failed", failed=builders.failure())],
        drawing=builders.drawing(),
    ).model_copy(
        update={"attempted": attempted, "target": Target(graph=plain(inception()), shows="everything")}
    )
    left = left_of(card_html(made, language))
    twin = card_text(made, language)

    passed = f"[{render(words.VERDICTS['passed'], language)}]"
    to_do = f"[{render(words.TO_DO, language)}]"
    assert [word for word in spaced(left) if word not in (passed, *to_do.split())] == spaced(twin)


def test_the_heading_fits_where_the_card_stands() -> None:
    """A page decides the level."""
    assert [element.text for element in parsed(card_html(task(), "en", level=5)).named("h5")] == [
        "Four branches, one join"
    ]


def test_every_reason_can_be_reached_by_keyboard() -> None:
    """A verdict with a reason is a disclosure of its own; a passed check has nothing to open."""
    page = parsed(card_html(task(), "en"))

    assert len(page.named("details")) == 3
    assert len(page.named("summary")) == 3
    assert ["open" in element.attributes for element in page.named("details")] == [True, False, False]


def test_code_in_a_message_is_code() -> None:
    """What stands in backticks is set as code, and escaped."""
    failed = builders.failure(rationale=builders.message("`{layer}` is odd.", layer="<b>"), found=None)
    page = card_html(builders.task([builders.check("a", "failed", failed=failed)]), "en", style=False)

    assert "<p><code>&lt;b&gt;</code> is odd.</p>" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_made_before_a_person_gave_a_score_says_so_at_its_head(language: Language) -> None:
    """As one that is made afterwards does, in the same place."""
    made = card_html(task(), language)
    given = with_given_score(made, score=2.5, automatic=1, points=4, language=language)
    without = with_given_score(made, score=2.5, automatic=None, points=4, language=language)
    head, _, rest = given.partition("</header>")

    assert render(words.score(2.5, 4), language) in head
    assert render(words.score(1, 4), language) not in head
    assert rest.lstrip().startswith('<p class="bs-remark bs-given">')
    assert render(words.score(1, 4), language) in rest.partition("<ol")[0]
    assert render(words.given_by_hand(2.5, None, 4), language) in without
    assert parsed(given).slips == []
    module = environment().get_template("card.html.j2").make_module(context(language))
    fresh = module.card(card_view(task(), language, given=2.5), 3)  # type: ignore[attr-defined]
    assert given.endswith(str(fresh))


def test_equal_tasks_make_equal_cards() -> None:
    """Nothing in a card depends on time or chance."""
    assert card_html(task(), "ko") == card_html(task(), "ko")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_text_is_text(text: str) -> None:
    """Whatever a learner's words are, the card has the elements that it has for any."""
    card = parsed(card_html(builders.hostile(text).tasks[0], "ko", style=False))

    assert card.slips == []
    assert dangers(card) == []


@pytest.mark.parametrize(
    ("drawing", "large", "tall"),
    [
        (builders.chain(3), False, False),
        (builders.chain(3, branches=12), True, False),
        (builders.chain(30), True, True),
    ],
    ids=["small", "wide", "tall"],
)
def test_a_picture_that_is_too_large_for_a_card_can_be_seen_whole(
    drawing: Drawing, large: bool, tall: bool
) -> None:
    """By a disclosure, which the keyboard opens and which has a name; no script is needed."""
    page = parsed(card_html(builders.task([builders.check("a")], drawing=drawing), "en"))
    switches = [one for one in page.named("summary") if one.text == "Show the whole picture at once"]

    assert len(switches) == large
    assert [one.attributes.get("class") for one in page.named("figure")] == ["bs-tall" if tall else None]


def luminance(colour: str) -> float:
    """A colour's relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_word_can_be_read_on_every_ground() -> None:
    """WCAG AA, 4.5 to 1, in each theme."""
    style = str(style_sheet("card.css"))
    themes = [
        dict(re.findall(r"--bs-([\w-]+): (#\w{6})", rule)) for rule in re.findall(r"\{([^{}]+)\}", style)
    ]
    grounds = ("paper", "panel", "failed-panel", "broken-panel", "hint-panel")
    inks = ("ink", "soft", "accent", "passed", "failed", "skipped", "broken")
    palettes = [theme for theme in themes if "paper" in theme]
    faint = [
        (ink, ground)
        for theme in palettes
        for ink in inks
        for ground in grounds
        if contrast(theme[ink], theme[ground]) < 4.5
    ]

    assert len(palettes) == 3
    assert faint == []
