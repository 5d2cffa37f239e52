"""A card and the picture in it are light together and dark together, on every page that they are shown on.

In a narrow window, pages are no wider than it, and pictures no smaller than can be read. And the class page
leads from a score to the task that a mistake was made in, by keyboard alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.class_report import PAGE, class_report, reports_below, write_class
from autograder.feedback import (
    card_html,
    read_report,
    report_path,
    submission_page,
    write_pages,
    write_report,
)
from autograder.feedback.card import style_sheet
from autograder.gradebook import formulas, pages
from autograder.graph.drawing.draw import draw
from tests.class_report import classes
from tests.e2e.browser.chromium import chromium, running_chromium
from tests.feedback import builders
from tests.graph.builders import siamese

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt-get install chromium fonts-noto-cjk"),
]

LIGHT, DARK = "rgb(255, 255, 255)", {"card": "rgb(21, 24, 29)", "picture": "rgb(21, 25, 30)"}
MOST_STEPS = 100
"""The most presses of the tab key until something must have been reached."""
# What each application says of its theme, and whether that is dark; None: what the system wishes.
PAGES = {
    '<html><body data-jp-theme-light="true">': False,
    '<html><body data-jp-theme-light="false">': True,
    '<html><body class="vscode-light">': False,
    '<html><body class="vscode-dark">': True,
    '<html><body class="vscode-high-contrast">': True,
    "<html><body>": False,
    '<html theme="dark"><body>': True,
    '<html><body class="bs-page">': None,
}


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with running_chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser.new_page()


@pytest.fixture
def page(window: Page) -> Page:
    """An empty page, always in the same window; each test says what is wished of it."""
    window.goto("about:blank")
    return window


def grounds(page: Page) -> dict[str, str]:
    """What card and picture are painted on."""
    card = page.locator(".bs-card").evaluate("card => getComputedStyle(card).backgroundColor")
    picture = page.locator("rect.paper").evaluate("paper => getComputedStyle(paper).fill")
    return {"card": str(card), "picture": str(picture)}


@pytest.mark.parametrize("begun", PAGES)
def test_a_picture_is_dark_where_its_card_is(page: Page, begun: str) -> None:
    """JupyterLab, VS Code and Colab have themes of their own; only our pages follow the system's wish."""
    page.set_content(
        f"<!doctype html>{begun}<style>{style_sheet('card.css')}</style>"
        f'<article class="bs-card">{draw(siamese())}</article></body></html>'
    )

    for wish in (False, True):
        page.emulate_media(color_scheme="dark" if wish else "light", media="screen")
        dark = wish if PAGES[begun] is None else PAGES[begun]
        assert grounds(page) == (DARK if dark else dict.fromkeys(DARK, LIGHT)), wish


@pytest.mark.parametrize("wish", ["light", "dark"])
def test_on_paper_everything_is_light(page: Page, wish: str) -> None:
    page.emulate_media(color_scheme="dark" if wish == "dark" else "light", media="print")
    page.set_content(
        f"<!doctype html><body class='bs-page vscode-dark'><style>{style_sheet('card.css')}</style>"
        f'<article class="bs-card">{draw(siamese())}</article>'
    )

    assert grounds(page) == dict.fromkeys(DARK, LIGHT)


@pytest.fixture(scope="module")
def class_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class page of a made-up class, and the page of the one submission that is followed."""
    output = classes.written(classes.submissions()[10:30], tmp_path_factory.mktemp("class"))
    report = class_report(reports_below(output))
    pages = {(one.student, one.assignment): f"{one.student}.html" for one in report.scores}
    write_class(report, output, "en", links=pages)
    followed = read_report(report_path(output, "s12", "inception"))
    (output / "s12.html").write_text("".join(submission_page(followed, "en")), encoding="utf-8")
    return output / PAGE


def tab_to(page: Page, wanted: Locator) -> None:
    """Go on with the tab key until `wanted` has the focus."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"the tab key does not lead to {wanted}")


