"""`autograder reset ASSIGNMENT`: put a notebook back as it was given out, and keep a copy of the old one."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.cli.common import (
    CourseOption,
    JsonOption,
    LangOption,
    course_at,
    explained,
    print_json,
)
from autograder.messages import message, render
from autograder.release.resetting import reset as put_back


def reset(
    name: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Its id.", show_default=False)],
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder reset`."""
    with explained(lang) as language:
        done = put_back(course_at(course), name, language)
    if as_json:
        document = {
            "schema_version": 1,
            "command": "reset",
            "notebook": str(done.notebook),
            "kept": str(done.kept) if done.kept is not None else None,
        }
        print_json(document)
        return
    said = message("{file} is in its original state.", file=str(done.notebook))
    if done.kept is not None:
        said = message(
            "{file} has been reset; your version is saved as {kept}.",
            file=str(done.notebook),
            kept=done.kept.name,
        )
    print(render(said, language))
