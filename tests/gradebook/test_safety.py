"""What learners made is shown in an instructor's browser without doing anything there."""

from __future__ import annotations

import base64
import re
from functools import cache
from html.parser import HTMLParser

import nbformat.v4
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from autograder.gradebook.autograded import NOTES_ID, autograded_notebook
from autograder.gradebook.configuration import configure_steps
from autograder.gradebook.formulas import LONGEST_LINE
from autograder.gradebook.safety import (
    CELLS_LIMIT,
    CODE_LIMIT,
    HTML_LIMIT,
    OUTPUTS_LIMIT,
    PAGE_LIMITS,
    TEXT_LIMIT,
    SafeOutputs,
    clean_html,
)
from autograder.messages import message
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


class Classes(HTMLParser):
    """Remembers the classes that each piece of text stands in."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []
        self._found: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs) -> None:
        self._open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._found.append((data, [name for _, name in self._open]))

    def of(self, text: str) -> list[str]:
        return [name for data, names in self._found if text in data for name in names]


class Texts(HTMLParser):
    """Reads what stands between the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.read = ""

    def handle_data(self, data: str) -> None:
        self.read += data


def doings(html: str) -> list[str]:
    parser = Doings()
    parser.feed(html)
    return parser.found


@cache
def exporter() -> HTMLExporter:
    """nbgrader's, with our steps; it compiles its templates once."""
    config = Config()
    configure_steps(config)
    return HTMLExporter(config=config, template_name="basic")


def exported(outputs=(), text: str = "", kind: str = "markdown") -> str:
    """The body of nbgrader's page of a notebook with those outputs and that text."""
    release = given("first")
    made = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_raw_cell
    submitted = nbformat.v4.new_notebook(cells=[made(text), *release.cells], metadata=release.metadata)
    done, source = graded(release, {"first": 0.0}, {0: list(outputs), 1: list(outputs)}, submitted=submitted)
    body, _ = exporter().from_notebook_node(autograded_notebook(done, source, "en"))
    # The card is the grader's own: its style sheet and its pictures are meant.
    return re.sub(r"<style>.*?</style>", "", body, flags=re.S)


@pytest.mark.parametrize("html", DOING)
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_nothing_that_a_learner_made_does_anything(html: str, kind: str) -> None:
    """Neither a text nor any kind of output, all of them in one page; and none takes away what follows it."""
    outputs = [
        display({"text/html": html, "text/plain": "x"}),
        display({"text/markdown": html, "text/plain": "x"}),
        display({"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{html}</svg>"}),
        display({"application/javascript": "alert(1)", "text/plain": html}),
        stream(html),
        {"output_type": "error", "ename": html, "evalue": html, "traceback": [html]},
        result(html),
    ]
    marked = [one for number, output in enumerate(outputs) for one in (output, result(f"shown-{number}"))]

    page = exported(marked, html, kind)
    texts = Texts()
    texts.feed(page)

    assert doings(page) == []
    assert re.findall(r"shown-\d+", texts.read) == [f"shown-{number}" for number in range(len(outputs))]


def test_a_pictures_metadata_does_not_reach_the_page() -> None:
    png = base64.b64encode(b"\x89PNG").decode()
    hostile = {"image/png": {"width": "1 onerror=alert(1)", "alt": '"><script>alert(1)</script>'}}

    page = exported([display({"image/png": png}, hostile)])

    assert f"data:image/png;base64,{png}" in page
    assert doings(page) == []


def test_a_picture_that_is_none_is_left_out() -> None:
    assert "alert" not in exported([display({"image/png": '"><script>alert(1)</script>'})])


CLASSES = ["modal show", "bs-card", "bs-notes", "navbar navbar-fixed-top", "formula-0-0", "highlight"]


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("way", ["html", "text", "raw", "code block"])
def test_no_class_of_a_learner_s_reaches_the_page(name: str, way: str) -> None:
    """With Formgrader's own they lay over its page; with the card's they were a verdict."""
    html = f'<div class="{name}"><span class="{name}">10 / 10</span><p class={name!r}>x</p></div>'
    text = f"```{name}\n{html}\n```" if way == "code block" else html
    page = exported(
        [display({"text/html": html})] if way == "html" else [],
        text if way != "html" else "",
        "raw" if way == "raw" else "markdown",
    )
    shown = Classes()
    shown.feed(page)

    assert "10 / 10" in page
    assert [found for found in shown.of("10 / 10") if set(found.split()) & set(name.split())] == []


def test_the_grader_s_notes_have_their_look_and_a_learner_s_do_not() -> None:
    release = given("first")
    cell = nbformat.v4.new_markdown_cell('<div class="bs-notes">mine</div>', id=NOTES_ID)
    submitted = nbformat.v4.new_notebook(cells=[cell, *release.cells], metadata=release.metadata)
    done, source = graded(
        release, {"first": 0.0}, submitted=submitted, notes=[message("Something was mended.")]
    )
    config = Config()
    configure_steps(config)
    page, _ = HTMLExporter(config=config, template_name="basic").from_notebook_node(
        autograded_notebook(done, source, "en")
    )
    shown = Classes()
    shown.feed(re.sub(r"<style>.*?</style>", "", page, flags=re.S))

    assert any("bs-notes" in found for found in shown.of("Something was mended."))
    assert not any("bs-notes" in found for found in shown.of("mine"))


