"""Writes `grades.csv`: one row per submission, for spreadsheets and scripts alike."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from autograder.feedback.class_list import NOBODY_NAMED, ClassList
from autograder.feedback.files import written_whole
from autograder.feedback.summary import Summary

COLUMNS = (
    "student",
    "name",
    "assignment",
    "outcome",
    "score",
    "max_score",
    "passed",
    "failed",
    "skipped",
    "broken",
    "pending",
)

# Without it, Excel takes UTF-8 for the system's code page, and garbles Korean names.
BYTE_ORDER_MARK = "\ufeff"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Where the system's separator is a semicolon or a tab, a spreadsheet begins a new field after one.
_FORMULA_WITHIN = re.compile(r"(?<=[;\t\r\n])(?=[ \"]*[=+\-@＝＋－＠])")

# A name or a number as platforms give them: no bracket, bar or exclamation mark, so nothing can be run.
_IDENTITY = re.compile(r"[+\-@]?[\w.]+(?:[@\-][\w.]+)*")


def write_grades(summaries: Iterable[Summary], path: Path, class_list: ClassList = NOBODY_NAMED) -> None:
    """Write the rows to `path`, in the order of `class_list`: UTF-8 with a byte order mark, RFC 4180.

    Raises:
        OSError: the disk is full, the folder is not writable, …; the old file is still there then.
    """
    with written_whole(path, newline="") as file:
        file.write(BYTE_ORDER_MARK)
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for summary in sorted(summaries, key=lambda summary: class_list.order(summary.order)):
            rows.writerow(
                [
                    spreadsheet_safe(summary.student),
                    spreadsheet_safe(class_list.shown_name(summary.student)),
                    spreadsheet_safe(summary.assignment),
                    summary.outcome,
                    # Where the grader itself failed, nobody is given 0.
                    plain_number(summary.score) if summary.outcome != "broken" else "",
                    plain_number(summary.max_score),
                    *(
                        summary.verdicts.get(verdict, 0)
                        for verdict in ("passed", "failed", "skipped", "broken")
                    ),
                    plain_number(summary.pending),
                ]
            )


def spreadsheet_safe(text: str) -> str:
    """Return `text` with apostrophes added where a spreadsheet would take it, or a part, for a formula."""
    shown = text if text.isprintable() else "".join(character for character in text if _shown(character))
    safe = f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA) else shown
    return _FORMULA_WITHIN.sub("'", safe)


def identity_safe(text: str) -> str:
    """Return an identity on a platform as it is, with an apostrophe only where it might do something.

    `@kim` with an apostrophe is nobody on the platform, and in a spreadsheet it is only a wrong name.
    """
    return text if _IDENTITY.fullmatch(text) else spreadsheet_safe(text)


def _shown(character: str) -> bool:
    return character.isprintable() or character in "\t\r\n" or unicodedata.category(character) == "Zs"


def plain_number(value: float) -> str:
    """Return a number for machines: no thousands commas, no needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
