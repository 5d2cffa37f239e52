"""Makes what learners made safe for an instructor's browser: no script, no style, no request to anywhere.

Both of nbgrader's pages, feedback and Formgrader's grading view, render a notebook into the page itself, and
Formgrader's page may do everything that the instructor may.
"""

from __future__ import annotations

import base64
import re
import secrets
from functools import cache
from html import escape
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder.gradebook.autograded import NOTES_ID, card_of
from autograder.gradebook.formulas import LONGEST_LINE, PLACE, FormulaRenderer
from autograder.gradebook.nesting import depth
from autograder.messages import Message, message, render, wished_language
from autograder.messages.cleaning import cut

PLAIN = ("text/plain", "text/latex", "image/png", "image/jpeg")
"""What an output may hold as it is; HTML is cleaned, SVG becomes an image, everything else is left out."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURE = re.compile(
    r"(?P<type>data:image/(?:png|jpeg|gif|svg\+xml);base64,)(?P<data>[A-Za-z0-9+/]{64,}={0,2})"
)
_PICTURE_TYPES = (
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/svg+xml;base64,",
)


TEXT_LIMIT = 10_000
"""Characters of a text that are rendered, pictures aside: some Markdown takes the square of its length."""

CODE_LIMIT = 50_000
"""Characters of a code cell that are shown."""

HTML_LIMIT = 300_000
"""Characters of an output of HTML that are cleaned."""

PAGE_LIMITS = {"text": 100_000, "code": 500_000, "html": 1_000_000}
"""Characters of all texts, code cells and outputs of HTML of one notebook."""

CELLS_LIMIT, OUTPUTS_LIMIT = 2_000, 1_000
"""How many cells of a notebook, and how many outputs of a cell, are shown."""

DEEPEST = 100
"""How many levels HTML may have; cleaning takes the length times the depth."""

ENVIRONMENTS = 50
"""How often a text may say `\\begin`: each looks for its end through the rest of the text."""

_SURELY_SHORT = 4_000


class SafeOutputs(Preprocessor):
    """A preprocessor that cleans every output of a notebook but the grader's own cards.

    It also cuts what would take too long to show.
    """

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean a notebook."""
        about = nb.metadata.get("autograder", {})
        language = about.get("language") if isinstance(about, dict) else None
        self._language = language if isinstance(language, str) else wished_language()
        self._left = dict(PAGE_LIMITS)
        if len(nb.cells) > CELLS_LIMIT:
            known = [cell for cell in nb.cells[CELLS_LIMIT:] if "nbgrader" in cell.metadata]
            nb.cells = [*nb.cells[:CELLS_LIMIT], *known]
            said = message(
                "The notebook has more than {limit} cells; others are not shown.", limit=CELLS_LIMIT
            )
            note = NotebookNode(cell_type="markdown", metadata=NotebookNode(), source=self._say(said))
            nb.cells.insert(0, note)
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], _index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean one cell."""
        if cell.cell_type == "code":
            self._cut_code(cell)
            self._clean_outputs(cell)
        else:
            self._cut_text(cell)
        return cell, resources

    def _cut_text(self, cell: NotebookNode) -> None:
        pictures = _Pictures()
        text = pictures.lifted(cell.source)
        kept = self._within("text", text, TEXT_LIMIT)
        said = self._say(_CUT_TEXT) if kept != text else ""
        if cell.cell_type == "raw" or kept.count("\\begin") > ENVIRONMENTS:
            # nbconvert would put a raw cell into the page as it is.
            cell.cell_type = "markdown"
            kept = "```\n" + kept.replace("```", "'''") + "\n```"
        kept = pictures.put_back(kept)
        cell.source = f"{said}\n\n{kept}" if said else kept

    def _cut_code(self, cell: NotebookNode) -> None:
        kept = self._within("code", cell.source, CODE_LIMIT)
        shown = "\n".join(cut(line, LONGEST_LINE) for line in kept.split("\n"))
        if shown != cell.source:
            cell.source = f"# {render(_CUT_CODE, self._language)}\n{shown}"

    def _clean_outputs(self, cell: NotebookNode) -> None:
        card = card_of(cell)
        if len(cell.outputs) > OUTPUTS_LIMIT:
            cell.outputs = cell.outputs[:OUTPUTS_LIMIT]
            said = message(
                "The cell has more than {limit} outputs; the rest is not shown.", limit=OUTPUTS_LIMIT
            )
            shown = NotebookNode({"text/plain": render(said, self._language)})
            note = NotebookNode(output_type="display_data", data=shown, metadata=NotebookNode())
            cell.outputs.append(note)
        for output in cell.outputs:
            if output is not card:
                self._clean_output(output)

    def _clean_output(self, output: NotebookNode) -> None:
        if "data" not in output:
            return
        kept = NotebookNode()
        for kind, data in output.data.items():
            text = "".join(data) if isinstance(data, list) else data
            if not isinstance(text, str):
                continue
            if kind == "text/html":
                if self._can_be_cleaned(text):
                    kept[kind] = clean_html(text)
                else:
                    said = message("The output is too long or too deeply nested to be shown.")
                    kept[kind] = f"<p>{escape(render(said, self._language))}</p>"
            elif kind == "image/svg+xml":
                encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
                kept.setdefault("text/html", f'<img alt="" src="data:image/svg+xml;base64,{encoded}">')
            elif kind in ("image/png", "image/jpeg"):
                if _BASE64.fullmatch(text):
                    kept[kind] = text
            elif kind in PLAIN:
                kept[kind] = text
        # nbconvert warns of an output without content.
        output["data"] = kept or NotebookNode({"text/plain": ""})
        # The widths, class names and isolation flags of an output's metadata land in the page unescaped.
        output["metadata"] = NotebookNode()

    def _can_be_cleaned(self, html: str) -> bool:
        self._left["html"] -= len(html)
        if len(html) > HTML_LIMIT or self._left["html"] < 0:
            return False
        if len(html) <= _SURELY_SHORT:
            return True
        levels = depth(html)
        return levels is not None and levels <= DEEPEST

    def _within(self, kind: str, text: str, limit: int) -> str:
        """Return as much of a cell's text as the cell and the page have room for."""
        kept = text[: max(0, min(limit, self._left[kind]))]
        self._left[kind] -= len(kept)
        return kept

    def _say(self, said: Message) -> str:
        return f"**{render(said, self._language)}**"


