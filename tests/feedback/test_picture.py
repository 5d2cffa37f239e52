"""Pictures in a page: only what a drawing needs gets in."""

from __future__ import annotations

import pytest

from autograder.feedback import Drawing, card_html
from autograder.feedback.picture import inline_svg, picture
from autograder.graph import difference_from_plain, draw, from_plain
from autograder.messages import LANGUAGES, Language
from tests.feedback import builders
from tests.feedback.markup import dangers, parsed

SVG = "http://www.w3.org/2000/svg"


def svg(inside: str, attributes: str = "") -> str:
    """A drawing with that inside."""
    return f'<svg xmlns="{SVG}" viewBox="0 0 9 9" {attributes}>{inside}</svg>'


def test_a_drawing_stays_as_it_is() -> None:
    """Shapes, text and their order."""
    drawn = svg('<g class="a"><rect x="1" y="2"/><text>28 × 28 &lt; 30</text> tail</g>')

    assert inline_svg(drawn, "p-") == (
        '<svg viewBox="0 0 9 9"><g class="a"><rect x="1" y="2"></rect>'
        "<text>28 × 28 &lt; 30</text> tail</g></svg>"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_real_picture_loses_nothing(language: Language) -> None:
    """What `autograder.graph.drawing.draw` draws with is what may stand in a page."""
    drawing = builders.drawing()
    differences = tuple(map(difference_from_plain, drawing.differences))
    drawn = draw(from_plain(drawing.graph), differences=differences, language=language)
    before, after = parsed(drawn), parsed(inline_svg(drawn, "p-"))

    assert picture(drawing, language, "p-") == inline_svg(drawn, "p-")
    assert [element.name for element in before.elements] == [element.name for element in after.elements]
    lost = [
        set(one.attributes) - set(other.attributes)
        for one, other in zip(before.elements, after.elements, strict=True)
    ]
    assert set().union(*lost) == {"xmlns"}
    assert [e.text for e in before.elements if e.name == "text"] == [
        e.text for e in after.elements if e.name == "text"
    ]


def test_ids_are_the_pictures_own() -> None:
    """Two pictures on one page do not take each other's arrows or titles."""
    drawn = svg(
        '<title id="t">T</title><marker id="m"/><path marker-end="url(#m)"/>'
        "<style>#m .a{fill:url(#t);color:#bad}</style>",
        'aria-labelledby="t u"',
    )

    found = inline_svg(drawn, "p1-")

    assert 'aria-labelledby="p1-t p1-u"' in found
    assert '<title id="p1-t">' in found
    assert 'marker-end="url(#p1-m)"' in found
    assert "<style>#p1-m .a{fill:url(#p1-t);color:#bad}</style>" in found


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        "<foreignObject><b>x</b></foreignObject>",
        '<image href="http://example.org/x.png"/>',
        '<use href="#x"/>',
        '<rect style="fill:url(http://example.org)"/>',
        "<rect fill=\"url( 'data:x' )\"/>",
        "<style>@import 'x'; .a{}</style>",
        "<style>.a{background:url(http://example.org)}</style>",
        "<style>&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;</style>",
        "<animate attributeName='x' onbegin='alert(1)'/>",
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
    ],
)
def test_nothing_active_gets_in(inside: str) -> None:
    """Should a drawing ever be other than ours, it is harmless."""
    page = parsed(inline_svg(svg(inside), "p-"))

    assert dangers(page) == []
    assert page.slips == []
    assert "alert" not in inline_svg(svg(inside), "p-")
    assert "example.org" not in inline_svg(svg(inside), "p-")


@pytest.mark.parametrize(
    "drawn",
    [
        "",
        "<svg",
        "<p>x</p>",
        f'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="{SVG}">&a;</svg>',
        svg("x" * 4_000_000),
    ],
)
def test_what_is_no_drawing_is_refused(drawn: str) -> None:
    """Not shown half."""
    with pytest.raises(ValueError, match=r"not|well-formed"):
        inline_svg(drawn, "p-")


def test_a_damaged_drawing_costs_the_picture(caplog: pytest.LogCaptureFixture) -> None:
    """The card is there without it, and the log says why."""
    drawing = Drawing(graph={"not": "a graph"})

    assert picture(drawing, "en", "p-") is None
    assert "a picture could not be drawn" in caplog.text
    assert "<figure>" not in card_html(builders.task([builders.check("a")], drawing=drawing), "en")


def test_no_drawing_is_no_picture() -> None:
    """A task about a number has none."""
    assert picture(None, "en", "p-") is None
