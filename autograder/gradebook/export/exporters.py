"""Exports grades with `nbgrader export`: as the CSV files that learning platforms import, or a plain one."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin

from autograder.feedback.files import written_whole
from autograder.feedback.grades import BYTE_ORDER_MARK, identity_safe, plain_number, spreadsheet_safe
from autograder.gradebook.export.table import Column, Row, Table, read_table
from autograder.gradebook.roster import Listed
from autograder.gradebook.traits import CoursePlugin
from autograder.messages import message

_NOBODY = Listed(student_id="", line=0)


class Identity(str):
    """What a platform knows somebody by: it compares characters, so nothing may be put before them."""

    __slots__ = ()


class CourseExporter(CoursePlugin, ExportPlugin):
    """An exporter that writes the gradebook as a CSV file, whole or not at all.

    What is not graded is left empty, never 0.

    >>> from autograder.gradebook.export import CourseExporter
    >>> from autograder.gradebook.export.table import Column, Entry, Row, Table
    >>> rows = Row("kim", "Seoyeon", "Kim", "kim@example.org"), Row("lee", "Jun", "Lee")
    >>> graded = {("kim", "u-net"): Entry("graded", raw_score=8)}
    >>> table = Table((Column("u-net", "U-Net", 10),), rows, graded)
    >>> class Surnames(CourseExporter):
    ...     def lines(self, table):
    ...         for row in table.rows:
    ...             yield [row.last_name, *(table.entry(row, one).status for one in table.columns)]
    >>> list(Surnames().lines(table))
    [['Kim', 'graded'], ['Lee', 'missing']]
    """

    default_name = "grades.csv"

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to `--to`, or to the file of the exporter's own name."""
        students = [str(student) for student in self.student]
        assignments = [str(assignment) for assignment in self.assignment]
        table = read_table(gradebook, self.course, self.roster, students, assignments)
        self.warn(*table.notes)
        self.write(table)

    def write(self, table: Table) -> None:
        """Write the table.

        Raises:
            SystemExit: the file cannot be written; the old one is still there then.
        """
        path = Path(self.to or self.default_name)
        try:
            with written_whole(path, newline="") as file:
                # Excel needs the byte order mark for Korean names; Canvas and Moodle skip it.
                file.write(BYTE_ORDER_MARK)
                csv.writer(file).writerows(
                    [
                        identity_safe(field) if isinstance(field, Identity) else spreadsheet_safe(field)
                        for field in fields
                    ]
                    for fields in self.lines(table)
                )
        except OSError as error:
            raise self.given_up(
                message(
                    "{file} cannot be written: {reason}.",
                    file=str(path),
                    reason=error.strerror or type(error).__name__,
                )
            ) from None
        self.log.info("Exported grades to %s", path)

    def lines(self, table: Table) -> Iterable[list[str]]:
        """Yield the lines of the file, the heading first."""
        raise NotImplementedError


class CanvasExporter(CourseExporter):
    """For Canvas: Grades > Import.

    >>> from autograder.gradebook.export import CanvasExporter
    >>> from autograder.gradebook.export.table import Column, Entry, Row, Table
    >>> rows = Row("kim", "Seoyeon", "Kim", "kim@example.org"), Row("lee", "Jun", "Lee")
    >>> graded = {("kim", "u-net"): Entry("graded", raw_score=8)}
    >>> table = Table((Column("u-net", "U-Net", 10),), rows, graded)
    >>> for line in CanvasExporter().lines(table):
    ...     print(line)
    ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', 'U-Net']
    ['    Points Possible', '', '', '', '', '10']
    ['Kim, Seoyeon', '', '', '', '', '8']
    ['Lee, Jun', '', '', '', '', '']
    """

    default_name = "canvas-grades.csv"

    def lines(self, table: Table) -> Iterable[list[str]]:
        """Yield Canvas's heading, the points of each assignment, and the students."""
        headings = _headings(table, self.course.platforms.canvas.columns)
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *headings]
        points = [plain_number(column.max_score) for column in table.columns]
        yield ["    Points Possible", "", "", "", "", *points]
        for row in table.rows:
            known = row.listed or _NOBODY
            ids = map(Identity, (known.canvas_id, known.canvas_sis_id, known.canvas_login))
            yield [row.sortable_name, *ids, known.section, *_scores(table, row)]


