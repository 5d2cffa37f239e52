"""What all commands share: languages, options, errors, exit codes."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from autograder.course import Course, find_course, load_course
from autograder.course import learners_course as nearest_course
from autograder.encoding import fitting
from autograder.messages import (
    LANGUAGE_TAG,
    AutograderError,
    Language,
    Message,
    message,
    render,
    wished_language,
)

if TYPE_CHECKING:
    from rich.console import Console

ALL_WELL, NOT_YET, COULD_NOT, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: full marks or no complaint; not yet; the command could not be done; ended by ctrl-C."""


def _tag(written: str) -> Language:
    """Return the tag of a language as it was written.

    Raises:
        typer.BadParameter: it is no tag.
    """
    if not re.match(LANGUAGE_TAG, written):
        raise typer.BadParameter(f"'{written}' is no tag of a language, such as 'en' or 'ko'.")
    return written


LangOption = Annotated[
    Language | None,
    typer.Option("--lang", parser=_tag, metavar="TAG", help="Language: en, ko, …", show_default=False),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else there.")
]
CourseOption = Annotated[
    Path | None,
    typer.Option(
        "--course", help="The course's course.yml; else the one above this folder.", show_default=False
    ),
]
UnsafeOption = Annotated[
    bool, typer.Option("--unsafe", help="Run notebooks even where they cannot be isolated from this machine.")
]


def language_of(lang: Language | None) -> Language:
    """Return the language to print: the option's, else `AUTOGRADER_LANG`, else the locale's, else English."""
    return lang if lang is not None else wished_language()


def fail(said: Message, language: Language, code: int = COULD_NOT) -> NoReturn:
    """Print on standard error what is in the way, and end with an exit code."""
    print(f"autograder: {render(said, language)}", file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def explained(lang: Language | None) -> Iterator[Language]:
    """Provide the language to print, and turn the block's errors into sentences and exit code 2."""
    language = language_of(lang)
    try:
        yield language
    except AutograderError as error:
        for said in error.messages:
            print(f"autograder: {render(said, language)}", file=sys.stderr)
        raise typer.Exit(COULD_NOT) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        # For example, a name is too long, a disk is full, or a folder may not be written to.
        if error.filename is None:
            raise
        said = message(
            "`{file}` cannot be used: {reason}.",
            file=os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else "?",
            reason=error.strerror or type(error).__name__,
        )
        fail(said, language)


def table_console(least: int) -> Console:
    """Return a console for a table, at least `least` columns wide; a narrower terminal wraps its lines."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.width >= least else Console(highlight=False, width=least)


def print_json(document: Mapping[str, Any]) -> None:
    """Print a document on standard output, with JSON's escapes where that cannot show every character."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if fitting(text) != text:
        text = json.dumps(document, indent=1)
    print(text)


def course_at(path: Path | None) -> Course:
    """Return the course that a command works on.

    Raises:
        CourseError: there is none, or its `course.yml` is wrong.
    """
    return load_course(path if path is not None else find_course(Path.cwd()))


def learners_course(path: Path | None) -> Course:
    """Return the course that a learner's command works on: the named one, or else the nearest one.

    Raises:
        CourseError: there is none, or its `course.yml` is wrong.
    """
    return load_course(path) if path is not None else nearest_course()
