"""`autograder lint [ASSIGNMENT]`: report whether the course is in order."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.cli.common import (
    ALL_WELL,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    UnsafeOption,
    explained,
    print_json,
)
from autograder.course import Assignment, find_course
from autograder.messages import Language, message, render

if TYPE_CHECKING:
    from autograder.audit import Finding


def lint(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ASSIGNMENT]", help="One assignment's id; else all.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    unsafe: UnsafeOption = False,
    course: CourseOption = None,
) -> None:
    """Run `autograder lint`."""
    # Importing what reads notebooks takes a second, so only commands that need it do.
    from autograder.audit import lint as lint_course
    from autograder.audit import load_findings

    with explained(lang) as language:
        found_course, findings = load_findings(course if course is not None else find_course())
        chosen: list[Assignment] = []
        if found_course is not None:
            chosen = [*found_course.assignments] if name is None else [found_course.assignment(name)]
            findings = lint_course(found_course, chosen, unsafe=unsafe)
    if as_json:
        print_json(_document(chosen, findings))
    else:
        _print(chosen, findings, language)
    raise typer.Exit(NOT_YET if findings else ALL_WELL)


def _document(chosen: list[Assignment], findings: list[Finding]) -> dict[str, Any]:
    """Return the documented, versioned document of `lint --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "lint",
        "assignments": [assignment.id for assignment in chosen],
        "findings": [
            {
                "rule": finding.rule,
                "file": finding.file,
                "cell": finding.cell or None,
                "message": finding.said.model_dump(mode="json"),
            }
            for finding in findings
        ],
    }


def _print(chosen: list[Assignment], findings: list[Finding], language: Language) -> None:
    for finding in findings:
        print(render(finding.said, language))
    if findings:
        print(render(message("Findings: {count}.", count=len(findings)), language), file=sys.stderr)
    else:
        print(render(message("Assignments in order: {count}.", count=len(chosen)), language))
