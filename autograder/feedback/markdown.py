"""Renders an author's Markdown as HTML: headings below those around it, no HTML of its own, no links."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def html(text: str, level: int) -> Markup:
    """Return `text` as HTML; a heading of the second level, the first in a text cell, becomes `h<level>`."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(level, min(6, level - 2 + int(token.tag[1:])))}"
    return Markup(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    # Grading alone needs no Markdown, so it does not wait for this import.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink"])
