"""`autograder hint TASK`: the next hint, one step at a time."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.cli.common import (
    CourseOption,
    JsonOption,
    LangOption,
    explained,
    learners_course,
    print_json,
)
from autograder.messages import render
from autograder.study import next_hint


def hint(
    task: Annotated[
        str,
        typer.Argument(metavar="TASK", help="A task's id, as its `check(...)` names it.", show_default=False),
    ],
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder hint`."""
    with explained(lang) as language:
        shown = next_hint(learners_course(course), task)
    if as_json:
        document = {
            "schema_version": 1,
            "command": "hint",
            "task": shown.task.id,
            "number": shown.number,
            "count": shown.count,
            "hint": shown.task.hints[shown.number - 1].model_dump() if shown.count else None,
        }
        print_json(document)
    else:
        print(render(shown.said(language), language))
