"""The `autograder` command: its subcommands, and what they have in common."""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn

import typer

from autograder.cli import audit, check, doctor, grade, hint, lint, listing, release, reset, verify, watch
from autograder.cli.installation import for_instructors

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A course on the Keras functional API that grades itself.",
)
app.command("watch")(for_instructors(watch.watch))
app.command("check")(for_instructors(check.check))
app.command("hint")(hint.hint)
app.command("list")(listing.listing)
app.command("reset")(for_instructors(reset.reset))
app.command("grade")(for_instructors(grade.grade))
app.command("release")(for_instructors(release.release))
app.command("lint")(for_instructors(lint.lint))
app.command("audit")(for_instructors(audit.audit))
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line; whatever goes wrong is one sentence and an exit code, never a traceback."""
    try:
        code = _run()
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


def _run() -> int:
    try:
        app()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        raise
    return 0


def _leave(code: int) -> NoReturn:
    """End as `sys.exit` does, but for taking TensorFlow apart module by module, which takes over a second."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
