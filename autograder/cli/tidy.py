"""`autograder tidy [ASSIGNMENT]`: give source notebooks the ids and metadata that their texts ask for."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.authoring import tidy as tidy_source
from autograder.cli.common import (
    ALL_WELL,
    CourseOption,
    JsonOption,
    LangOption,
    course_at,
    explained,
    print_json,
)
from autograder.messages import message, render


def tidy(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ASSIGNMENT]", help="One assignment's id; else all.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder tidy`."""
    with explained(lang) as language:
        found = course_at(course)
        chosen = [*found.assignments] if name is None else [found.assignment(name)]
        changed = [found.source(assignment) for assignment in chosen if tidy_source(found, assignment)]
    places = [path.relative_to(found.root).as_posix() for path in changed]
    if as_json:
        print_json({"schema_version": 1, "command": "tidy", "written": places})
    else:
        for place in places:
            print(render(message("Written: {file}", file=place), language))
        if not places:
            print(render(message("Every source notebook is in order."), language))
    raise typer.Exit(ALL_WELL)
