"""Runs a notebook's cells one after the other, as Jupyter would, and gathers its cards."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.messages import clean, message, render
from autograder.study.actions.finding import Cell
from autograder.study.language import notebook_language

if TYPE_CHECKING:
    from autograder.study.notebook import Card

CELL_SECONDS = 60.0
"""How long a cell may run, where the system can interrupt it."""

NOTEBOOK_SECONDS = 600.0
"""How long all of them may run: less than the workflow's step may take, so that there is something to say."""

_LONGEST = 2_000
"""How many characters of an error are kept."""


@dataclass
class Ran:
    """What running a notebook has left: the tasks' cards, and the errors that cells stopped with."""

    cards: dict[str, Card] = field(default_factory=dict)
    errors: list[tuple[Cell, str]] = field(default_factory=list)


class _TooLong(KeyboardInterrupt):
    """A cell has run for too long: an interrupt, which no `except Exception` of a learner's catches."""


def run_cells(cells: Sequence[Cell]) -> Ran:
    """Run the cells that are code, and return what that has left; one that stops does not stop the rest."""
    os.environ.setdefault("MPLBACKEND", "agg")
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from autograder.study.error_explanations import accompany
    from autograder.study.notebook import Card

    # No history file is written, and what cells print is kept from GitHub: it could be commands to it.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:"}}))
    accompany(shell)
    ran = Ran()
    ends = time.monotonic() + NOTEBOOK_SECONDS
    with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing):
        for cell in cells:
            if not cell.runs:
                continue
            left = ends - time.monotonic()
            if left <= 0:
                said = message(
                    "The notebook took longer than {minutes} minutes; the rest of it did not run.",
                    minutes=round(NOTEBOOK_SECONDS / 60),
                )
                ran.errors.append((cell, render(said, notebook_language())))
                break
            result: Any = None
            # IPython handles what stopped a cell, unless it came between two of IPython's own steps.
            with _at_most(min(CELL_SECONDS, left)), suppress(_TooLong):
                result = shell.run_cell(cell.source, store_history=True)
            error = _TooLong() if result is None else result.error_in_exec or result.error_before_exec
            if isinstance(error, _TooLong):
                said = message("The cell ran longer than {seconds} seconds.", seconds=round(CELL_SECONDS))
                ran.errors.append((cell, render(said, notebook_language())))
            elif error is not None:
                ran.errors.append((cell, clean(f"{type(error).__name__}: {error}", _LONGEST)))
            elif cell.task is not None and isinstance(result.result, Card):
                ran.cards[cell.task] = result.result
    return ran


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Interrupt the block after so many seconds, where the system can."""
    if sys.platform == "win32":
        yield
    else:

        def interrupt(*_: object) -> None:
            raise _TooLong

        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
