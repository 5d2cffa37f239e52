"""`grades.csv`: one row a submission, for spreadsheets and scripts alike."""

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

# Excel takes UTF-8 for the system's code page, and Korean names for mojibake, without it.
BYTE_ORDER_MARK = "\ufeff"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Where the system's separator is a semicolon or a tab, a spreadsheet begins a new field there.
_FORMULA_WITHIN = re.compile(r"(?<=[;\t\r\n])(?=[ \"]*[=+\-@＝＋－＠])")

# A name or a number as platforms give them: no bracket, no bar, no exclamation mark, so nothing that is run.
_IDENTITY = re.compile(r"[+\-@]?[\w.]+(?:[@\-][\w.]+)*")


def write_grades(summaries: Iterable[Summary], path: Path, class_list: ClassList = NOBODY_NAMED) -> None:
    """Write the rows to `path`, in the order of `class_list`: UTF-8 with a byte order mark, RFC 4180.

    Raises:
        OSError: the disk is full, the folder is not writable, …; the old file is then still there.
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
                    # Nobody has been given 0 where the grader itself has failed.
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
    """`text` such that no spreadsheet takes it or a part of it for a formula: apostrophes go before."""
    shown = text if text.isprintable() else "".join(character for character in text if _shown(character))
    safe = f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA) else shown
    return _FORMULA_WITHIN.sub("'", safe)


def identity_safe(text: str) -> str:
    """What a platform knows somebody by, as it is; an apostrophe goes only before what might do something.

    `@kim` with an apostrophe is nobody on the platform, and in a spreadsheet it is no more than a wrong name.
    """
    return text if _IDENTITY.fullmatch(text) else spreadsheet_safe(text)


def _shown(character: str) -> bool:
    return character.isprintable() or character in "\t\r\n" or unicodedata.category(character) == "Zs"


def plain_number(value: float) -> str:
    """A number for machines: no thousands commas, no needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
