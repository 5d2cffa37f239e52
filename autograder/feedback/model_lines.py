"""Renders a task's models as text: what the learner has made, line by line, beside what is wanted."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.feedback import words
from autograder.feedback.report import TaskReport
from autograder.messages import Language, Message, message, render

_LOG = logging.getLogger(__name__)
_SIDE_BY_SIDE = 116
_GAP = 4


def model_lines(task: TaskReport, language: Language, *, always: bool = False) -> Iterator[RenderableType]:
    """Yield the learner's model and what is wanted, as far as they exist and are of use.

    They are of use where points are missing and something is marked or wanted; `always`, in any case.
    """
    marked = task.drawing is not None and bool(task.drawing.differences)
    if not always and (task.score >= task.points or not (marked or task.target is not None)):
        return
    parts: list[RenderableType] = []
    first: Sequence[str] = ()
    if task.drawing is not None:
        title = (
            message("Your model, one line per call")
            if task.attempted
            else message("The model the starter code builds, one line per call")
        )
        shown, first = _model(title, task.drawing.graph, task.drawing.differences, language)
        parts += shown
    if task.target is not None:
        title = (
            message("Target model, in outline") if task.target.shows == "outline" else message("Target model")
        )
        shown, second = _model(title, task.target.graph, (), language)
        # The same model twice would only make the reader look for a difference.
        same = first and first == second
        parts += [Text(render(words.same_target(task), language), "bold")] if same else shown
    if parts:
        yield _Beside(parts)


def models_text(task: TaskReport, language: Language, width: int = 76, *, always: bool = False) -> str:
    """Return the task's models as plain text, `width` columns wide; empty where there is nothing to tell.

    `always` tells of them where there is nothing to compare, too.
    """
    told = model_lines(task, language, always=always)
    return "\n".join(plain_text(one, width).rstrip("\n") for one in told)


class _Beside:
    """Renderables side by side where there is room, else one below the other."""

    def __init__(self, parts: Sequence[RenderableType]) -> None:
        self.parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if len(self.parts) > 1 and options.max_width >= _SIDE_BY_SIDE:
            grid = Table.grid(padding=(0, _GAP, 0, 0))
            for _ in self.parts:
                grid.add_column(ratio=1)
            grid.add_row(*self.parts)
            yield grid
        else:
            for number, part in enumerate(self.parts):
                yield part if number == 0 else Padding(part, (1, 0, 0, 0))


def _model(
    title: Message, plain: Mapping[str, Any], differences: Sequence[Mapping[str, Any]], language: Language
) -> tuple[list[RenderableType], Sequence[str]]:
    """Return a model for a terminal, and its lines alone."""
    # Graphs need Keras, and grading alone should not wait for it.
    from autograder.graph import difference_from_plain, from_plain, lines, told

    try:
        graph = from_plain(plain)
        marked = [difference_from_plain(difference) for difference in differences]
        shown = lines(graph, marked, language)
        sentences = told(marked, language)
    except Exception:
        # A model that cannot be drawn loses its drawing; the card stays.
        _LOG.exception("a model could not be told in lines")
        return [], ()
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, style="red")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style="dim")
    table.add_column(no_wrap=True, style="dim")
    for line in shown:
        marks = "".join(f"[{number}]" for number in line.marks)
        reads = f"← {line.reads}" if line.reads else ""
        table.add_row(Text(marks), Text(line.box, "red" if marks else ""), Text(reads), Text(line.shape))
    below = Table.grid(padding=(0, 1, 0, 0))
    below.add_column(no_wrap=True, style="red")
    below.add_column(overflow="fold")
    for number, sentence in enumerate(sentences, start=1):
        below.add_row(f"[{number}]", with_code(sentence))
    parts: list[RenderableType] = [Text(render(title, language), "bold"), table]
    bare = [str(line) for line in shown] if not sentences else ()
    return [Group(*parts, below) if sentences else Group(*parts)], bare


def with_code(text: str, style: str = "") -> Text:
    """Return `text` as rich text, with what is in backticks in the colour of code."""
    shown = Text(text, style=style)
    shown.highlight_regex(r"`[^`]+`", "cyan")
    return shown


def plain_text(card: RenderableType, width: int) -> str:
    """Return `card` without colours, with no line wider than `width` columns or with spaces at its end."""
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system=None,
        force_terminal=False,
        # In a notebook rich would show what it prints: an empty output before the card's own.
        force_jupyter=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(card)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
