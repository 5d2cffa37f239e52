"""Draws the screen: the course's bar at the top, the card, and messages and keys at the bottom."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from autograder.course import Course
from autograder.feedback import report_card
from autograder.feedback.model_lines import with_code
from autograder.feedback.terminal import bar
from autograder.messages import Language, Message, message, render
from autograder.watching.session import Activity, Session

Listing = Callable[[Course, Language], RenderableType]

_BAR = 24
_ROOMY = 72
_NARROWEST = 20
_TONES = {"good": "green", "plain": "", "bad": "yellow"}
_ACTIVITIES: dict[Activity, Message] = {
    "starting": message("Importing Keras …"),
    "preparing": message("Running the reference solution, once for each assignment …"),
    "checking": message("Checking …"),
    "watching": message("Waiting for the next save."),
}


class Screen:
    """A screen that draws a session as text of a terminal's size; `listing` makes the list of assignments."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._top = 0
        self._body: list[str] = []
        self._room = 0

    def draw(self, session: Session, columns: int, lines: int) -> str:
        """Return the text that shows the session as it is now."""
        console = _console(max(columns, _NARROWEST), lines)
        above = _lines(console, _header(session, _BAR if columns >= _ROOMY else _BAR // 3))
        body = _lines(console, self._middle(session))
        below = _lines(console, _footer(session))
        if body != self._body:
            self._body, self._top = body, 0
        self._room = max(1, lines - len(above) - len(below) - 1)
        self.scroll(0)
        shown = body[self._top : self._top + self._room]
        rule = _lines(console, Rule(self._place(session.language), align="right", style="dim"))
        filled = [*above, *shown, *[""] * (self._room - len(shown)), *rule, *below]
        # A terminal of few lines shows the top first.
        text = "\r\n".join(f"\x1b[K{line}" for line in filled[:lines])
        return f"\x1b[?7l\x1b[H{text}\x1b[?7h"

    def scroll(self, lines: int) -> None:
        """Scroll by lines through what does not fit."""
        self._top = max(0, min(self._top + lines, len(self._body) - self._room))

    def page(self, pages: int) -> None:
        """Scroll by whole screens, less one line that stays visible."""
        self.scroll(pages * max(1, self._room - 1))

    def to_end(self, pages: int) -> None:
        """Scroll to the beginning (-1) or the end (1)."""
        self.scroll(pages * len(self._body))

    def _place(self, language: Language) -> str | Text:
        if len(self._body) <= self._room:
            return ""
        place = message(
            "↑↓ lines {first} to {last} of {count}",
            first=self._top + 1,
            last=min(self._top + self._room, len(self._body)),
            count=len(self._body),
        )
        return Text(render(place, language), style="bold")

    def _middle(self, session: Session) -> RenderableType:
        language = session.language
        if session.view == "list":
            return self._listing(session.course, language)
        if session.view == "solution":
            return _solution(session)
        if session.refused:
            return Group(*(with_code(render(said, language), "yellow") for said in session.refused))
        if session.report is not None:
            return report_card(session.report, language)
        return _beginning(session)


def _header(session: Session, cells: int) -> RenderableType:
    language = session.language
    whole = session.progress
    said = message(
        "{done} of {count} assignments, {score} of {points} points",
        done=whole.done,
        count=whole.count,
        score=round(whole.score, 2),
        points=whole.points,
    )
    line = Text.assemble(bar(whole.score, whole.points, cells), "  ", render(said, language))
    return Group(line, Text(_shown_path(session), style="dim"), "")


def _shown_path(session: Session) -> str:
    path = os.path.relpath(session.path)
    return str(session.path) if path.startswith(os.pardir + os.sep + os.pardir) else path


def _beginning(session: Session) -> RenderableType:
    language = session.language
    assignment = session.assignment
    about = message(
        "about {minutes} minutes, {points} points", minutes=assignment.minutes, points=assignment.points
    )
    lines: list[RenderableType] = [
        Text(assignment.title.in_language(language), style="bold"),
        Text(render(about, language), style="dim"),
        "",
    ]
    lines += [Text(f"  {task.title.in_language(language)}") for task in assignment.tasks]
    return Group(*lines)


def _solution(session: Session) -> RenderableType:
    title = Text(render(message("The reference solution"), session.language), style="bold")
    return Group(title, *(Padding(Text(source), (1, 0, 0, 4)) for source in session.solution))


def _footer(session: Session) -> RenderableType:
    language = session.language
    lines: list[RenderableType] = []
    if session.hint is not None:
        lines += [with_code(render(session.hint, language), ""), ""]
    if session.away is not None:
        lines += [with_code(render(session.away, language), "yellow")]
    elif session.note is not None:
        lines += [with_code(render(session.note.said, language), _TONES[session.note.tone])]
    return Group(*lines, Text(_status(session), style="dim"), _keys(session))


def _status(session: Session) -> str:
    said = _ACTIVITIES[session.activity]
    if session.activity == "watching" and session.seconds is not None:
        said = message("Checked in {seconds} s. Waiting for the next save.", seconds=f"{session.seconds:.2f}")
    return render(said, session.language)


def _keys(session: Session) -> Text:
    named = [
        ("h", message("hint")),
        ("l", message("list")),
        ("n", message("next assignment")),
        ("s", message("solution")),
        ("r", message("run again")),
        ("o", message("open")),
        ("q", message("quit")),
    ]
    shown = Text(overflow="fold")
    for key, name in named:
        if key == "s" and not session.solution:
            continue
        # A line break must not separate a key from its word.
        word = render(name, session.language).replace(" ", "\u00a0")
        shown.append("  " if shown else "").append(key, "bold cyan").append(f"\u00a0{word}")
    return shown


def _console(columns: int, lines: int) -> Console:
    # It writes into memory, but formats as for a terminal.
    return Console(
        file=io.StringIO(),
        width=columns,
        height=lines,
        force_terminal=True,
        force_jupyter=False,
        highlight=False,
    )


def _lines(console: Console, shown: RenderableType) -> list[str]:
    with console.capture() as captured:
        console.print(shown)
    return list(_without_trailing(captured.get()))


def _without_trailing(text: str) -> Iterator[str]:
    for line in text.removesuffix("\n").split("\n"):
        yield line.rstrip(" ")