class MoodleExporter(CourseExporter):
    """For Moodle: Grades > Import > CSV file, mapped by whichever of the columns is filled.

    >>> from autograder.gradebook.export import MoodleExporter
    >>> from autograder.gradebook.export.table import Column, Entry, Row, Table
    >>> rows = Row("kim", "Seoyeon", "Kim", "kim@example.org"), Row("lee", "Jun", "Lee")
    >>> graded = {("kim", "u-net"): Entry("graded", raw_score=8)}
    >>> table = Table((Column("u-net", "U-Net", 10),), rows, graded)
    >>> for line in MoodleExporter().lines(table):
    ...     print(line)
    ['First name', 'Last name', 'Username', 'ID number', 'Email address', 'U-Net']
    ['Seoyeon', 'Kim', '', '', 'kim@example.org', '8']
    ['Jun', 'Lee', '', '', '', '']
    """

    default_name = "moodle-grades.csv"

    def lines(self, table: Table) -> Iterable[list[str]]:
        """Yield what Moodle can know a student by, with a column for each assignment."""
        headings = _headings(table, self.course.platforms.moodle.columns)
        yield ["First name", "Last name", "Username", "ID number", "Email address", *headings]
        for row in table.rows:
            known = row.listed or _NOBODY
            ids = map(Identity, (known.moodle_username, known.moodle_id, row.email))
            yield [row.first_name, row.last_name, *ids, *_scores(table, row)]


class LongExporter(CourseExporter):
    """For scripts: the columns of nbgrader's own export, quoted as it should be, and the status.

    >>> from autograder.gradebook.export import LongExporter
    >>> from autograder.gradebook.export.table import Column, Entry, Row, Table
    >>> rows = Row("kim", "Seoyeon", "Kim", "kim@example.org"), Row("lee", "Jun", "Lee")
    >>> graded = {("kim", "u-net"): Entry("graded", raw_score=8)}
    >>> table = Table((Column("u-net", "U-Net", 10),), rows, graded)
    >>> heading, *lines = LongExporter().lines(table)
    >>> for line in lines:
    ...     print(dict(zip(heading, line))["student_id"], line[-3:])
    kim ['8', '10', 'graded']
    lee ['', '10', 'missing']
    """

    def lines(self, table: Table) -> Iterable[list[str]]:
        """Yield a line for each assignment of each student."""
        yield [
            "assignment",
            "duedate",
            "timestamp",
            "student_id",
            "last_name",
            "first_name",
            "email",
            "raw_score",
            "late_submission_penalty",
            "score",
            "max_score",
            "status",
        ]
        for column in table.columns:
            for row in table.rows:
                entry = table.entry(row, column)
                yield [
                    column.assignment,
                    str(column.due or ""),
                    str(entry.timestamp or ""),
                    Identity(row.student_id),
                    row.last_name,
                    row.first_name,
                    Identity(row.email),
                    _number(entry.raw_score),
                    _number(entry.penalty),
                    _number(entry.score),
                    plain_number(column.max_score),
                    entry.status,
                ]


def _headings(table: Table, written: Mapping[str, str]) -> list[str]:
    """Return each assignment's heading: the platform's or its title, with its id where two are alike."""
    headings = [written.get(column.assignment, column.title) for column in table.columns]
    count = Counter(headings)
    return [
        f"{heading} ({column.assignment})" if _made_up(column, written) and count[heading] > 1 else heading
        for heading, column in zip(headings, table.columns, strict=True)
    ]


def _made_up(column: Column, written: Mapping[str, str]) -> bool:
    return column.assignment not in written


def _scores(table: Table, row: Row) -> list[str]:
    return [_number(table.entry(row, column).score) for column in table.columns]


def _number(value: float | None) -> str:
    return "" if value is None else plain_number(value)