def test_code_in_a_text_has_its_colours_and_no_language_but_python() -> None:
    """A learner names one of hundreds of languages, each with its own way to be slow."""
    page = exported(text="```python\nx = 1\n```\n\n```brainfuck\n+++<b>\n```")

    assert '<span class="o">=</span>' in page
    assert "+++&lt;b&gt;" in page


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a " * 20_000, "a a a"),
        (r"\begin{a}" * 10_000, r"\begin{a}\begin{a}"),
        (r"\begin{a}" * 100, r"\begin{a}" * 100),
        ("<div>" * 100_000, ""),
        ("[" * 50_000, "[[["),
    ],
)
def test_a_long_text_is_cut_before_it_is_rendered(text: str, kept: str) -> None:
    """Some of Markdown takes the square of a text's length: 90 kB took 41 seconds."""
    page = exported(text=text)

    assert kept in page
    assert ("This text is too long to be shown; this is its beginning." in page) == (len(text) > TEXT_LIMIT)
    assert len(page) < 20 * TEXT_LIMIT


def test_many_texts_are_cut_as_one_is() -> None:
    release = given("first")
    texts = [nbformat.v4.new_markdown_cell("a " * (TEXT_LIMIT // 2), id=f"t{n}") for n in range(30)]
    nb = nbformat.v4.new_notebook(cells=[*texts, *release.cells])
    SafeOutputs().preprocess(nb, {})

    assert sum(len(cell.source) for cell in nb.cells) < 1.1 * PAGE_LIMITS["text"]
    assert "too long" in nb.cells[29].source


def test_pictures_in_a_text_are_not_counted() -> None:
    picture = f"data:image/png;base64,{'A' * 50_000}"

    page = exported(text=f"before ![a picture]({picture}) after")

    assert f'src="{picture}"' in page
    assert "too long" not in page


def test_a_picture_that_is_not_attached_costs_itself() -> None:
    page = exported(text="before ![a picture](attachment:none.png) after")

    assert "before a picture after" in page


@pytest.mark.parametrize("source", ["x = 1\n" * 20_000, "a." * 5_000])
def test_long_code_is_cut_before_it_is_coloured(source: str) -> None:
    """A line of `a.a.a.` took two minutes for 100 kB."""
    cell = nbformat.v4.new_code_cell(source)
    SafeOutputs().preprocess(nbformat.v4.new_notebook(cells=[cell]), {})

    assert cell.source.startswith("# This code, or a line of it, is too long to be shown")
    assert len(cell.source) < CODE_LIMIT + 200
    assert max(map(len, cell.source.split("\n"))) <= LONGEST_LINE


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<div>" * 5_000 + "</div>" * 5_000,
        "<ul><li>" * 5_000,
        "<div><select></div></select>" * 5_000,
        "<div><!--</div>-->" * 5_000,
        '<div><br title="</div>">' * 5_000,
        "<div><style></div></style>" * 5_000,
        "<svg><style><div></style>" * 5_000,
        "<dd><li>" * 5_000,
        "<b></i>" * 5_000,
        "<table>x" * 5_000,
        "x" * (HTML_LIMIT + 1),
    ],
)
def test_html_that_is_too_deep_or_too_long_is_not_cleaned_and_that_is_said(html: str) -> None:
    """Cleaning takes its length times its depth: 500 kB of `<div>` took 44 seconds."""
    page = exported([display({"text/html": html, "text/plain": "x"})])

    assert "The output is too long or too deeply nested to be shown." in page


def test_a_large_table_is_shown() -> None:
    rows = "".join(f"<tr><td>{number}<td>x</td></tr>\n" for number in range(2000))
    style = "<style scoped>.dataframe > tbody tr th { vertical-align: top; }</style>"

    page = exported([display({"text/html": f"<div>{style}<table><tbody>{rows}</tbody></table></div>"})])

    assert "<td>1999</td>" in page


def test_many_outputs_and_cells_are_cut_and_that_is_said() -> None:
    outputs = [nbformat.v4.new_output("stream", text="x") for _ in range(OUTPUTS_LIMIT + 5)]
    cells = [nbformat.v4.new_markdown_cell("x") for _ in range(CELLS_LIMIT + 5)]
    graded_cell = nbformat.v4.new_code_cell("x", metadata={"nbgrader": {"grade": True}}, outputs=outputs)
    nb = nbformat.v4.new_notebook(cells=[*cells, graded_cell])
    SafeOutputs().preprocess(nb, {})

    assert f"more than {CELLS_LIMIT:,} cells" in nb.cells[0].source
    assert nb.cells[-1] is graded_cell
    assert len(nb.cells) == CELLS_LIMIT + 2
    assert f"more than {OUTPUTS_LIMIT:,} outputs" in nb.cells[-1].outputs[-1].data["text/plain"]
    assert len(nb.cells[-1].outputs) == OUTPUTS_LIMIT + 1


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
