"""What is seen and measured of a card in the page, and what a screen reader is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator

_MEASURE = Path(__file__).with_name("card.js").read_text(encoding="utf-8")

Size = tuple[float, float]


@dataclass(frozen=True)
class Card:
    """A card as it stands in a page."""

    language: str
    text: str
    html: str
    texts: list[tuple[str, float]]
    """Every text that is visible, those of the picture included, with its contrast to what lies below it."""
    pictures: list[Size]
    opened: list[bool]
    unfolded: list[Size]
    """The size of what each `<details>` shows below its summary."""
    cut: list[str]
    """The classes of the parts that do not show all that is in them."""
    beyond_output: float
    """How many pixels the card is wider than the place that the notebook has for it."""
    beyond_page: float
    """How many pixels the page is wider than its window."""


def card_in(output: Locator) -> Locator:
    """The card in a cell's output, scrolled to."""
    card = output.locator("article.bs-card")
    card.scroll_into_view_if_needed()
    return card


def seen(output: Locator) -> Card:
    """The card in a cell's output."""
    return Card(**card_in(output).evaluate(_MEASURE))


def told(output: Locator) -> list[tuple[str, str]]:
    """The card in a cell's output as Chromium tells it to a screen reader: role and name of each part."""
    page = output.page
    # The tree is asked for by id.
    card_in(output).evaluate("card => { window.cardAskedFor = card }")
    session = page.context.new_cdp_session(page)
    card = session.send("Runtime.evaluate", {"expression": "window.cardAskedFor"})["result"]
    nodes = session.send("Accessibility.queryAXTree", {"objectId": card["objectId"]})["nodes"]
    session.detach()
    heard = [node for node in nodes if not node["ignored"]]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in heard]
