"""`autograder list`: list the assignments, and the learner's progress in each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from rich.table import Table

from autograder.cli.common import (
    CourseOption,
    JsonOption,
    LangOption,
    explained,
    learners_course,
    print_json,
    table_console,
)
from autograder.course import Assignment, Course, Task
from autograder.feedback.words import fraction
from autograder.messages import Language, message, render
from autograder.study import Memory, best_score, hints_shown, remembered
from autograder.study.memory import is_damaged, is_done, memory_file, points_here

NARROWEST = 80
"""The table's least width: a narrower one would cut off the ids that `autograder hint` takes."""


def listing(as_json: JsonOption = False, lang: LangOption = None, course: CourseOption = None) -> None:
    """Run `autograder list`."""
    with explained(lang) as language:
        found = learners_course(course)
    memory = remembered(found)
    if as_json:
        print_json(_document(found, memory))
    else:
        table_console(NARROWEST).print(assignments_table(found.assignments, memory, language, tasks=True))
    if is_damaged(found):
        said = message(
            "{file}, where your progress is kept, is damaged or may not be read. What can be read of it "
            "counts; what is damaged is put aside beside it when progress is written next.",
            file=str(memory_file(found)),
        )
        print(render(said, language), file=sys.stderr)
    raise typer.Exit()


def _document(course: Course, memory: Memory) -> dict[str, Any]:
    """Return the documented, versioned document of `list --json` (docs/json.md)."""
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
                "presupposes": list(assignment.presupposes),
                "tasks": [
                    {
                        "id": task.id,
                        "title": task.title.model_dump(),
                        "points": task.points,
                        "score": memory.best.get(task.id),
                        "hints": memory.hints.get(task.id, 0),
                    }
                    for task in assignment.tasks
                ],
            }
            for assignment in course.assignments
        ],
    }


def assignments_table(
    assignments: Sequence[Assignment], memory: Memory, language: Language, *, tasks: bool = False
) -> Table:
    """Return a table of the assignments with best scores and hints shown, in which finished ones are dim.

    With `tasks`, each task has a row below its assignment, which names those that come before it.
    """
    table = Table(box=None, pad_edge=False)
    heads = (
        message("Assignment"),
        message("Title"),
        message("Minutes"),
        message("Best score"),
        message("Hints"),
    )
    for number, head in enumerate(heads):
        # Ids are not wrapped, because they are typed.
        table.add_column(
            render(head, language), justify="right" if number > 1 else "left", no_wrap=number != 1
        )
    for assignment in assignments:
        score = best_score(assignment, memory)
        title = assignment.title.in_language(language)
        if tasks and assignment.presupposes:
            after = message("after {assignments}", assignments=", ".join(assignment.presupposes))
            title += f"\n({render(after, language)})"
        table.add_row(
            assignment.id,
            title,
            str(assignment.minutes),
            "–" if score is None else fraction(score, points_here(assignment)),
            str(hints_shown(assignment, memory) or ""),
            style="dim" if score is not None and is_done(assignment, memory) else None,
        )
        for task in assignment.tasks if tasks else ():
            table.add_row(*_task_row(task, memory, language), style="dim")
    return table


def _task_row(task: Task, memory: Memory, language: Language) -> tuple[str, str, str, str, str]:
    """Return a task's row: the id that `hint` takes, its title, the best score and the hints shown."""
    best, hints = memory.best.get(task.id), memory.hints.get(task.id, 0)
    score = "–" if best is None else fraction(best, task.points)
    if task.by_hand:
        score = render(message("by hand"), language)
    return f"  {task.id}", f"  {task.title.in_language(language)}", "", score, str(hints or "")