_CUT_TEXT = message("This text is too long to be shown; this is its beginning.")
_CUT_CODE = message("This code, or a line of it, is too long to be shown; this is its beginning.")


def clean_html(text: str) -> str:
    """Return HTML with what shows something, without anything that does something or asks another machine."""
    return _cleaner().clean(text)


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Render Markdown as nbconvert's filter of that name, cleaned, since it may hold any HTML.

    Formulas become MathML.
    """
    cell = context.get("cell") or {}
    attached = cell.get("attachments", {})
    renderer = FormulaRenderer(
        escape=False,
        attachments=attached if isinstance(attached, dict) else {},
        anchor_link_text="",
        exclude_anchor_links=True,
    )
    # Pictures are long, and mean nothing to the Markdown parser.
    lifted = _Pictures()
    try:
        made = MarkdownWithMath(renderer=renderer).render(lifted.lifted(source))
    except Exception:
        # Whatever in a text makes the library fail, the rest of the page is shown.
        return f"<pre>{escape(source)}</pre>"
    html = lifted.put_back(renderer.with_formulas(clean_html(made)))
    # The grader's own notes: no other cell has that id (`autograded`).
    return f'<div class="bs-notes">{html}</div>' if cell.get("id") == NOTES_ID else html


def unchanged(text: str) -> str:
    """Return `text`, in place of nbconvert's `strip_files_prefix`, which takes minutes for a row of brackets.

    What that one strips was in the notebooks of ten years ago.
    """
    return text


class _Pictures:
    """The pictures embedded in a text, taken out of it and put back."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self._found: list[str] = []

    def lifted(self, text: str) -> str:
        return _PICTURE.sub(self._lift, text)

    def put_back(self, text: str) -> str:
        place = re.compile(rf"{self._name}x([0-9]+)x")
        return place.sub(lambda found: self._found[int(found[1])], text)

    def _lift(self, found: re.Match[str]) -> str:
        self._found.append(found["data"])
        return f"{found['type']}{self._name}x{len(self._found) - 1}x"


@cache
def _cleaner() -> nh3.Cleaner:
    tags = (nh3.ALLOWED_TAGS - {"map", "area"}) | {"details", "summary", "section"}
    attributes = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    for tag in tags:
        attributes.setdefault(tag, set()).update({"title", "lang"})
    attributes["a"] = {"href", "title"}
    attributes["img"] = {"src", "alt", "title", "width", "height"}
    # The pages' and Formgrader's style sheets go by classes, so only a place of ours keeps its class.
    attributes.setdefault("span", set()).add("class")
    attributes["details"] |= {"open"}
    return nh3.Cleaner(
        tags=tags,
        attributes=attributes,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value if it may stay: a picture must be in the page, and a link hold no page."""
    if name == "class":
        return value if PLACE.fullmatch(value) else None
    if name == "src":
        return value if value.startswith(_PICTURE_TYPES) else None
    if name in ("href", "cite") and value.lower().strip().startswith("data:"):
        return None
    return value
