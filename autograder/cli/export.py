"""`autograder export PLATFORM ID…`: write what a platform needs to grade assignments as `grade` does."""

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
from autograder.grading import GradingError
from autograder.messages import Language, message, render
from autograder.platforms.github.repositories import assignment_repository, instructors_repository
from autograder.platforms.gradescope.archive import gradescope_zip
from autograder.platforms.gradescope.settings import MOST_MINUTES, Settings, Visibility

INSTRUCTORS = "instructor"
"""The folder for the instructor's own repository."""

HiddenOption = Annotated[
    Visibility | None,
    typer.Option(
        "--hidden",
        help="Gradescope: when students see hidden checks, in its own words; else after_due_date.",
        show_default=False,
    ),
]
TestsOption = Annotated[
    Literal["task", "check"] | None,
    typer.Option(
        "--tests", help="Gradescope: a test for each task, or for each check; else task.", show_default=False
    ),
]
TimeoutOption = Annotated[
    int | None,
    typer.Option(
        "--timeout",
        min=1,
        max=MOST_MINUTES,
        help="Gradescope: the minutes that it gives the autograder; else 10.",
        show_default=False,
    ),
]


def export(
    platform: Annotated[
        Literal["gradescope", "github"],
        typer.Argument(metavar="PLATFORM", help="gradescope or github", show_default=False),
    ],
    ids: Annotated[
        list[str], typer.Argument(metavar="ID…", help="The assignments, by their ids.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", help="The folder to write into; else out/PLATFORM.", show_default=False),
    ] = None,
    hidden: HiddenOption = None,
    tests: TestsOption = None,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder export`."""
    given: dict[str, Any] = {"hidden": hidden, "tests": tests, "minutes": timeout}
    chosen = {name: value for name, value in given.items() if value is not None}
    with explained(lang) as language:
        found_course = course_at(course)
        assignments = [found_course.assignment(name) for name in dict.fromkeys(ids)]
        folder = output or Path("out") / platform
        if platform == "gradescope":
            chosen["language"] = lang
            written = [_write_zip(found_course, one, folder, chosen) for one in assignments]
        else:
            _refuse(chosen)
            written = _write_repositories(found_course, assignments, folder, lang)
    if as_json:
        print_json({"schema_version": 1, "command": "export", "platform": platform, "files": written})
    else:
        _print(platform, written, language)
    raise typer.Exit(ALL_WELL)


def _refuse(chosen: dict[str, Any]) -> None:
    """Refuse options that belong to another platform.

    Raises:
        GradingError: one is given.
    """
    options = {"hidden": "--hidden", "tests": "--tests", "minutes": "--timeout"}
    for name in chosen:
        raise GradingError(message("`{option}` is for Gradescope: leave it out.", option=options[name]))


def _write_repositories(
    course: Course, assignments: list[Assignment], folder: Path, lang: Language | None
) -> list[dict[str, str]]:
    language = lang or course.languages[0]
    contents = [(one, assignment_repository(course, one, language)) for one in assignments]
    written = []
    for assignment, files in contents:
        _write_files(folder / assignment.id, files)
        written.append({"assignment": assignment.id, "file": str(folder / assignment.id)})
    _write_files(folder / INSTRUCTORS, instructors_repository())
    return [*written, {"assignment": "", "file": str(folder / INSTRUCTORS)}]


def _write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _write_zip(
    course: Course, assignment: Assignment, folder: Path, chosen: dict[str, Any]
) -> dict[str, str]:
    content = gradescope_zip(course, assignment, Settings(assignment=assignment.id, **chosen))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{assignment.id}.zip"
    path.write_bytes(content)
    return {"assignment": assignment.id, "file": str(path)}


def _print(platform: str, written: list[dict[str, str]], language: Language) -> None:
    for one in written:
        print(f"{one['assignment'] or INSTRUCTORS}: {one['file']}")
    said = (
        message(
            "Upload each as the autograder of its assignment on Gradescope. The files hold hidden checks and "
            "solutions: they are for you alone."
        )
        if platform == "gradescope"
        else message(
            "Each assignment's folder is the template repository that GitHub Classroom copies. What is in "
            "`{folder}` belongs into your own private repository, beside course.yml.",
            folder=INSTRUCTORS,
        )
    )
    print(render(said, language))
