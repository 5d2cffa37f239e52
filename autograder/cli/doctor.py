"""`autograder doctor`: what this machine offers."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from autograder.cli.common import ALL_WELL, NOT_YET, JsonOption, LangOption, language_of
from autograder.messages import Message, message, render
from autograder.sandbox import best_level

PACKAGES = ("keras", "tensorflow", "numpy", "ipython", "pytest", "nbgrader", "jupyterlab")


def doctor(as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Say what this machine offers: packages, isolation level and what it lacks."""
    language = language_of(lang)
    offered = best_level()
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
        console.print(table)
        for said in offered.lacking:
            console.print(f"  - {render(said, language)}", markup=False, soft_wrap=True)
    raise typer.Exit(ALL_WELL if offered.level != "none" else NOT_YET)


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
