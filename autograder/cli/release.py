"""`autograder release`: build `assignments/` from `solutions/`, or report whether the two are in step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from autograder.course import Course
from autograder.messages import Language, Message, message, render

if TYPE_CHECKING:
    from autograder.course.release import OutOfStep

DIFF_LINES = 16
DIFF_WIDTH = 160


def release(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; say what is out of step (exit 1).")
    ] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run `autograder release`."""
    # Importing what reads notebooks takes a second, so only commands that need it do.
    from autograder.authoring import tidy
    from autograder.course.release import left_over, out_of_step, write_release
    from autograder.release.cache import built_release
    from autograder.release.targets import targets

    changed: list[Path] = []
    with explained(lang) as language:
        found = course_at(course)
        if check:
            faults = out_of_step(found, targets(found))
        else:
            changed = [found.source(one) for one in found.assignments if tidy(found, one)]
            changed += write_release(found, lambda assignment: built_release(found, assignment))
            faults = left_over(found)
    if as_json:
        print_json(_document(found, changed, faults))
    else:
        _print(found, changed, faults, language, check=check)
    raise typer.Exit(NOT_YET if faults else ALL_WELL)


def _document(course: Course, changed: list[Path], faults: list[OutOfStep]) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "command": "release",
        "in_step": not faults,
        "written": [_place(course, path) for path in changed],
        "out_of_step": [
            {"path": _place(course, fault.path), "fault": fault.fault.replace(" ", "_")} for fault in faults
        ],
    }


def _print(
    course: Course, changed: list[Path], faults: list[OutOfStep], language: Language, *, check: bool
) -> None:
    for path in changed:
        print(render(message("Written: {file}", file=_place(course, path)), language))
    for fault in faults:
        print(render(_said(course, fault), language))
        for line in fault.diff[:DIFF_LINES]:
            print("  " + (line if len(line) <= DIFF_WIDTH else line[: DIFF_WIDTH - 1] + "…"))
        if len(fault.diff) > DIFF_LINES:
            rest = message("(lines of the difference not shown: {count})", count=len(fault.diff) - DIFF_LINES)
            print("  " + render(rest, language))
    if not faults and not changed:
        print(render(message("assignments/ is in step with solutions/."), language))
    elif check:
        print(
            render(message("Run `autograder release` to build assignments/ again."), language),
            file=sys.stderr,
        )


def _said(course: Course, fault: OutOfStep) -> Message:
    place = _place(course, fault.path)
    if fault.fault == "missing":
        return message("{file} is missing.", file=place)
    if fault.fault == "left over":
        return message("{file} belongs to no assignment of course.yml; delete it.", file=place)
    return message("{file} is not what its source notebook makes:", file=place)


def _place(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()
