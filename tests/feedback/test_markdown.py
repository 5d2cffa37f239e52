"""What an author writes for those with full marks, as HTML and in a terminal."""

from __future__ import annotations

import pytest

from autograder.feedback import report_text, submission_page
from autograder.feedback.markdown import html
from autograder.feedback.report import Afterwards
from autograder.messages import Localized
from tests.feedback import builders
from tests.feedback.markup import dangers, parsed


def test_markdown_becomes_html() -> None:
    """Emphasis, code, lists and tables; a heading finds its place below those of the page."""
    found = html("## Why\n\nIt is `x` and *y*.\n\n| a |\n|---|\n| b |\n\n```\nz\n```\n", 4)

    page = parsed(str(found))
    assert [element.name for element in page.elements][:4] == ["h4", "p", "code", "em"]
    assert page.slips == []
    assert len(page.named("table", "pre")) == 2


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[a](javascript:alert(1))",
        "![a](https://example.com/a.png)",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(attack: str) -> None:
    page = parsed(str(html(attack, 2)))

    assert dangers(page) == []
    assert page.named("script", "img") == []


def test_a_text_with_a_heading_of_its_own_gets_no_second_one() -> None:
    own = Localized(en="## How come\n\nBecause.", ko="## 어째서\n\n왜냐하면.")
    report = builders.report("kim", afterwards=Afterwards(text=own, alternative="x = 1"))

    page = parsed("".join(submission_page(report, "en")))
    headings = [element.text for element in page.named("h1", "h2", "h3") if "section" in element.within]
    assert headings == ["How come", "Another solution"]
    assert "Why it works" not in report_text(report, "en")


def test_without_full_marks_there_is_nothing_of_it() -> None:
    """The report has none then, and nobody shows any."""
    assert "Another solution" not in report_text(builders.failing(), "en")
    assert 'bs-afterwards"' not in "".join(submission_page(builders.failing(), "en"))
