"""Tells GitHub what came of a notebook: annotations, the job's summary, and GitHub Classroom's result."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.feedback import Drawing, TaskReport, card_text, words
from autograder.messages import Language, Message, clean, message, render, wished_language
from autograder.study.actions.finding import Cell, Found
from autograder.study.actions.rows import Row
from autograder.study.actions.running import Ran

_LOG = logging.getLogger(__name__)
_SUMMARY_BYTES = 900_000
"""GitHub takes a summary of at most 1024 KiB, and nothing of a longer one."""


class Step:
    """A step of a workflow: what it writes for GitHub replaces what it has written before.

    Args:
        wanted: what the notebook should be called.
        folder: its folder, as GitHub sees it.
    """

    def __init__(self, wanted: str, folder: Path) -> None:
        self._wanted = wanted
        self._folder = folder
        self._output = _Part("GITHUB_OUTPUT")
        self._summary = _Part("GITHUB_STEP_SUMMARY")

    def write(self, rows: Sequence[Row], found: Found, ran: Ran, language: Language) -> None:
        """Write the result for GitHub Classroom, and the job's summary."""
        self._output.write(f"result={_result(rows)}\n")
        self._summary.write(_summary(self._wanted, rows, found, ran, language))

    def annotate(self, rows: Sequence[Row], found: Found, ran: Ran) -> None:
        """Print an annotation for each task that has not passed, at its answer, and for each other error."""
        file = (self._folder / found.path).as_posix()
        if found.refused is not None:
            # It holds for all tasks alike.
            why = next((row.why for row in rows if row.why is not None), None)
            _annotate(file, 1, self._wanted, why or self._wanted)
            return
        for row in rows:
            if row.why is not None:
                _annotate(file, _line_of(row.task, found.cells), row.title, row.why)
        for cell, error in ran.errors:
            # A cell that only checks is left out: it has been said already that its task was not checked.
            if cell.task is None:
                _annotate(file, cell.line, found.path.name, error)


def tell_failure(said: Sequence[Message]) -> None:
    """Print why there is no result, as an error of the step."""
    print("::error::" + _data(" ".join(render(one, wished_language()) for one in said)), flush=True)


class _Part:
    """What this step adds to the file of GitHub's that a variable names, where there is one."""

    def __init__(self, variable: str) -> None:
        self._place = os.environ.get(variable)
        self._begins = os.path.getsize(self._place) if self._place and os.path.exists(self._place) else 0

    def write(self, text: str) -> None:
        """Write it in place of what this step has written there before."""
        if self._place:
            with open(self._place, "ab") as file:
                file.truncate(self._begins)
                file.write(text.encode("utf-8", "replace"))


def _line_of(name: str, cells: Sequence[Cell]) -> int:
    """Return the line of the answer to a task: the nearest answer's cell before its check."""
    place = next((number for number, cell in enumerate(cells) if cell.task == name), None)
    if place is None:
        return 1
    answers = (cell.line for cell in reversed(cells[:place]) if cell.answers and cell.runs)
    return next(answers, cells[place].line)


def _annotate(file: str, line: int, title: str, said: str) -> None:
    """Print a workflow command that shows an error at a line of a file."""
    place = f"file={_property(file)},line={line},title={_property(title)}"
    print(f"::error {place}::{_data(said)}", flush=True)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _result(rows: Sequence[Row]) -> str:
    """Return what GitHub Classroom's reporter reads: base64 of JSON, a test for each task with its points.

    What is undecided is left out: a test has a score, and 0 would count.
    """
    checked = [row for row in rows if row.undecided is None]
    document = {
        "version": 1,
        "status": "pass" if all(row.why is None for row in checked) else "fail",
        "max_score": round(sum(row.points for row in checked), 4),
        "tests": [
            {
                "name": row.title,
                "status": "pass" if row.why is None else "fail",
                "score": round(row.score, 4),
                "message": row.why,
                "line_no": 0,
                "test_code": "",
            }
            for row in checked
        ],
    }
    return base64.b64encode(json.dumps(document).encode()).decode()


def _summary(wanted: str, rows: Sequence[Row], found: Found, ran: Ran, language: Language) -> str:
    """Return the job's summary in Markdown: points in a table, then each card as text, with its pictures."""
    parts = [_table(wanted, rows, language)]
    if found.refused is not None:
        parts.append(f"\n{_plain(render(found.refused, language))}\n")
    parts += [f"\n{_plain(render(note, language))}\n" for note in found.notes]
    for row in rows:
        if row.card is not None:
            parts.append(_fenced(card_text(row.card.report, language, remarks=row.card.remarks)))
            parts += _pictures(row.card.report, language)
        elif found.refused is None and row.why is not None:
            parts.append(_fenced(f"{row.title}\n{row.why}"))
    parts += [_fenced(error) for _, error in ran.errors]
    left, kept = _SUMMARY_BYTES, []
    for part in parts:
        left -= len(part.encode("utf-8", "replace"))
        if left < 0:
            kept.append(f"\n{_plain(render(message('The rest is too long to be shown.'), language))}\n")
            break
        kept.append(part)
    return "".join(kept)


def _table(wanted: str, rows: Sequence[Row], language: Language) -> str:
    head = [render(one, language) for one in (message("Task"), message("Public checks"))]
    lines = [f"## {_plain(wanted)}", "", f"| {head[0]} | {head[1]} |", "|---|---|"]
    for row in rows:
        shown = f"{row.score:g} / {row.points:g}"
        if row.undecided is not None:
            shown = _plain(render(row.undecided, language))
        lines.append(f"| {_plain(row.title)} | {shown} |")
    return "\n".join([*lines, ""])


def _pictures(task: TaskReport, language: Language) -> Iterator[str]:
    """Yield the learner's model and what is wanted as charts that GitHub draws, each with its caption.

    GitHub shows neither SVG nor pictures that a summary itself holds.
    """
    own = words.own_model(task)
    if (drawn := _drawn(task.drawing, language)) is not None:
        yield f"\n{render(own, language)}\n{drawn}"
    wanted = Drawing(graph=task.target.graph) if task.target is not None else None
    if task.target is not None and (drawn := _drawn(wanted, language)) is not None:
        yield f"\n{render(words.target_model(task.target), language)}\n{drawn}"


def _drawn(drawing: Drawing | None, language: Language) -> str | None:
    if drawing is None:
        return None
    # Graphs need Keras, which a notebook that was not run has not imported.
    from autograder.graph import difference_from_plain, from_plain, mermaid

    try:
        differences = [difference_from_plain(one) for one in drawing.differences]
        text = mermaid(from_plain(drawing.graph), differences, language)
    except Exception:
        # A picture that cannot be drawn is left out; the card tells of the model in lines.
        _LOG.exception("a picture could not be drawn")
        return None
    return f"\n```mermaid\n{text}\n```\n" if text else None


def _fenced(text: str) -> str:
    """Return a text as it is, in a fence that nothing in it can end."""
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"\n{fence}text\n{text.rstrip()}\n{fence}\n"


def _plain(text: str) -> str:
    return re.sub(r"([\\|<>`*_\[\]#])", r"\\\1", clean(text))
