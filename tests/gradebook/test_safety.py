"""What learners made is shown in an instructor's browser without doing anything there."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import nbformat.v4
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from autograder.gradebook.autograded import autograded_notebook
from autograder.gradebook.configuration import configure_steps
from autograder.gradebook.safety import clean_html
from tests.gradebook.builders import display, given, graded, result, stream

DOING = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>here</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>here</a>",
    "<img src='https://example.org/pixel.png'>",
    "<link rel=stylesheet href='https://example.org/a.css'>",
    "<style>@import 'https://example.org/a.css'; body { display: none }</style>",
    "<div style='background: url(https://example.org/a.png)'>text</div>",
    "<form action='/formgrader/api'><button>press</button></form>",
    "<meta http-equiv=refresh content='0; url=https://example.org'>",
    "<base href='https://example.org'>",
    "<object data='x.swf'></object><embed src='x.swf'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)><summary>s</summary></details>",
]


class Doings(HTMLParser):
    """Collects what of a page would run, submit or fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs) -> None:
        if tag in ("script", "iframe", "object", "embed", "form", "link", "base", "meta", "style", "input"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "action", "formaction"):
                self.found.append(f"{tag} {name}")
            wanted = ("#", "http://", "https://", "mailto:") if tag == "a" else ("data:image/",)
            if name in ("href", "src", "xlink:href") and not (value or "").startswith(wanted):
                self.found.append(f"{tag} {name}={value}")


def doings(html: str) -> list[str]:
    parser = Doings()
    parser.feed(html)
    return parser.found


def exported(outputs=(), text: str = "", kind: str = "markdown") -> str:
    """The body of nbgrader's page of a notebook with those outputs and that text."""
    release = given("first")
    made = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_raw_cell
    submitted = nbformat.v4.new_notebook(cells=[made(text), *release.cells], metadata=release.metadata)
    done, source = graded(release, {"first": 0.0}, {0: list(outputs), 1: list(outputs)}, submitted=submitted)
    config = Config()
    configure_steps(config)
    exporter = HTMLExporter(config=config, template_name="basic")
    body, _ = exporter.from_notebook_node(autograded_notebook(done, source, "en"))
    # The card is the grader's own: its style sheet and its pictures are meant.
    return re.sub(r"<style>.*?</style>", "", body, flags=re.S)


@pytest.mark.parametrize("html", DOING)
@pytest.mark.parametrize(
    "way", ["html", "markdown output", "svg", "text", "raw", "javascript", "stream", "error"]
)
def test_nothing_that_a_learner_made_does_anything(html: str, way: str) -> None:
    outputs = {
        "html": [display({"text/html": html, "text/plain": "x"})],
        "markdown output": [display({"text/markdown": html, "text/plain": "x"})],
        "svg": [display({"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{html}</svg>"})],
        "javascript": [display({"application/javascript": "alert(1)", "text/plain": html})],
        "stream": [stream(html)],
        "error": [{"output_type": "error", "ename": html, "evalue": html, "traceback": [html]}],
    }.get(way, [result(html)])

    page = exported(outputs, html if way in ("text", "raw") else "", "raw" if way == "raw" else "markdown")

    assert doings(page) == []


def test_a_pictures_metadata_does_not_reach_the_page() -> None:
    png = base64.b64encode(b"\x89PNG").decode()
    hostile = {"image/png": {"width": "1 onerror=alert(1)", "alt": '"><script>alert(1)</script>'}}

    page = exported([display({"image/png": png}, hostile)])

    assert f"data:image/png;base64,{png}" in page
    assert doings(page) == []


def test_a_picture_that_is_none_is_left_out() -> None:
    assert "alert" not in exported([display({"image/png": '"><script>alert(1)</script>'})])


def test_what_only_shows_something_is_kept() -> None:
    table = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1 &lt; 2</td></tr></tbody></table>"

    page = exported(
        [display({"text/html": table})], "> a *quote* and `code < 3`\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )

    assert "<th>a</th>" in page
    assert "1 &lt; 2" in page
    assert "<blockquote>" in page
    assert "<em>quote</em>" in page
    assert "code &lt; 3" in page


def test_the_card_keeps_its_picture_and_its_style() -> None:
    done, source = graded(given("first"), {"first": 0.0})
    config = Config()
    configure_steps(config)

    body, _ = HTMLExporter(config=config, template_name="basic").from_notebook_node(
        autograded_notebook(done, source, "en")
    )

    assert 'class="bs-icon"' in body
    assert ".bs-card" in body


@examples(st.text(alphabet="<>\"'=&/ abonclickstyerimgsvgh:;-!", max_size=60))
def test_no_text_becomes_something_that_does_something(text: str) -> None:
    assert doings(clean_html(text)) == []
