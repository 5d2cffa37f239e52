"""`autograder hint TASK`: show the next hint, one step at a time."""

from __future__ import annotations

import json
import sys
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
from autograder.messages import message, render
from autograder.study import next_hint
from autograder.study.memory import is_kept, memory_file


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
        found = learners_course(course)
        shown = next_hint(found, task)
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
    if not is_kept(found):
        said = message(
            "Which hints you have seen cannot be kept, so this command shows the same hint again: nothing "
            "can be written to {folder}. Set the environment variable XDG_DATA_HOME to a folder where that "
            "is possible, or run `hint({task})` in a notebook, where it goes on to the next.",
            folder=str(memory_file(found).parent),
            task=json.dumps(shown.task.id),
        )
        print(render(said, language), file=sys.stderr)