def test_from_the_class_to_a_submission_by_keyboard_alone(page: Page, class_page: Path) -> None:
    """Sort by an assignment, filter by a name, open a mistake, and follow it to the task it was made in."""
    page.emulate_media(color_scheme="light", media="screen")
    page.goto(class_page.as_uri())
    names = page.locator("#scores tbody tr:visible th")
    everybody = names.all_inner_texts()
    head = page.locator("#scores thead th", has_text="Fix the broken Inception branch")
    filter_ = page.get_by_label("Show only names with:")
    mistake = page.locator("details.bs-mistake").first

    tab_to(page, filter_)
    page.keyboard.type("S2")
    assert names.all_inner_texts() == [f"s{number}" for number in range(20, 30)]

    tab_to(page, head.get_by_role("button"))
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    # The code of five of them stops; the others have half of the points.
    nothing, half = [f"s{n}" for n in range(23, 28)], ["s20", "s21", "s22", "s28", "s29"]
    assert names.all_inner_texts() == [*nothing, *half]
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert names.all_inner_texts() == [*half, *nothing]

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(filter_).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert sorted(names.all_inner_texts()) == everybody

    tab_to(page, mistake.locator("summary"))
    page.keyboard.press("Enter")
    expect(mistake.get_by_text("along the four branches")).to_be_visible()
    tab_to(page, mistake.get_by_role("link", name="s12").last)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/s12.html#task-"))
    expect(page.get_by_role("banner")).to_contain_text("s12 · 2 / 4 points")
    expect(page.get_by_role("heading", name="Four branches, one join")).to_be_in_viewport()
    expect(page.get_by_text("it should be (2, 2)").first).to_be_visible()


@pytest.mark.parametrize("wish", ["light", "dark"])
def test_a_picture_by_itself_is_as_the_system_wishes(page: Page, tmp_path: Path, wish: str) -> None:
    """README shows such pictures."""
    file = tmp_path / "picture.svg"
    file.write_text(draw(siamese()), encoding="utf-8")
    page.emulate_media(color_scheme="dark" if wish == "dark" else "light", media="screen")
    page.goto(file.as_uri())

    paper = page.locator("rect.paper").evaluate("paper => getComputedStyle(paper).fill")
    assert paper == (DARK["picture"] if wish == "dark" else LIGHT)


@pytest.fixture
def narrow(page: Page) -> Iterator[Page]:
    """The window as wide as a telephone."""
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    yield page
    if before is not None:
        page.set_viewport_size(before)


def beyond(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("(root => root.scrollWidth - root.clientWidth)(document.documentElement)"))


def test_in_a_narrow_window_a_picture_can_be_read_and_is_scrolled_within(narrow: Page) -> None:
    narrow.set_content("".join(submission_page(builders.failing(), "en")))
    picture = narrow.locator(".bs-picture").first
    shown, own, seen = picture.evaluate(
        "one => [one.scrollWidth, Number(one.firstChild.getAttribute('width')), one.clientWidth]"
    )

    assert seen < 390 < shown
    assert shown >= 0.8 * own
    assert beyond(narrow) == 0


def test_the_keyboard_shows_a_large_picture_whole_and_paper_does_at_once(page: Page) -> None:
    """By itself it is of a size that can be read, in its own window where it is very tall."""
    tall = builders.task([builders.check("a")], drawing=builders.chain(30))
    page.emulate_media(color_scheme="light", media="screen")
    page.set_content(f"<!doctype html><body>{card_html(tall, 'en')}")
    picture = page.locator(".bs-picture")

    def hidden() -> int:
        return int(picture.evaluate("one => one.scrollHeight - one.clientHeight"))

    assert hidden() > 500
    tab_to(page, page.locator(".bs-whole > summary"))
    page.keyboard.press("Enter")
    assert hidden() == 0
    page.keyboard.press("Enter")
    assert hidden() > 500
    page.emulate_media(media="print")
    assert hidden() == 0
    expect(page.locator(".bs-whole")).to_be_hidden()


def test_in_a_narrow_window_the_index_is_no_wider(narrow: Page, tmp_path: Path) -> None:
    path = report_path(tmp_path, "somebody_with_a_long_name_and_no_space", "inception")
    write_report(builders.failing("somebody_with_a_long_name_and_no_space"), path)
    write_pages([path], tmp_path, "en")
    narrow.goto((tmp_path / "index.html").as_uri())

    assert narrow.locator("table.bs-students").evaluate("table => table.scrollWidth") > 390
    assert beyond(narrow) == 0


@pytest.mark.parametrize("display", ["block", "inline"])
def test_in_a_narrow_window_a_formula_is_scrolled_within(narrow: Page, display: str) -> None:
    """nbgrader's feedback shows the notebook's own text."""
    formula = formulas.mathml(" + ".join(f"x_{{{number}}}" for number in range(60)), display)
    narrow.set_content(
        f"<!doctype html><body class='bs-page'><style>{pages.style_sheets()}</style>"
        f"<main><section class='bs-text'><p>Of all of them: {formula}</p></section></main>"
    )

    assert narrow.locator("section").evaluate("one => one.scrollWidth > one.clientWidth")
    assert beyond(narrow) == 0
