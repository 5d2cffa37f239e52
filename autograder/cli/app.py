"""The `autograder` command: its subcommands, and what they have in common."""

from __future__ import annotations

import atexit
import importlib
import io
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from autograder.cli.capabilities import INSTRUCTORS_PART, isolates, lacking
from autograder.encoding import HANDLER


@dataclass(frozen=True)
class Command:
    """A subcommand: its module, its text in `--help`, and who can run it where."""

    module: str
    help: str
    for_learners: bool = False
    isolating: bool = False
    bare: bool = False
    """Whether it runs without the other things that instructors need."""
    name: str = ""
    """The name that is typed, where a module cannot have it."""

    def load(self) -> Callable[..., Any]:
        """Import the command's module and return its function, which has the module's name."""
        # On such a system the command's module could not even be imported.
        if self.isolating and not isolates():
            return self._refuse_system
        if not self.for_learners and INSTRUCTORS_PART in lacking():
            return self._refuse_installation
        function: Callable[..., Any] = getattr(
            importlib.import_module(f"autograder.cli.{self.module}"), self.module
        )
        if self.for_learners or self.bare:
            return function
        from autograder.cli.installation import for_instructors

        return for_instructors(function, self.typed)

    @property
    def typed(self) -> str:
        """The name that is typed for it."""
        return self.name or self.module

    def _refuse_system(self) -> NoReturn:
        """Report that this system has no such command."""
        from autograder.cli.common import fail
        from autograder.cli.installation import refusal_of_system
        from autograder.messages import wished_language

        fail(refusal_of_system(self.typed), wished_language())

    def _refuse_installation(self) -> NoReturn:
        """Report that this installation has no such command."""
        from autograder.cli.common import fail
        from autograder.cli.installation import installation, refusal
        from autograder.messages import wished_language

        fail(refusal(self.typed, installation()), wished_language())


COMMANDS = {
    "watch": Command(
        "watch",
        "Check your notebook whenever you save it, from one assignment to the next (q or ctrl-C ends it).",
        isolating=True,
    ),
    "check": Command(
        "check",
        "Grade one notebook and explain it (exit 0: full marks, 1: not yet, 2: could not grade).",
        isolating=True,
    ),
    "hint": Command(
        "hint", "Show a task's next hint; after the last one, the last again.", for_learners=True
    ),
    "list": Command(
        "listing",
        "List assignments and tasks with the best scores and the hints that this machine remembers.",
        for_learners=True,
    ),
    "reset": Command(
        "reset", "Put an assignment's notebook back as it was given out, and keep a copy of what was there."
    ),
    "grade": Command(
        "grade",
        "Grade every submission in a folder and write reports, grades.csv and index.html.",
        isolating=True,
    ),
    "class": Command(
        "class_report",
        "Sum up graded reports: what the class has not understood (exit 0: all read, 1: some left out).",
        name="class",
    ),
    "compare": Command(
        "compare",
        "Say which scores two gradings of a class give differently (exit 0: none, 1: some, 2: no reports).",
    ),
    "new": Command(
        "new",
        "Make an assignment, or with --course DIR a whole course, that is graded at once and left to write.",
        isolating=True,
    ),
    "dev": Command(
        "dev",
        "Show what is left to do at an assignment, and what learners would be told, whenever you save.",
        isolating=True,
    ),
    "catalogue": Command(
        "catalogue",
        "Bring the translations of what the course's checks say in step with the checks.",
    ),
    "export": Command(
        "export",
        "Write what a platform runs to grade assignments: `export gradescope ID…`, `export github ID…`.",
        isolating=True,
    ),
    "tidy": Command(
        "tidy",
        "Give a source notebook's cells the ids and the metadata that their texts ask for.",
    ),
    "release": Command(
        "release", "Build what students get, assignments/, from the source notebooks in solutions/."
    ),
    "lint": Command(
        "lint",
        "Say what is not in order in the course (exit 0: nothing, 1: findings, 2: could not look).",
        isolating=True,
    ),
    "audit": Command(
        "audit",
        "Try the graders on wrong and right answers (exit 0: they hold, 1: to be mended, 2: could not try).",
        isolating=True,
    ),
    "verify": Command(
        "verify",
        "Run, grade and train the reference solutions (exit 0: all well, 1: one fails, 2: could not try).",
        bare=True,
    ),
    "doctor": Command(
        "doctor",
        "Say what this machine offers: packages, a backend, isolation, and how nbgrader is set up here.",
        for_learners=True,
    ),
}


# A command that is refused takes whatever follows its name.
_ELSEWHERE = "For instructors, on Linux with the extra `instructor`"
_ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}


class _Sections(TyperGroup):
    """The commands in two sections of `--help`, of which those that can be run here come first.

    A learner has only the first: where the instructors' part is missing, the other commands are only named.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write what each command is for."""
        missing, jailed = lacking(), isolates()
        whole = not missing
        learner = INSTRUCTORS_PART in missing
        sections: dict[str, list[tuple[str, str]]] = {"Commands": [], _ELSEWHERE: []}
        width = formatter.width - 6 - max(map(len, COMMANDS))
        for name, command in COMMANDS.items():
            if learner and not command.for_learners:
                continue
            here = command.for_learners or (whole and (jailed or not command.isolating))
            text = self.commands[name].get_short_help_str(width)
            sections["Commands" if here else _ELSEWHERE].append((name, text))
        for title, rows in sections.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        if learner:
            others = ", ".join(name for name, command in COMMANDS.items() if not command.for_learners)
            formatter.write_paragraph()
            formatter.write_text(f"{_ELSEWHERE}: {others}.")


def command_line(names: Collection[str]) -> typer.Typer:
    """Return the command line, whose help has every command, and which can run those in `names`.

    No other command is imported, or each command would have to wait for the imports of all others.
    """
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="A course on the Keras functional API that grades itself.",
        cls=_Sections,
    )
    for name, command in COMMANDS.items():
        function = command.load() if name in names else _not_loaded
        settings = _ANYTHING if getattr(function, "__self__", None) is command else None
        app.command(name, help=command.help, context_settings=settings)(function)
    return app


def main() -> None:
    """Run the command line; whatever goes wrong becomes one sentence and an exit code, never a traceback."""
    for name in ("stdout", "stderr"):
        # Whoever has closed the stream wants no output, but the next opened file would get its descriptor.
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        # A terminal whose encoding is not UTF-8 lacks some of the characters that are printed.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # The program that read the output has ended (`| head`), so nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except OSError as error:
        # A disk is full: what was printed is lost, and Python would try to write it again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"autograder: {error.strerror or type(error).__name__}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        code = 130
    if "tensorflow" in sys.modules:
        _leave(code)
    sys.exit(code)


def _run(words: list[str]) -> int:
    try:
        # The command's name is one of the words, whatever options come before it.
        command_line(words)(words)
    except SystemExit as end:
        # Typer and rich end with 1, which means something else here, where the output cannot be printed.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        raise
    return 0


def _not_loaded() -> NoReturn:
    raise AssertionError("only a command that is named is run, and what is named is loaded")


def _leave(code: int) -> NoReturn:
    """End as `sys.exit` does, without taking TensorFlow apart module by module, which takes over a second."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
