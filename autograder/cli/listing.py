"""`autograder list`: the assignments, and how far one is in each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from autograder.cli.common import (
    CourseOption,
    JsonOption,
    LangOption,
    explained,
    learners_course,
    print_json,
)
from autograder.course import Assignment, Course
from autograder.feedback.words import fraction
from autograder.messages import Language, message, render
from autograder.study import Memory, best_score, hints_shown, remembered
from autograder.study.memory import is_damaged, memory_file


def listing(as_json: JsonOption = False, lang: LangOption = None, course: CourseOption = None) -> None:
    """Run `autograder list`."""
    with explained(lang) as language:
        found = learners_course(course)
    memory = remembered(found)
    if as_json:
        print_json(_document(found, memory))
    else:
        Console(highlight=False).print(assignments_table(found.assignments, memory, language))
    if is_damaged(found):
        said = message(
            "{file}, where your progress is kept, is damaged or may not be read. What can be read of it "
            "counts; what is damaged is put aside beside it when progress is written next.",
            file=str(memory_file(found)),
        )
        print(render(said, language), file=sys.stderr)
    raise typer.Exit()


def _document(course: Course, memory: Memory) -> dict[str, Any]:
    """The documented, versioned document of `list --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "list",
        "assignments": [
            {
                "id": assignment.id,
                "title": assignment.title.model_dump(),
                "minutes": assignment.minutes,
                "points": assignment.points,
                "score": best_score(assignment, memory),
                "hints": hints_shown(assignment, memory),
            }
            for assignment in course.assignments
        ],
    }


def assignments_table(assignments: Sequence[Assignment], memory: Memory, language: Language) -> Table:
    """The assignments with their best scores and the hints shown; what is done is dim."""
    table = Table(box=None, pad_edge=False)
    heads = (
        message("Assignment"),
        message("Title"),
        message("Minutes"),
        message("Best score"),
        message("Hints"),
    )
    for number, head in enumerate(heads):
        table.add_column(render(head, language), justify="right" if number > 1 else "left")
    for assignment in assignments:
        score = best_score(assignment, memory)
        table.add_row(
            assignment.id,
            assignment.title.in_language(language),
            str(assignment.minutes),
            "–" if score is None else fraction(score, assignment.points),
            str(hints_shown(assignment, memory) or ""),
            style="dim" if score is not None and score >= assignment.points else None,
        )
    return table
