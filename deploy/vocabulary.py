"""Writes the tables of docs/vocabulary.md: what a grader is written with, from the docstrings.

    python deploy/vocabulary.py

Each table stands between two comments, `<!-- NAME: begin -->` and `<!-- NAME: end -->`. On the site, the same
names follow once more with their whole docstrings and examples (`deploy/site/conf.py`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.checks import Model, Subject, expect, plain_value, subject_of, task
from autograder.checks.expectations import Expectation
from autograder.checks.expectations.compiling import CompileExpectations
from autograder.checks.expectations.graphs import GraphExpectations
from autograder.checks.expectations.numbers import NumberExpectations
from autograder.checks.expectations.plots import PlotExpectations
from autograder.checks.expectations.tables import TableExpectations
from autograder.checks.expectations.values import ValueExpectations
from autograder.messages import message

PAGE = Path(__file__).parents[1] / "docs" / "vocabulary.md"


@dataclass(frozen=True)
class Entry:
    """A name of the vocabulary: as graders write it, where it is defined, and what it names."""

    written: str
    path: str
    thing: Any

    @property
    def arguments(self) -> str:
        """Its arguments and their defaults, without their types; empty for what is not called."""
        if not inspect.isfunction(self.thing):
            return ""
        parameters = inspect.signature(self.thing).parameters.values()
        bare = [one.replace(annotation=one.empty) for one in parameters if one.name != "self"]
        return str(inspect.Signature(bare))[1:-1]

    @property
    def summary(self) -> str:
        """The first paragraph of its docstring, in one line."""
        return " ".join(inspect.cleandoc(self.thing.__doc__).split("\n\n")[0].split())


def _function(function: Callable[..., Any], home: str) -> Entry:
    return Entry(function.__name__, f"{home}.{function.__name__}", function)


def _expectations(kind: type[Expectation]) -> tuple[Entry, ...]:
    """Return the expectations that a class adds: its public methods that return nothing, and may fail."""
    return tuple(
        Entry(name, f"{kind.__module__}.{kind.__name__}.{name}", method)
        for name, method in vars(kind).items()
        if not name.startswith("_")
        and inspect.isfunction(method)
        and inspect.signature(method).return_annotation == "None"
    )


def _members(kind: type, *names: str) -> tuple[Entry, ...]:
    path, subject = f"autograder.checks.{kind.__name__}", kind.__name__.lower()
    return tuple(Entry(f"{subject}.{name}", f"{path}.{name}", _of(kind, name)) for name in names)


def _of(kind: type, name: str) -> Any:
    """Return a method of a class, or the function behind a property."""
    found = vars(kind)[name]
    return found if inspect.isfunction(found) else getattr(found, "fget", None) or found.func


SECTIONS: Mapping[str, tuple[Entry, ...]] = {
    "checks": (
        *(_function(one, "autograder.checks") for one in (task, expect, plain_value, subject_of)),
        _function(message, "autograder.messages"),
    ),
    "subject": (*_members(Subject, "model", "graphs", "alone", "target"), *_members(Model, "where")),
    "models": _expectations(GraphExpectations),
    "compile": _expectations(CompileExpectations),
    "values": _expectations(ValueExpectations),
    "numbers": _expectations(NumberExpectations),
    "tables": _expectations(TableExpectations),
    "plots": _expectations(PlotExpectations),
}
"""The names of each table of the page."""


def table(entries: tuple[Entry, ...], linked: Callable[[Entry], str] = lambda one: f"`{one.written}`") -> str:
    """Return a table with a row for each name: its arguments, and what it does.

    Args:
        entries: the names.
        linked: writes a name, where it is to lead to something.
    """
    called = any(one.arguments for one in entries)
    rows = [
        f"| {linked(one)} |{(f' `{one.arguments}` |' if one.arguments else ' |') if called else ''} "
        f"{one.summary.replace('|', chr(92) + '|')} |"
        for one in entries
    ]
    head = (
        ["| name | arguments | what it does |", "|---|---|---|"]
        if called
        else ["| name | what it is |", "|---|---|"]
    )
    return "\n".join([*head, *rows, ""])


def with_tables(page: str, linked: Callable[[Entry], str] = lambda one: f"`{one.written}`") -> str:
    """Return the page with the tables that the docstrings make."""
    for name, entries in SECTIONS.items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, _, rest = page.partition(begin)
        page = before + begin + table(entries, linked) + end + rest.partition(end)[2]
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
