"""`autograder doctor`: what this machine offers."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from autograder.cli.common import (
    ALL_WELL,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    course_at,
    explained,
    language_of,
)
from autograder.course import CourseError
from autograder.messages import Language, Message, message, render
from autograder.sandbox import best_level, delegated

if TYPE_CHECKING:
    from autograder.gradebook.diagnosis import Finding

PACKAGES = ("keras", "tensorflow", "numpy", "ipython", "pytest", "nbgrader", "jupyterlab")


def doctor(as_json: JsonOption = False, lang: LangOption = None, course: CourseOption = None) -> None:
    """Say what this machine offers: packages, isolation level, and how nbgrader is set up for the course."""
    language = language_of(lang)
    with explained(language):
        findings = _nbgrader(course)
    offered = best_level()
    counted = delegated().controllers
    versions = {name: _version(name) for name in PACKAGES}
    if as_json:
        json.dump(
            {
                "schema_version": 1,
                "command": "doctor",
                "python": platform.python_version(),
                "system": platform.platform(),
                "packages": versions,
                "isolation": {
                    "level": offered.level,
                    "lacking": [said.model_dump(mode="json") for said in offered.lacking],
                },
                "cgroups": list(counted),
                "nbgrader": [
                    {
                        "about": finding.about,
                        "in_the_way": finding.in_the_way,
                        "said": finding.said.model_dump(mode="json"),
                    }
                    for finding in findings
                ]
                if findings is not None
                else None,
            },
            sys.stdout,
            ensure_ascii=False,
            indent=1,
        )
        print()
    else:
        console = Console(highlight=False)
        table = Table(show_header=False, box=None)
        table.add_row(render(message("Python"), language), platform.python_version())
        for name, version in versions.items():
            table.add_row(name, version or render(message("not installed"), language))
        table.add_row(
            render(message("isolation"), language),
            f"{offered.level}: {render(LEVELS[offered.level], language)}",
        )
        table.add_row(
            render(message("control groups"), language),
            ", ".join(counted) or render(NO_CGROUPS, language),
        )
        console.print(table)
        for said in offered.lacking:
            console.print(f"  - {render(said, language)}", markup=False, soft_wrap=True)
        if findings is not None:
            _print_findings(findings, console, language)
    in_the_way = offered.level == "none" or any(finding.in_the_way for finding in findings or ())
    raise typer.Exit(NOT_YET if in_the_way else ALL_WELL)


def _nbgrader(course: Path | None) -> list[Finding] | None:
    """What is to be said of nbgrader in the course's folder; None outside of any course."""
    from autograder.gradebook.diagnosis import examine

    try:
        return examine(course_at(course))
    except CourseError:
        if course is not None:
            raise
        return None


def _print_findings(findings: list[Finding], console: Console, language: Language) -> None:
    console.print()
    console.print(render(message("nbgrader in this course"), language), style="bold")
    if not findings:
        console.print(f"  ✓ {render(message('Nothing is missing.'), language)}")
    for finding in findings:
        mark = "✗" if finding.in_the_way else "–"
        console.print(f"  {mark} {render(finding.said, language)}", markup=False, soft_wrap=True)


NO_CGROUPS = message(
    "none; the grader counts memory and processes itself, ten times a second. The kernel does it for root, "
    "and under `systemd-run --user --scope -p Delegate=yes autograder …`."
)
LEVELS: dict[Any, Message] = {
    "full": message(
        "learner code runs in namespaces of its own, without this machine's files or the network"
    ),
    "contained": message("checks, solutions and the network are out of reach; there are no namespaces"),
    "none": message("learner code cannot be isolated here; grading is refused"),
}


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
