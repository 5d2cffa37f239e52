"""Accompanies a notebook once it has imported the course: errors of Keras are explained where they appear."""

from __future__ import annotations

import gc
import importlib
import linecache
import os
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from autograder.cells import changed_by, empty_lines, given_in, left_by, made_by
from autograder.checks import Failure, Meaning, error_failure, meaning_of
from autograder.encoding import fitting
from autograder.feedback.card import meaning_html, meaning_text
from autograder.messages import Language, message
from autograder.study.language import notebook_language

# Without these the first card would have to wait: the assignment of pairs, templates, markup of models.
_NEEDED_LATER = ("scipy.optimize", "jinja2", "autograder.graph", "autograder.study.notebook")


class Explanation:
    """What a notebook shows below an error: HTML where it can, and the same as plain text."""

    def __init__(self, meaning: Meaning, language: Language) -> None:
        self.meaning = meaning
        self.language = language

    def _repr_html_(self) -> str:
        return meaning_html(self.meaning, self.language)

    def __repr__(self) -> str:
        return fitting(meaning_text(self.meaning, self.language))


def accompany(shell: Any) -> None:
    """Prepare what `check` needs, and explain the errors of the cells that run from now on."""
    make_ready()
    shell.events.register("post_run_cell", Explaining())


def make_ready() -> None:
    """Do now what the first card would otherwise have to wait for.

    A learner waits at the import cell anyway; what cannot be made ready is left for `check` to say.
    """
    with suppress(Exception):
        for name in _NEEDED_LATER:
            importlib.import_module(name)
        from autograder.course import learners_course

        learners_course()
    # What is imported stays: searching it for garbage, with TensorFlow there, takes longer than a card.
    gc.freeze()


_stopped: dict[str, Failure] = {}
_names: set[str] = set()
"""The names that the cells so far have defined, within functions as well."""


def names_given() -> Collection[str]:
    """Return the names that the notebook's cells have defined."""
    return _names


def stopped(names: Collection[str]) -> Failure | None:
    """Return the error that kept a cell from making or changing one of those names, until one has done so."""
    return next((_stopped[name] for name in sorted(names) if name in _stopped), None)


class Explaining:
    """A hook that shows what an error means below the cell it stopped, and knows what is missing since."""

    def __init__(self) -> None:
        self._unmade: set[str] = set()

    def __call__(self, result: Any) -> None:
        """Note a cell that has run."""
        source, error = result.info.raw_cell or "", result.error_in_exec or result.error_before_exec
        _names.update(given_in(source))
        if error is None:
            self._unmade -= made_by(source)
            for name in changed_by(source):
                _stopped.pop(name, None)
            return
        with suppress(Exception):
            failure = _failure(error, source)
            _stopped.update(dict.fromkeys(left_by(source, _line_of(error, source)), failure))
        explanation = None
        # No learner reads a cell that nbgrader runs, and whatever it shows might be taken for a verdict.
        if not os.environ.get("NBGRADER_EXECUTION"):
            with suppress(Exception):
                explanation = explanation_of(error, self._unmade)
        self._unmade |= made_by(source)
        if explanation is not None:
            from IPython.display import display

            display(explanation)


def explanation_of(error: BaseException, unmade: Collection[str] = ()) -> Explanation | None:
    """Return what an error of a learner's cell means, if it is a known one.

    `unmade` are the names that earlier cells would have made, had they not stopped.
    """
    if isinstance(error, NameError) and (name := error.name) and name in unmade:
        unmade_name = Meaning(
            message("The cell that makes `{name}` has stopped with an error, so it is not there.", name=name),
            message("Mend that cell and run it; then run this one again."),
        )
        return Explanation(unmade_name, notebook_language())
    meaning = meaning_of(type(error).__name__, _said(error), _written(error), _names)
    return Explanation(meaning, notebook_language()) if meaning is not None else None


def _failure(error: BaseException, source: str) -> Failure:
    number = _line_of(error, source)
    lines = source.splitlines()
    line = lines[number - 1].strip() if number is not None and 0 < number <= len(lines) else ""
    return error_failure(
        message("The cell that should make this has stopped with an error."),
        type(error).__name__,
        _said(error),
        line=_written(error),
        names=_names,
        where=message("line {number}: `{line}`", number=number or 0, line=line) if line else None,
    )


def _said(error: BaseException) -> str:
    # A syntax error's text ends with IPython's name for the cell, which means nothing to a learner.
    return str(error.msg if type(error) is SyntaxError else error)


def _line_of(error: BaseException, source: str) -> int | None:
    """Return the line of the cell that was running, from 1."""
    number = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if _is_cell(trace.tb_frame.f_code.co_filename):
            number = trace.tb_lineno
            break
        trace = trace.tb_next
    return None if number is None else number + empty_lines(source)


def _written(error: BaseException) -> str:
    """Return the innermost line of the learner's own code that an error came through."""
    line, trace = "", error.__traceback__
    while trace is not None:
        if _is_cell(trace.tb_frame.f_code.co_filename):
            line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return line


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith("<ipython-input")
