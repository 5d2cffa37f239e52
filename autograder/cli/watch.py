"""`autograder watch [ASSIGNMENT]`: grade a notebook again whenever it is saved."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import (
    ALL_WELL,
    INTERRUPTED,
    CourseOption,
    LangOption,
    UnsafeOption,
    course_at,
    explained,
    fail,
)
from autograder.cli.listing import assignments_table
from autograder.messages import Language, Message, message, render
from autograder.study import first_open, remembered

if TYPE_CHECKING:
    from autograder.course import Assignment, Course


def watch(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ASSIGNMENT]", help="Its id; else the first that is not done.", show_default=False
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print each verdict as one line of JSON on standard output; no keys."),
    ] = False,
    lang: LangOption = None,
    unsafe: UnsafeOption = False,
    course: CourseOption = None,
) -> None:
    """Run `autograder watch`."""
    with explained(lang) as language:
        found = course_at(course)
        assignment = first_open(found, remembered(found)) if name is None else found.assignment(name)
    if not as_json and not _has_terminal():
        fail(
            message(
                "`autograder watch` needs a terminal. `--json` works without one, and "
                "`autograder check {assignment}` checks once.",
                assignment=assignment.id,
            ),
            language,
        )
    raise typer.Exit(_watch(found, assignment, language, as_json=as_json, unsafe=unsafe))


def _watch(course: Course, assignment: Assignment, language: Language, *, as_json: bool, unsafe: bool) -> int:
    # Only this command watches files and controls a terminal, which not every system can.
    from autograder.watching import Ended, WatchError, watch_in_terminal, watch_plainly

    try:
        if as_json:
            watch_plainly(
                course,
                assignment,
                language,
                unsafe=unsafe,
                tell=lambda report: print(report.model_dump_json(), flush=True),
                complain=lambda said: _complain(said, language),
            )
            return ALL_WELL
        said, trouble = watch_in_terminal(
            course,
            assignment,
            language,
            unsafe=unsafe,
            listing=lambda course, language: assignments_table(
                course.assignments, remembered(course), language
            ),
        )
    except WatchError as error:
        for reason in error.messages:
            _complain(reason, language)
        if error.trouble:
            print(error.trouble, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        return INTERRUPTED
    except Ended as ended:
        return 128 + ended.number
    print(render(said, language))
    if trouble:
        print(trouble, file=sys.stderr)
    return ALL_WELL


def _complain(said: Message, language: Language) -> None:
    print(f"autograder: {render(said, language)}", file=sys.stderr)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
