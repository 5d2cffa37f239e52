"""solutions/README.md tells an instructor what `course.yml` says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.assignments.notebooks import COURSE

PAGE = Path(__file__).parents[2] / "solutions" / "README.md"
_TABLE = re.compile(r"^\|.*\|\n(?:\|.*\|\n)+", re.M)


def table() -> str:
    """The course as the page's table."""
    rows = ["| | id | title | minutes | presupposes |", "|---:|---|---|---:|---|"]
    for number, assignment in enumerate(COURSE.assignments, start=1):
        presupposed = ", ".join(f"`{name}`" for name in assignment.presupposes) or "nothing"
        titles = f"{assignment.title.in_language('en')} · {assignment.title.in_language('ko')}"
        rows.append(f"| {number} | `{assignment.id}` | {titles} | {assignment.minutes} | {presupposed} |")
    return "\n".join(rows) + "\n"


def test_the_table_is_in_step_with_the_course() -> None:
    """`WRITE_GOLDENS=1` writes it anew, and fails, so that it is looked at before it is committed."""
    page = PAGE.read_text(encoding="utf-8")
    (found,) = _TABLE.findall(page)
    if os.environ.get("WRITE_GOLDENS") and not os.environ.get("CI"):
        PAGE.write_text(page.replace(found, table()), encoding="utf-8")
        pytest.fail(f"{PAGE.name} was written; look at it and run again")

    assert found == table()


def test_the_page_adds_the_minutes_up() -> None:
    minutes = sum(assignment.minutes for assignment in COURSE.assignments)
    (said,) = re.findall(r"(\d+) minutes", PAGE.read_text(encoding="utf-8"))

    assert int(said) == minutes
