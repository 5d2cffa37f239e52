"""The `autograder` command: its subcommands, and what they have in common."""

from __future__ import annotations

import atexit
import importlib
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, NoReturn

import typer


@dataclass(frozen=True)
class Command:
    """A subcommand: where its function is, what `--help` says of it, and who can run it."""

    module: str
    help: str
    for_instructors: bool = True

    def load(self) -> Callable[..., Any]:
        """Import the command's module and return its function, which has the module's name."""
        function: Callable[..., Any] = getattr(
            importlib.import_module(f"autograder.cli.{self.module}"), self.module
        )
        if not self.for_instructors:
            return function
        from autograder.cli.installation import for_instructors

        return for_instructors(function)


COMMANDS = {
    "watch": Command(
        "watch",
        "Check your notebook whenever you save it, from one assignment to the next (q or ctrl-C ends it).",
    ),
    "check": Command(
        "check", "Grade one notebook and explain it (exit 0: full marks, 1: not yet, 2: could not grade)."
    ),
    "hint": Command(
        "hint", "Show a task's next hint; after the last one, the last again.", for_instructors=False
    ),
    "list": Command(
        "listing",
        "List the assignments with the best scores and the hints that this machine remembers.",
        for_instructors=False,
    ),
    "reset": Command(
        "reset", "Put an assignment's notebook back as it was given out, and keep a copy of what was there."
    ),
    "grade": Command(
        "grade", "Grade every submission in a folder and write reports, grades.csv and index.html."
    ),
    "release": Command(
        "release", "Build what students get, assignments/, from the source notebooks in solutions/."
    ),
    "lint": Command(
        "lint", "Say what is not in order in the course (exit 0: nothing, 1: findings, 2: could not look)."
    ),
    "audit": Command(
        "audit",
        "Try the graders on wrong and right answers (exit 0: they hold, 1: to be mended, 2: could not try).",
    ),
    "verify": Command(
        "verify",
        "Run, grade and train the reference solutions (exit 0: all well, 1: one fails, 2: could not try).",
        for_instructors=False,
    ),
    "doctor": Command(
        "doctor",
        "Say what this machine offers: packages, a backend, isolation, and how nbgrader is set up here.",
        for_instructors=False,
    ),
}


def command_line(names: Collection[str]) -> typer.Typer:
    """Return the command line; every command is in its help, and those among `names` can be run.

    A command that is not among them is not imported: what one of them needs would cost all others its import.
    """
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="A course on the Keras functional API that grades itself.",
    )
    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(command.load() if name in names else _not_loaded)
    return app


def main() -> None:
    """Run the command line; whatever goes wrong is one sentence and an exit code, never a traceback."""
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`); nothing is left to be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except KeyboardInterrupt:
        code = 130
    if "tensorflow" in sys.modules:
        _leave(code)
    sys.exit(code)


def _run(words: list[str]) -> int:
    try:
        # The command's own name is one of the words, whatever options stand before it.
        command_line(words)(words)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        raise
    return 0


def _not_loaded() -> NoReturn:
    raise AssertionError("only a command that is named is run, and what is named is loaded")


def _leave(code: int) -> NoReturn:
    """End as `sys.exit` does, but for taking TensorFlow apart module by module, which takes over a second."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
