"""Renders formulas as MathML, which a browser shows without scripts and without asking another machine.

The colours of code in Markdown come the same way: what is made from a learner's text, but not written by the
learner, is put into the learner's HTML once that has been cleaned.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from html import escape
from typing import Any

import nh3
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

LONGEST_LINE = 1000
"""Longest line of code, in characters, that is coloured; with endless lines this takes minutes."""

LONGEST = 2000
"""Longest formula, in characters; a longer one stays as it was written."""

TAGS = {
    "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "display", "displaystyle", "fence", "form", "linethickness",
    "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rspace", "scriptlevel",
    "separator", "stretchy", "symmetric", "width",
}  # fmt: skip

_PYTHON = ("python", "python3", "py", "ipython", "ipython3")

PLACE = re.compile(r"formula-[0-9a-f]{16}-[0-9]+")
"""The class of an element that holds a place; no style sheet knows it."""


class FormulaRenderer(IPythonRenderer):
    """nbconvert's renderer of Markdown, with formulas that need no MathJax.

    A page is rendered, then cleaned, then completed (`with_formulas`). Cleaners have had faults with MathML
    among a learner's HTML, so each formula is cleaned alone, and until then the page holds only its place.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Since the name is random, no learner can write a place of their own.
        self._name = f"formula-{secrets.token_hex(8)}"
        self._made: list[str] = []

    def inline_math(self, body: str) -> str:
        """Return a formula in a line of text."""
        return self._place(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        """Return a formula on lines of its own."""
        return self._place(body, "block") or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        r"""Return a formula between `\begin` and `\end`."""
        whole = rf"\begin{{{name}}}{body}\end{{{name}}}"
        return self._place(whole, "block") or super().latex_environment(name, body)

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return lines of code, coloured where they are Python; there are hundreds of other languages."""
        if (info or "").split(maxsplit=1)[:1] not in ([name] for name in _PYTHON):
            return super().block_code(code, None)
        if max(map(len, code.split("\n"))) > LONGEST_LINE:
            return super().block_code(code, None)
        return self._keep(str(highlight(code, PythonLexer(), HtmlFormatter())))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture; one whose attachment is missing becomes its description."""
        try:
            return super().image(text, url, title)
        except InvalidNotebook:
            return escape(text)

    def with_formulas(self, html: str) -> str:
        """Return `html`, made by this renderer and then cleaned, with formulas and code in their places."""
        mark = re.compile(rf'<span class="{self._name}-(?P<number>[0-9]+)"></span>')
        return mark.sub(lambda found: self._made[int(found["number"])], html)

    def _place(self, body: str, display: str) -> str:
        formula = mathml(body, display)
        return "" if formula is None else self._keep(formula)

    def _keep(self, html: str) -> str:
        self._made.append(html)
        return self._mark(len(self._made) - 1)

    def _mark(self, number: int) -> str:
        # Within an attribute the quotation marks would be escaped, so that it is no mark there.
        return f'<span class="{self._name}-{number}"></span>'


def mathml(tex: str, display: str) -> str | None:
    """Return a formula, `inline` or as a `block`, as MathML that only shows; None where it cannot be read."""
    if len(tex) > LONGEST:
        return None
    try:
        made = convert(tex, display=display)
    except Exception:
        # The library raises whatever it runs into; the formula is shown as it was written.
        return None
    return _cleaner().clean(made)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(tags=TAGS, attributes=dict.fromkeys(TAGS, ATTRIBUTES), link_rel=None)
