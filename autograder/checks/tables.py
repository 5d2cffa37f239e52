"""Holds a table as checks compare it, however it was handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.checks.values import is_near, plain_column, plain_value
from autograder.evidence import Value


@dataclass(frozen=True)
class Table:
    """Named columns, each as far as evidence tells it, and the number of rows.

    `numbers` are the original numbers of the rows, where the rows have been sorted.
    """

    columns: Mapping[str, Sequence[Any]]
    rows: int
    numbers: Sequence[int] = ()

    def row(self, number: int) -> dict[str, Any]:
        """Return a row by its columns."""
        return {name: column[number] for name, column in self.columns.items()}

    def told(self) -> int:
        """Return how many rows the evidence tells."""
        return min((len(column) for column in self.columns.values()), default=0)

    def sorted_as(self, names: Sequence[str]) -> Table:
        """Return a table of those columns alone, its rows in an order that depends only on what they hold.

        Texts and whole numbers decide before other numbers, which may be off by rounding.
        """
        first = sorted(names, key=lambda name: any(isinstance(cell, float) for cell in self.columns[name]))
        order = sorted(
            range(self.told()), key=lambda row: [_sort_key(self.columns[name][row]) for name in first]
        )
        columns = {name: [self.columns[name][row] for row in order] for name in names}
        return Table(columns, self.rows, order)


def table_of(value: Value) -> Table | None:
    """Return a value as a table; None where it is none.

    A data frame and a structured array are tables, and so are a dict of columns of the same length and a list
    of dicts with the same keys.
    """
    if value["kind"] == "table":
        columns = {column["name"]: plain_column(column["values"]) for column in value["columns"]}
        return Table(columns, value["rows"])
    if value["kind"] == "dict":
        entries = [item for _, item in value["items"]]
        lengths = {_length(item) for item in entries}
        if len(lengths) != 1 or None in lengths:
            return None
        names = [_name(key) for key, _ in value["items"]]
        return Table(dict(zip(names, map(plain_column, entries), strict=True)), lengths.pop() or 0)
    if value["kind"] == "list":
        return plain_table(plain_value(value))
    return None


def plain_table(wanted: Any) -> Table | None:
    """Return the table that a check gives as a dict of columns or a list of dicts; None for anything else."""
    if isinstance(wanted, Mapping):
        columns = {str(name): list(column) for name, column in wanted.items()}
        lengths = {len(column) for column in columns.values()}
        return Table(columns, lengths.pop()) if len(lengths) == 1 else None
    if not isinstance(wanted, Sequence) or isinstance(wanted, str) or not wanted:
        return None
    if not all(isinstance(row, Mapping) and row and row.keys() == wanted[0].keys() for row in wanted):
        return None
    return Table({str(name): [row[name] for row in wanted] for name in wanted[0]}, len(wanted))


def is_missing(cell: Any) -> bool:
    """Return whether a cell is empty: None or NaN, which pandas treats alike."""
    return cell is None or (isinstance(cell, float) and cell != cell)


def same_cell(found: Any, wanted: Any, tolerance: float | None) -> bool:
    """Return whether a cell holds what it should; spaces around a text do not count."""
    if is_missing(found) or is_missing(wanted):
        return is_missing(found) and is_missing(wanted)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        return is_near(found, wanted, tolerance)
    if isinstance(found, str) and isinstance(wanted, str):
        return found.strip() == wanted.strip()
    return bool(found == wanted)


def kind_of_column(column: Sequence[Any]) -> str:
    """Return what most cells of a column are: `number`, `bool`, `text` or something else."""
    kinds = Counter(_kind(cell) for cell in column if not is_missing(cell))
    return kinds.most_common(1)[0][0] if kinds else "nothing"


def _kind(cell: Any) -> str:
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, (int, float)):
        return "number"
    return "text" if isinstance(cell, str) else "other"


def _length(value: Value) -> int | None:
    """Return how many rows a column has; None for what is no column."""
    if value["kind"] == "list":
        return len(value["items"])
    return value["shape"][0] if value["kind"] == "array" and len(value["shape"]) == 1 else None


def _name(key: Value) -> str:
    return str(plain_value(key))


def _sort_key(cell: Any) -> tuple[int, float, str]:
    if is_missing(cell):
        return (0, 0.0, "")
    if isinstance(cell, (bool, int, float)):
        return (1, float(f"{float(cell):.6g}"), "")
    return (2, 0.0, str(cell).strip())
