"""`autograder class DIR`: sum up what a class has not understood, from the reports of an earlier `grade`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.class_report import (
    PAGE,
    ClassReport,
    NoReports,
    class_text,
    document,
    links_from,
    reports_below,
    write_class,
)
from autograder.class_report import class_report as summed_up
from autograder.cli.common import (
    ALL_WELL,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    course_at,
    explained,
    print_json,
)
from autograder.cli.gradebook import class_list_of, scores_in_gradebook
from autograder.course import Course, load_course
from autograder.course.load import course_file
from autograder.messages import Language, Message, message, render


def class_report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="What `autograder grade` wrote: its output folder, or the `reports` in it.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", help="A folder for class.html and its tables (JSON and CSV).", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
    gradebook: Annotated[
        bool,
        typer.Option(
            "--gradebook",
            help="Take the scores from the course's gradebook, where those given by hand count; what went "
            "wrong still comes from the reports.",
        ),
    ] = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder class`."""
    troubles: list[Message] = []
    with explained(lang) as language:
        report = _summed_up(folder, course_at(course) if gradebook else _course(course), gradebook, troubles)
        if output is not None:
            places, index = links_from(output, report, _output_of(folder))
            write_class(report, output, language, links=places, back=index)
    if as_json:
        print_json(document(report))
    else:
        _print(report, output, language)
    for said in (*report.left_out, *troubles):
        print(f"autograder: {render(message('Left out: {what}', what=said), language)}", file=sys.stderr)
    raise typer.Exit(NOT_YET if report.left_out or troubles else ALL_WELL)


def _summed_up(folder: Path, course: Course | None, gradebook: bool, troubles: list[Message]) -> ClassReport:
    """Return the class report, from the reports and, with `gradebook`, from the gradebook's scores.

    What is wrong with the roster is added to `troubles`.

    Raises:
        NoReports: there is nothing to sum up.
        GradingError: the gradebook cannot be read.
    """
    if course is None:
        return summed_up(reports_below(folder))
    class_list = class_list_of(course, troubles.append)
    titles = course.titles
    if not gradebook:
        return summed_up(reports_below(folder), class_list, course.title, titles)
    given = scores_in_gradebook(course, course.root)
    try:
        paths = reports_below(folder)
    except NoReports:
        # The class report itself says how many submissions have no report.
        paths = []
    return summed_up(paths, class_list, course.title, titles, given)


def _output_of(folder: Path) -> Path:
    """Return the output folder of `grade`, also where the `reports` in it was named."""
    return folder if (folder / "reports").is_dir() else folder.parent


def _course(path: Path | None) -> Course | None:
    """Return the course that gives the report its order and title; None where there is none.

    Raises:
        CourseError: the named file is no course, or the `course.yml` that was found is wrong.
    """
    file = path if path is not None else course_file(Path.cwd())
    return load_course(file) if file is not None else None


def _print(report: ClassReport, output: Path | None, language: Language) -> None:
    console = Console(highlight=False)
    console.print(class_text(report, language))
    if output is not None:
        said = render(message("What the class has not understood yet"), language)
        console.print(f"{said}: {output / PAGE}", soft_wrap=True, markup=False)
