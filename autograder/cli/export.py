"""`autograder export PLATFORM ID…`: what a platform needs to grade assignments as `grade` does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from autograder.cli.common import (
    ALL_WELL,
    CourseOption,
    JsonOption,
    LangOption,
    course_at,
    explained,
    print_json,
)
from autograder.course import Assignment, Course
from autograder.messages import Language, message, render
from autograder.platforms.gradescope.archive import gradescope_zip
from autograder.platforms.gradescope.settings import (
    MINUTES,
    MOST_MINUTES,
    Settings,
    Visibility,
)

HiddenOption = Annotated[
    Visibility,
    typer.Option(
        "--hidden", help="When students see what hidden checks say, in Gradescope's words; `hidden`: never."
    ),
]


def export(
    platform: Annotated[
        Literal["gradescope"], typer.Argument(metavar="PLATFORM", help="gradescope", show_default=False)
    ],
    ids: Annotated[
        list[str], typer.Argument(metavar="ID…", help="The assignments, by their ids.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", help="The folder to write into; else out/gradescope.", show_default=False),
    ] = None,
    hidden: HiddenOption = "after_due_date",
    tests: Annotated[
        Literal["task", "check"],
        typer.Option("--tests", help="Show a test for each task, or for each check."),
    ] = "task",
    timeout: Annotated[
        int,
        typer.Option(
            "--timeout", min=1, max=MOST_MINUTES, help="The minutes that Gradescope gives the autograder."
        ),
    ] = MINUTES,
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder export`."""
    with explained(lang) as language:
        found_course = course_at(course)
        assignments = [found_course.assignment(name) for name in dict.fromkeys(ids)]
        folder = output or Path("out") / platform
        chosen = {"hidden": hidden, "tests": tests, "minutes": timeout, "language": lang}
        written = [_write_zip(found_course, one, folder, chosen) for one in assignments]
    if as_json:
        print_json({"schema_version": 1, "command": "export", "platform": platform, "files": written})
    else:
        _print(written, language)
    raise typer.Exit(ALL_WELL)


def _write_zip(
    course: Course, assignment: Assignment, folder: Path, chosen: dict[str, Any]
) -> dict[str, str]:
    content = gradescope_zip(course, assignment, Settings(assignment=assignment.id, **chosen))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{assignment.id}.zip"
    path.write_bytes(content)
    return {"assignment": assignment.id, "file": str(path)}


def _print(written: list[dict[str, str]], language: Language) -> None:
    for one in written:
        said = message("{assignment}: {file}", assignment=one["assignment"], file=one["file"])
        print(render(said, language))
    said = message(
        "Upload each as the autograder of its assignment on Gradescope. The files hold hidden checks and "
        "solutions: they are for you alone.",
    )
    print(render(said, language))
