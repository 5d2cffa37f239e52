"""What learners made, safe to show in an instructor's browser: no script, no style, no request to anywhere.

Both of nbgrader's pages, feedback and Formgrader's grading view, render a notebook into the page itself, and
Formgrader's page may do everything that the instructor may.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder.gradebook.autograded import card_of
from autograder.gradebook.formulas import FormulaRenderer

PLAIN = ("text/plain", "text/latex", "image/png", "image/jpeg")
"""What an output may hold as it is; HTML is cleaned, SVG becomes an image, everything else is left out."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURE_TYPES = (
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/svg+xml;base64,",
)


class SafeOutputs(Preprocessor):
    """Cleans every output of a notebook but the grader's own cards."""

    enabled = True

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], _index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean one cell."""
        if cell.cell_type == "raw":
            # nbconvert puts a raw cell into the page as it is.
            cell.cell_type = "markdown"
            cell.source = "```\n" + cell.source.replace("```", "'''") + "\n```"
        if cell.cell_type == "code":
            card = card_of(cell)
            for output in cell.outputs:
                if output is not card:
                    _clean_output(output)
        return cell, resources


def clean_html(text: str) -> str:
    """HTML with what shows something, and nothing that does something or asks another machine."""
    return _cleaner().clean(text)


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """nbconvert's filter of that name, cleaned, for Markdown may hold any HTML; formulas are MathML."""
    cell = context.get("cell") or {}
    renderer = FormulaRenderer(
        escape=False,
        attachments=cell.get("attachments", {}),
        anchor_link_text="",
        exclude_anchor_links=True,
    )
    return renderer.with_formulas(clean_html(MarkdownWithMath(renderer=renderer).render(source)))


def _clean_output(output: NotebookNode) -> None:
    if "data" not in output:
        return
    kept = NotebookNode()
    for kind, data in output.data.items():
        text = "".join(data) if isinstance(data, list) else data
        if not isinstance(text, str):
            continue
        if kind == "text/html":
            kept[kind] = clean_html(text)
        elif kind == "image/svg+xml":
            encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
            kept.setdefault("text/html", f'<img alt="" src="data:image/svg+xml;base64,{encoded}">')
        elif kind in ("image/png", "image/jpeg"):
            if _BASE64.fullmatch(text):
                kept[kind] = text
        elif kind in PLAIN:
            kept[kind] = text
    # nbconvert warns of an output without any content.
    output["data"] = kept or NotebookNode({"text/plain": ""})
    # Widths, class names and isolation flags of an output's metadata land in the page, unescaped.
    output["metadata"] = NotebookNode()


@cache
def _cleaner() -> nh3.Cleaner:
    tags = (nh3.ALLOWED_TAGS - {"map", "area"}) | {"details", "summary", "section"}
    attributes = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    for tag in tags:
        attributes.setdefault(tag, set()).update({"title", "lang"})
    attributes["a"] = {"href", "title"}
    attributes["img"] = {"src", "alt", "title", "width", "height"}
    attributes["div"] |= {"class"}
    attributes.setdefault("span", set()).update({"class"})
    attributes["details"] |= {"open"}
    return nh3.Cleaner(
        tags=tags,
        attributes=attributes,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """A picture comes with the page; a link may lead elsewhere, but not carry a page of its own."""
    if name == "src":
        return value if value.startswith(_PICTURE_TYPES) else None
    if name in ("href", "cite") and value.lower().strip().startswith("data:"):
        return None
    return value
