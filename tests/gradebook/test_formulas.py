"""Formulas in what nbgrader shows need no script and no other machine, and do nothing but show."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from jinja2 import Environment

from autograder.course import load_course
from autograder.gradebook.formulas import LONGEST, mathml
from autograder.gradebook.safety import markdown2html
from tests.gradebook.courses import ROOT
from tests.gradebook.test_safety import DOING, doings

COURSE = load_course(ROOT / "course.yml")
RELEASES = [
    ROOT / "assignments" / language / assignment.id / f"{assignment.id}.ipynb"
    for assignment in COURSE.assignments
    for language in COURSE.languages
]


def page(markdown: str) -> str:
    return markdown2html(Environment().from_string("").new_context({}), markdown)


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: "-".join(path.parts[-3:-1]))
def test_every_formula_of_the_course_is_read(path) -> None:
    notebook = nbformat.read(path, as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]

    shown = [page(text.replace("](attachment:", "](data:")) for text in texts]

    assert [text for text in shown if "$" in text or "\\" in text] == []
    written = sum(text.count("$$") or text.count("$") for text in texts)
    assert (sum(text.count("<math") for text in shown) > 0) == (written > 0)


def test_a_formula_stands_in_its_line_or_in_lines_of_its_own() -> None:
    assert page(r"a $k \times k$ kernel").startswith('<p>a <math display="inline"><mrow><mi>k</mi><mo>×</mo>')
    assert '<math display="block">' in page(r"$$\frac{n}{s}$$")
    assert "<mtable" in page("\\begin{align}a&=b\\\\c&=d\\end{align}")


@pytest.mark.parametrize("broken", [r"\frac{", r"\begin{nothing}", "x" * (LONGEST + 1)])
def test_what_cannot_be_read_as_a_formula_stays_as_it_was_written(broken: str) -> None:
    assert mathml(broken, "inline") is None
    assert f"${broken}$" in page(f"so ${broken}$ it is")


@pytest.mark.parametrize(
    "tex",
    [
        *(rf"\text{{{html}}}" for html in DOING),
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(https://example.org/a.png)}{x}",
        r"\class{bs-card}{x}",
        r"\mathrm{</math><img src=x onerror=alert(1)>}",
    ],
)
@pytest.mark.parametrize(
    "around", ["${}$", "$${}$$", "[${}$](#there)", '![${}$](# "${}$")', "<b title='${}$'>b</b>"]
)
def test_a_formula_does_nothing(tex: str, around: str) -> None:
    shown = page(around.replace("{}", tex))

    assert doings(shown) == []
    assert "bs-card" not in shown.replace(r"\class{bs-card}", "")


def test_nobody_can_take_a_formulas_place() -> None:
    """The name of a formula's place is another one in every cell."""
    shown = page('$x$ <span class="formula-0"></span> <img alt="$x$">')

    assert shown.count("<math") == 1


@examples(st.text(alphabet="<>\"'&/ \\{}[]^_$abcfrtextmimnscript;:-!", max_size=60))
def test_no_text_becomes_a_formula_that_does_something(text: str) -> None:
    made = mathml(text, "inline")

    assert made is None or doings(made) == []
    assert doings(page(f"${text}$")) == []
