"""Formulas as MathML, which a browser shows without a script and without asking another machine.

Code in Markdown has its colours by the same way: what is made of what a learner wrote, and not by them, takes
its place among their HTML once that has been cleaned.
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
"""Characters of a line of code; in one without an end, finding its colours takes minutes."""

LONGEST = 2000
"""Characters of a formula; a longer one stays as it was written."""

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
"""The class of what holds a place; no style sheet knows it."""


class FormulaRenderer(IPythonRenderer):
    """nbconvert's renderer of Markdown, with formulas that need no MathJax.

    A page is rendered, then cleaned, then completed (`with_formulas`): MathML among HTML that a learner wrote
    is what cleaners have stumbled over, so each formula is cleaned alone, and the page holds only its place
    until then.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Nobody can write a place of their own: they do not know the name.
        self._name = f"formula-{secrets.token_hex(8)}"
        self._made: list[str] = []

    def inline_math(self, body: str) -> str:
        """A formula in a line of text."""
        return self._place(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        """A formula in lines of its own."""
        return self._place(body, "block") or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        r"""A formula between `\begin` and `\end`."""
        whole = rf"\begin{{{name}}}{body}\end{{{name}}}"
        return self._place(whole, "block") or super().latex_environment(name, body)

    def block_code(self, code: str, info: str | None = None) -> str:
        """Lines of code; in colours where it is Python, for there are hundreds of other languages to name."""
        if (info or "").split(maxsplit=1)[:1] not in ([name] for name in _PYTHON):
            return super().block_code(code, None)
        if max(map(len, code.split("\n"))) > LONGEST_LINE:
            return super().block_code(code, None)
        return self._keep(str(highlight(code, PythonLexer(), HtmlFormatter())))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; one that was attached and is not there is what it shows, in words."""
        try:
            return super().image(text, url, title)
        except InvalidNotebook:
            return escape(text)

    def with_formulas(self, html: str) -> str:
        """`html`, as this renderer made it and a cleaner left it, with formulas and code in their places."""
        mark = re.compile(rf'<span class="{self._name}-(?P<number>[0-9]+)"></span>')
        return mark.sub(lambda found: self._made[int(found["number"])], html)

    def _place(self, body: str, display: str) -> str:
        formula = mathml(body, display)
        return "" if formula is None else self._keep(formula)

    def _keep(self, html: str) -> str:
        self._made.append(html)
        return self._mark(len(self._made) - 1)

    def _mark(self, number: int) -> str:
        # Within an attribute the quotation marks would be escaped, and so it is no mark there.
        return f'<span class="{self._name}-{number}"></span>'


def mathml(tex: str, display: str) -> str | None:
    """A formula, `inline` or as a `block`, that does nothing but show; None where it cannot be read."""
    if len(tex) > LONGEST:
        return None
    try:
        made = convert(tex, display=display)
    except Exception:
        # The library raises what it stumbles over; the formula is shown as it was written.
        return None
    return _cleaner().clean(made)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(tags=TAGS, attributes=dict.fromkeys(TAGS, ATTRIBUTES), link_rel=None)
