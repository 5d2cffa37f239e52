"""`autograder catalogue`: bring the translations of a course's graders in step with the graders."""

from __future__ import annotations

import typer

from autograder.authoring.catalogues import update_catalogues
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


def catalogue(as_json: JsonOption = False, lang: LangOption = None, course: CourseOption = None) -> None:
    """Run `autograder catalogue`."""
    with explained(lang) as language:
        found = course_at(course)
        made = update_catalogues(found)
    rows = [(one.path.relative_to(found.root).as_posix(), one) for one in made]
    if as_json:
        written = [
            {"file": place, "language": one.language, "sentences": one.sentences, "missing": one.missing}
            for place, one in rows
        ]
        print_json({"schema_version": 1, "command": "catalogue", "written": written})
    else:
        for place, one in rows:
            said = message(
                "{file}: {count} sentences, {missing} of them without a translation.",
                file=place,
                count=one.sentences,
                missing=one.missing,
            )
            print(render(said, language))
        if not rows:
            print(render(message("The course has one language; there is nothing to translate."), language))
    raise typer.Exit(ALL_WELL)
