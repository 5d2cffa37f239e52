"""Holds expectations about a table: its columns, its rows, and what they hold."""

from __future__ import annotations

from typing import Any

from autograder.checks.expectations.base import names_text
from autograder.checks.expectations.numbers import NumberExpectations, near, towards
from autograder.checks.expectations.values import HandedIn
from autograder.checks.tables import Table, kind_of_column, plain_table, same_cell, table_of
from autograder.checks.values import kind_of, shown
from autograder.messages import Message, message, verbatim


class TableExpectations(NumberExpectations):
    """What can be expected of a table that a task hands in, or that its function returns.

    A table is a data frame of pandas, a structured array, a dict of columns, or a list of dicts. The named
    levels of a data frame's index are columns, too.
    """

    def is_close(self, wanted: Any = None, *, tolerance: float | None = None) -> None:
        """Expect the number, array or table to be the wanted one, or the reference's.

        `tolerance` is how far a number may be off.

        >>> from autograder.checks import expect, subject_of
        >>> table = subject_of({"epoch": [1, 2], "loss": [0.9, 0.5]})
        >>> expect(table).is_close({"epoch": [1, 2], "loss": [0.91, 0.5]}, tolerance=0.1)
        """
        reference = self.handed_in()[0].reference
        if plain_table(wanted) is not None or (
            wanted is None and reference is not None and table_of(reference) is not None
        ):
            self.equals_table(wanted, tolerance=tolerance)
        else:
            super().is_close(wanted, tolerance=tolerance)

    def has_columns(self, *names: str, only: bool = False) -> None:
        """Expect the table to have those columns, or the reference's, in any order.

        Args:
            names: the columns.
            only: whether it may have no others.

        >>> from autograder.checks import expect, subject_of
        >>> table = subject_of({"epoch": [1, 2], "loss": [0.9, 0.5]})
        >>> expect(table).has_columns("loss")
        >>> expect(table).has_columns("accuracy")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The table has no column 'accuracy'.
        """
        for one in self.handed_in():
            wanted = names or tuple(self._table_wanted(one, None).columns)
            self._has_columns(one, self._table(one), wanted, only)

    def equals_table(
        self, wanted: Any = None, *, tolerance: float | None = None, any_order: bool = False
    ) -> None:
        """Expect the table to hold what is wanted, or what the reference's holds.

        Of a long table only the first rows are compared, which evidence tells.

        Args:
            wanted: a dict of columns or a list of dicts.
            tolerance: how far a number may be off; rounding alone where it is not given.
            any_order: whether the rows may be in any order.

        >>> from autograder.checks import expect, subject_of
        >>> table = subject_of({"epoch": [1, 2], "loss": [0.9, 0.5]})
        >>> rows = [{"epoch": 2, "loss": 0.5}, {"epoch": 1, "loss": 0.9}]
        >>> expect(table).equals_table(rows, any_order=True)
        >>> expect(table).equals_table(rows)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The table has the right rows, but in another order.
        """
        for one in self.handed_in():
            found, right = self._table(one), self._table_wanted(one, wanted)
            self._has_columns(one, found, tuple(right.columns), True)
            if found.rows != right.rows:
                self.fail(
                    message("The table has the wrong number of rows."),
                    found=message("{count} rows", count=found.rows),
                    wanted=message("{count} rows", count=right.rows),
                    where=one.where,
                )
            names = list(right.columns)
            in_order = Table({name: found.columns[name] for name in names}, found.rows)
            told = found.told() == found.rows
            if any_order and told:
                in_order, right = found.sorted_as(names), right.sorted_as(names)
            elif told and self._differs(in_order, right, tolerance):
                again, sorted_right = found.sorted_as(names), right.sorted_as(names)
                if not self._differs(again, sorted_right, tolerance):
                    self.fail(
                        message("The table has the right rows, but in another order."),
                        found=verbatim(_row_text(in_order, 0)) if one.is_returned else None,
                        wanted=verbatim(_row_text(right, 0)) if one.is_returned else None,
                        where=one.where,
                    )
            self._compare(one, in_order, right, tolerance)

    def _differs(self, found: Table, wanted: Table, tolerance: float | None) -> bool:
        return any(_wrong_rows(found, wanted, name, tolerance) for name in wanted.columns)

    def _compare(self, one: HandedIn, found: Table, wanted: Table, tolerance: float | None) -> None:
        for name in wanted.columns:
            wrong = _wrong_rows(found, wanted, name, tolerance)
            if not wrong:
                continue
            kinds = [kind_of_column(table.columns[name]) for table in (found, wanted)]
            if kinds[0] != kinds[1] and all(kind in _KINDS for kind in kinds):
                self.fail(
                    message("The column {column} has the wrong type.", column=repr(name)),
                    found=_KINDS[kinds[0]],
                    wanted=_KINDS[kinds[1]],
                    where=one.where,
                )
            first = wrong[0]
            number = found.numbers[first] if found.numbers else first
            cell, right = found.columns[name][first], wanted.columns[name][first]
            rationale = (
                message(
                    "The column {column} is wrong in row {row}, counted from 0.",
                    column=repr(name),
                    row=number,
                )
                if len(wrong) == 1
                else message(
                    "The column {column} is wrong in {count} of {total} rows; the first is row {row}, "
                    "counted from 0.",
                    column=repr(name),
                    count=len(wrong),
                    total=found.told(),
                    row=number,
                )
            )
            row = message("row {row}: {cells}", row=number, cells=_row_text(found, first))
            where = row if one.where is None else message("{place}, {when}", place=row, when=one.where)
            self.fail(
                rationale,
                found=verbatim(shown(cell)),
                wanted=_other(one, cell, right, tolerance),
                where=where,
            )

    def _has_columns(self, one: HandedIn, found: Table, wanted: tuple[str, ...], only: bool) -> None:
        missing = [name for name in wanted if name not in found.columns]
        extra = [name for name in found.columns if name not in wanted]
        if not missing and not (only and extra):
            return
        alike = [name for name in extra if _spelling(name) in map(_spelling, missing)]
        if missing and alike:
            rationale = message(
                "The table has no column {missing}; {alike} is spelt differently.",
                missing=names_text(missing),
                alike=names_text(alike),
            )
        elif missing:
            rationale = message("The table has no column {missing}.", missing=names_text(missing))
        else:
            rationale = message("The table should not have the column {extra}.", extra=names_text(extra))
        self.fail(
            rationale, found=names_text(list(found.columns)), wanted=names_text(wanted), where=one.where
        )

    def _table(self, one: HandedIn) -> Table:
        found = table_of(one.value)
        if found is None:
            self.fail(
                message("This task needs a table."),
                found=kind_of(one.value),
                wanted=message("a data frame, a dict of columns of the same length, or a list of dicts"),
                where=one.where,
                hint=one.none_returned,
                hinted=False,
            )
        return found

    def _table_wanted(self, one: HandedIn, wanted: Any) -> Table:
        if wanted is None:
            assert one.reference is not None, "this expectation needs the reference solution"
        found = (
            plain_table(wanted) if wanted is not None or one.reference is None else table_of(one.reference)
        )
        assert found is not None, "what is wanted is no table"
        return found


_KINDS = {"number": message("numbers"), "bool": message("`True` and `False`"), "text": message("texts")}


def _wrong_rows(found: Table, wanted: Table, name: str, tolerance: float | None) -> list[int]:
    pairs = zip(found.columns[name], wanted.columns[name], strict=False)
    return [row for row, pair in enumerate(pairs) if not same_cell(*pair, tolerance)]


def _row_text(table: Table, row: int) -> str:
    return shown(table.row(row))


def _spelling(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _other(one: HandedIn, cell: Any, right: Any, tolerance: float | None) -> Message | None:
    """Return the right cell where a function should return it, else what sets it apart from the wrong one."""
    are_numbers = all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in (cell, right))
    if one.is_returned:
        return near(right, tolerance) if are_numbers else verbatim(shown(right))
    if are_numbers:
        return towards(cell, right, tolerance)
    if right is None or right != right:
        return message("an empty cell")
    return message("another text") if isinstance(cell, str) and isinstance(right, str) else None
