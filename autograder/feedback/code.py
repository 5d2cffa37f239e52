"""Text for a terminal in which code is told from words."""

from __future__ import annotations

from rich.text import Text


def with_code(text: str, style: str = "") -> Text:
    """`text` as rich text, what stands in backticks in the colour of code."""
    shown = Text(text, style=style)
    shown.highlight_regex(r"`[^`]+`", "cyan")
    return shown
