"""`autograder doctor`: show what this machine offers."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from autograder.cli.capabilities import isolates
from autograder.cli.common import (
    ALL_WELL,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    explained,
    print_json,
    table_console,
)
from autograder.cli.installation import NEEDS_LINUX, Installation, installation
from autograder.course import CourseError, find_course
from autograder.graph.backends import Keras, installed_keras, keras_range
from autograder.messages import Language, Message, message, render

if TYPE_CHECKING:
    from autograder.cli.machine import Machine
    from autograder.gradebook.diagnosis import Finding

PACKAGES = ("keras", "tensorflow", "numpy", "ipython", "pytest", "nbgrader", "jupyterlab")


def doctor(as_json: JsonOption = False, lang: LangOption = None, course: CourseOption = None) -> None:
    """Run `autograder doctor`."""
    here = installation(course)
    with explained(lang) as language:
        machine = _machine(course) if not here.lacking and isolates() else None
    keras = installed_keras()
    solutions = _solutions(course)
    versions = {name: _version(name) for name in PACKAGES}
    first = _first_to_do(keras, machine)
    if as_json:
        print_json(_document(here, solutions, keras, versions, machine, first))
    else:
        console = table_console(40)
        console.print(_table(here, solutions, keras, versions, machine, language))
        for said in machine.lacking if machine else ():
            if said != first:
                console.print(f"  - {render(said, language)}", markup=False, soft_wrap=True)
        if machine is not None and machine.slow is not None:
            console.print(f"  - {render(machine.slow, language)}", markup=False, soft_wrap=True)
        if machine is not None and machine.findings is not None:
            _print_findings(machine.findings, console, language)
        console.print()
        said = READY if first is None else message("Not ready yet. The next thing to do: {what}", what=first)
        console.print(render(said, language), markup=False, soft_wrap=True)
    raise typer.Exit(NOT_YET if first is not None else ALL_WELL)


def _first_to_do(keras: Keras, machine: Machine | None) -> Message | None:
    """Return the first thing that is in the way of grading; None where nothing is."""
    if keras.to_do is not None:
        return keras.to_do
    if machine is None:
        return None
    if machine.level == "none":
        return next(iter(machine.lacking), LEVELS["none"])
    return next((finding.said for finding in machine.findings or () if finding.in_the_way), None)


def _document(
    here: Installation,
    solutions: bool,
    keras: Keras,
    versions: Mapping[str, str | None],
    machine: Machine | None,
    first: Message | None,
) -> dict[str, Any]:
    """Return the documented, versioned document of `doctor --json` (docs/json.md)."""
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
            "lacking": keras.to_do.model_dump(mode="json") if keras.to_do else None,
        },
        "isolation": {
            "level": machine.level,
            "lacking": [said.model_dump(mode="json") for said in machine.lacking],
        }
        if machine is not None
        else None,
        "next": first.model_dump(mode="json") if first is not None else None,
        "cgroups": list(machine.cgroups) if machine is not None else [],
        "slow": machine.slow.model_dump(mode="json")
        if machine is not None and machine.slow is not None
        else None,
        "nbgrader": [
            {
                "about": finding.about,
                "in_the_way": finding.in_the_way,
                "said": finding.said.model_dump(mode="json"),
            }
            for finding in machine.findings
        ]
        if machine is not None and machine.findings is not None
        else None,
    }


def _table(
    here: Installation,
    solutions: bool,
    keras: Keras,
    versions: Mapping[str, str | None],
    machine: Machine | None,
    language: Language,
) -> Table:
    absent = render(message("not installed"), language)
    table = Table(show_header=False, box=None)
    table.add_row(render(message("installation"), language), render(here.said(solutions), language))
    table.add_row(render(message("Python"), language), platform.python_version())
    for name, version in versions.items():
        # Packages that only instructors use are not missing where nothing is graded.
        if version is not None or not here.lacking or name in ("keras", "numpy"):
            table.add_row(name, version or absent)
    table.add_row(
        render(message("backend"), language),
        f"{keras.backend} {keras.backend_version or f'({absent})'}",
    )
    if machine is not None:
        table.add_row(
            render(message("isolation"), language),
            f"{machine.level}: {render(LEVELS[machine.level], language)}",
        )
        table.add_row(
            render(message("control groups"), language),
            ", ".join(machine.cgroups) or render(NO_CGROUPS, language),
        )
    elif not here.lacking:
        table.add_row(render(message("isolation"), language), render(NEEDS_LINUX, language))
    return table


def _solutions(course: Path | None) -> bool:
    """Return whether the solutions lie in the course's folder, or beside the package."""
    roots = [Path(__file__).parents[2]]
    with suppress(CourseError):
        roots.append((course if course is not None else find_course(Path.cwd())).resolve().parent)
    return any((root / "solutions").is_dir() and (root / "course.yml").is_file() for root in roots)


def _machine(course: Path | None) -> Machine:
    """Return what this machine offers to instructors."""
    # The module is loaded by its name, because a learner's machine has neither a jail nor nbgrader, and the
    # contract that no learner's command reaches them looks at import statements.
    module = importlib.import_module("autograder.cli.machine")
    found: Machine = module.machine(course)
    return found


def _print_findings(findings: Sequence[Finding], console: Console, language: Language) -> None:
    console.print()
    console.print(render(message("nbgrader in this course"), language), style="bold")
    if not findings:
        console.print(f"  ✓ {render(message('Nothing is missing.'), language)}")
    for finding in findings:
        mark = "✗" if finding.in_the_way else "–"
        console.print(f"  {mark} {render(finding.said, language)}", markup=False, soft_wrap=True)


READY = message("Ready: nothing that is needed is missing.")
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
