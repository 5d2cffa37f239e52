"""`autograder check TARGET`: grade one notebook and explain it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from autograder.cli.common import (
    ALL_WELL,
    COULD_NOT,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    UnsafeOption,
    course_at,
    explained,
)
from autograder.feedback import Report, report_card
from autograder.grading import grade_notebook, notebook_of
from autograder.grading.staying import grade_by_staying
from autograder.messages import message, render
from autograder.study import Memory, remember


def check(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A notebook, or an assignment's id.", show_default=False)
    ],
    as_json: JsonOption = False,
    lang: LangOption = None,
    stay: Annotated[
        bool | None,
        typer.Option(
            "--stay/--no-stay",
            help="Leave a grader for five minutes, so that the next check need not import Keras; "
            "else where a terminal shows the result.",
            show_default=False,
        ),
    ] = None,
    unsafe: UnsafeOption = False,
    course: CourseOption = None,
) -> None:
    """Run `autograder check`."""
    # A script that checks once, a pipeline or a test must leave no process behind.
    stays = sys.stdout.isatty() if stay is None else stay
    with explained(lang) as language:
        found_course = course_at(course)
        submission = notebook_of(found_course, target, language)
        graded = grade_by_staying(found_course, submission, unsafe=unsafe) if stays else None
        if graded is None:
            graded = grade_notebook(found_course, submission, unsafe=unsafe)
    report = graded.report
    if report.outcome == "graded":
        remember(found_course, Memory().with_report(report))
    if as_json:
        print(report.model_dump_json(indent=1))
    else:
        Console(highlight=False).print(report_card(report, language))
    if report.isolation.level != "full":
        said = message(
            "Your code ran at isolation level `{level}`; `autograder doctor` shows what `full` needs.",
            level=report.isolation.level,
        )
        print(f"autograder: {render(said, language)}", file=sys.stderr)
    for trouble in graded.troubles:
        print(trouble, file=sys.stderr)
    raise typer.Exit(_code(report))


def _code(report: Report) -> int:
    if report.outcome != "graded":
        return COULD_NOT
    return ALL_WELL if report.full_marks else NOT_YET
