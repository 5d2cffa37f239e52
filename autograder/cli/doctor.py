"""`autograder doctor`: what this machine offers."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
from autograder.cli.installation import Installation, installation, keras_range, keras_supported
from autograder.course import CourseError, find_course
from autograder.graph import backends
from autograder.messages import Language, Message, message, render
from autograder.sandbox import Offer, best_level, delegated

if TYPE_CHECKING:
    from autograder.gradebook.diagnosis import Finding

PACKAGES = ("keras", "tensorflow", "numpy", "ipython", "pytest", "nbgrader", "jupyterlab")


@dataclass(frozen=True)
class Keras:
    """Keras and the backend that it takes; `lacking` says what to do where one of them does not serve."""

    version: str | None
    supported: bool
    backend: str
    backend_version: str | None
    lacking: Message | None


def doctor(as_json: JsonOption = False, lang: LangOption = None, course: CourseOption = None) -> None:
    """Run `autograder doctor`."""
    language = language_of(lang)
    here = installation()
    with explained(language):
        findings = _nbgrader(course) if _version("nbgrader") is not None else None
    # Where nothing is graded, nothing needs to be isolated.
    offered = best_level() if here.grades else None
    counted = delegated().controllers if here.grades else ()
    keras = _keras()
    solutions = _solutions(course)
    versions = {name: _version(name) for name in PACKAGES}
    if as_json:
        document = _document(here, solutions, keras, versions, offered, counted, findings)
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        console = Console(highlight=False)
        console.print(_table(here, solutions, keras, versions, offered, counted, language))
        for said in (*([keras.lacking] if keras.lacking else ()), *(offered.lacking if offered else ())):
            console.print(f"  - {render(said, language)}", markup=False, soft_wrap=True)
        if findings is not None:
            _print_findings(findings, console, language)
    in_the_way = (
        keras.lacking is not None
        or (offered is not None and offered.level == "none")
        or any(finding.in_the_way for finding in findings or ())
    )
    raise typer.Exit(NOT_YET if in_the_way else ALL_WELL)


def _document(
    here: Installation,
    solutions: bool,
    keras: Keras,
    versions: Mapping[str, str | None],
    offered: Offer | None,
    counted: Sequence[str],
    findings: list[Finding] | None,
) -> dict[str, Any]:
    """The documented, versioned document of `doctor --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "doctor",
        "python": platform.python_version(),
        "system": platform.platform(),
        "install": {
            "grades": here.grades,
            "hidden_checks": here.hidden_checks,
            "solutions": solutions,
            "lacking": list(here.lacking),
            "said": here.said(solutions).model_dump(mode="json"),
        },
        "packages": versions,
        "keras": {"version": keras.version, "range": keras_range(), "supported": keras.supported},
        "backend": {
            "name": keras.backend,
            "version": keras.backend_version,
            "lacking": keras.lacking.model_dump(mode="json") if keras.lacking else None,
        },
        "isolation": {
            "level": offered.level,
            "lacking": [said.model_dump(mode="json") for said in offered.lacking],
        }
        if offered is not None
        else None,
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
    }


def _table(
    here: Installation,
    solutions: bool,
    keras: Keras,
    versions: Mapping[str, str | None],
    offered: Offer | None,
    counted: Sequence[str],
    language: Language,
) -> Table:
    absent = render(message("not installed"), language)
    table = Table(show_header=False, box=None)
    table.add_row(render(message("installation"), language), render(here.said(solutions), language))
    table.add_row(render(message("Python"), language), platform.python_version())
    for name, version in versions.items():
        # What only instructors use is not missing where nothing is graded.
        if version is not None or here.grades or name in ("keras", "numpy"):
            table.add_row(name, version or absent)
    table.add_row(
        render(message("backend"), language),
        f"{keras.backend} {keras.backend_version or f'({absent})'}",
    )
    if offered is not None:
        table.add_row(
            render(message("isolation"), language),
            f"{offered.level}: {render(LEVELS[offered.level], language)}",
        )
        table.add_row(
            render(message("control groups"), language),
            ", ".join(counted) or render(NO_CGROUPS, language),
        )
    return table


def _keras() -> Keras:
    version, supported = keras_supported()
    name = backends.wished()
    said = backends.lacking()
    if not supported:
        said = message(
            "Keras is {found}; this course works with Keras {wanted}: `pip install {command}`.",
            found=version or message("not installed"),
            wanted=keras_range(),
            command=f'"keras{keras_range()}"',
        )
    return Keras(version, supported, name, backends.version(name), said)


def _solutions(course: Path | None) -> bool:
    """Whether the solutions lie in the course's folder, or beside the package."""
    roots = [Path(__file__).parents[2]]
    with suppress(CourseError):
        roots.append((course if course is not None else find_course(Path.cwd())).resolve().parent)
    return any((root / "solutions").is_dir() and (root / "course.yml").is_file() for root in roots)


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
