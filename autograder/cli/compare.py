"""`autograder compare OLD NEW`: show the scores that differ between two gradings of a class."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from autograder.class_report import reports_below
from autograder.cli.common import ALL_WELL, NOT_YET, JsonOption, LangOption, explained, print_json
from autograder.feedback import (
    ReportError,
    ScoreChange,
    changes_table,
    note_changes,
    read_report,
    score_changes,
)
from autograder.grading import GradingError
from autograder.messages import Language, Message, clean, message, render

Key = tuple[str, str]
"""A submission's student and assignment, which are the names of its report's folder and file."""


@dataclass
class Comparison:
    """The differences between two output folders; `left_out` says which reports could not be read, and why.

    `gone` and `new` are submissions that only the old or the new folder has.
    """

    compared: int = 0
    changes: list[ScoreChange] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)
    new: list[Key] = field(default_factory=list)
    left_out: list[Message] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code: 0 where nothing differs."""
        return NOT_YET if self.changes or self.gone or self.new or self.left_out else ALL_WELL


def compare(
    old: Annotated[
        Path,
        typer.Argument(metavar="OLD", help="An output folder of `autograder grade`.", show_default=False),
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help="Another one, of the same class.", show_default=False)
    ],
    table: Annotated[
        Path | None,
        typer.Option("--csv", help="Write the changes into this file, too, as a table.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run `autograder compare`."""
    with explained(lang) as language:
        _check(old, new, table)
        found = compared(old, new)
        if table is not None:
            table.unlink(missing_ok=True)
            note_changes(found.changes, table, language, datetime.now().astimezone())
    if as_json:
        print_json(_document(found, old, new))
    else:
        _print(found, language)
    for said in found.left_out:
        print(f"autograder: {render(message('Left out: {what}', what=said), language)}", file=sys.stderr)
    raise typer.Exit(found.code)


def _check(old: Path, new: Path, table: Path | None) -> None:
    """Refuse arguments that cannot be meant.

    Raises:
        GradingError: both folders are one, or the table would be written into one of them.
    """
    places = [folder.resolve() for folder in (old, new)]
    if places[0] == places[1]:
        raise GradingError(
            message(
                "{old} and {new} are the same folder: grade into another one (`--output`) and compare that.",
                old=str(old),
                new=str(new),
            )
        )
    if table is not None and any(table.resolve().is_relative_to(place) for place in places):
        # `grade` keeps its reports and its table of changes there, which the new table would replace.
        raise GradingError(
            message(
                "{file} lies in a folder that is compared, where nothing is to be changed: name a file "
                "elsewhere.",
                file=str(table),
            )
        )


def compared(old: Path, new: Path) -> Comparison:
    """Compare the reports of two output folders, one pair in memory at a time.

    Raises:
        NoReports: a folder has no reports.
    """
    before, after = _reports(old), _reports(new)
    found = Comparison(gone=sorted(before.keys() - after.keys()), new=sorted(after.keys() - before.keys()))
    for key in sorted(before.keys() & after.keys()):
        try:
            changes = score_changes(read_report(before[key]), read_report(after[key]))
        except ReportError as error:
            found.left_out.extend(error.messages)
            continue
        found.compared += 1
        found.changes.extend(changes)
    return found


def _reports(folder: Path) -> Mapping[Key, Path]:
    return {(path.parent.name, path.stem): path for path in reports_below(folder)}


def _print(found: Comparison, language: Language) -> None:
    console = Console(highlight=False)
    if found.changes:
        console.print(changes_table(found.changes, language))
    lines = []
    if found.gone:
        lines.append(message("Only in the old folder: {submissions}", submissions=_named(found.gone)))
    if found.new:
        lines.append(message("Only in the new folder: {submissions}", submissions=_named(found.new)))
    more, fewer = _gaining(found)
    lines.append(
        message(
            "Submissions compared: {count}; with more points: {more}, with fewer: {fewer}",
            count=found.compared,
            more=more,
            fewer=fewer,
        )
    )
    for line in lines:
        console.print(render(line, language), soft_wrap=True, markup=False)


def _named(keys: Sequence[Key]) -> str:
    return ", ".join(f"{clean(student)} ({clean(assignment)})" for student, assignment in keys)


def _gaining(found: Comparison) -> tuple[int, int]:
    """Return how many submissions have more points than before, and how many fewer."""
    gained: dict[Key, float] = {}
    for change in found.changes:
        gained[change.order] = gained.get(change.order, 0.0) + change.gained
    return sum(points > 0 for points in gained.values()), sum(points < 0 for points in gained.values())


def _document(found: Comparison, old: Path, new: Path) -> dict[str, Any]:
    """Return the documented, versioned document of `compare --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "compare",
        "old": str(old),
        "new": str(new),
        "compared": found.compared,
        "score_changes": [change.document() for change in found.changes],
        "gone": [{"student": student, "assignment": assignment} for student, assignment in found.gone],
        "new_submissions": [
            {"student": student, "assignment": assignment} for student, assignment in found.new
        ],
        "left_out": [said.model_dump(mode="json") for said in found.left_out],
    }
