"""Caches what is known of the files under an output folder, so that they need not be read.

Reading a report takes milliseconds, and writing its page takes more; for a class that has hardly changed,
that would be most of the work. An entry holds as long as its file is the one that it was made from, by size,
time and inode. Where the ledger cannot be read or written there is none, and everything takes as long as it
would without.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from autograder.feedback.summary import Summary

_LOG = logging.getLogger(__name__)
_NAME = "ledger.sqlite3"
# Another run that writes to the same folder is waited for, but not long.
_PATIENCE_SECONDS = 2.0
_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS reports (path TEXT PRIMARY KEY, state TEXT, key TEXT, summary TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (path TEXT PRIMARY KEY, state TEXT, made_of TEXT) WITHOUT ROWID;
"""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Entry:
    """A report's line in the ledger. `key` says what it was graded from and by; it is empty where a report
    is not to be used again. `summary.path` is the report's file.
    """

    key: str
    summary: Summary


class Ledger:
    """The ledger of an output folder, open while its context is entered.

    Nothing may fork meanwhile: a connection to a database belongs to one process.
    """

    def __init__(self, output: Path) -> None:
        self._prefix = os.path.join(output, "")
        self._file = output / "reports" / _NAME
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        for last in (False, True):
            try:
                self._connection = self._opened()
                break
            except (sqlite3.OperationalError, OSError, UnicodeError) as error:
                # The ledger is locked, read-only, or on a full disk.
                _LOG.debug("no ledger: %s", error)
                break
            except sqlite3.DatabaseError as error:
                _LOG.warning("the ledger is made anew: %s", error)
                if last or not self._discarded():
                    break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._tried(self._connection.commit, None)
            self._connection.close()
            self._connection = None

    def summary(self, report: Path, keys: Collection[str] | None = None) -> Summary | None:
        """Return the line of a report file, if it is known and, where `keys` are given, has one of them."""
        found = self._row("SELECT state, key, summary FROM reports WHERE path = ?", report)
        if found is None or found[0] != file_state(report) or (keys is not None and found[1] not in keys):
            return None
        try:
            return replace(_summaries().validate_json(found[2]), path=report)
        except ValidationError:
            return None

    def note(self, entries: Iterable[Entry]) -> None:
        """Note report files as they are now."""
        rows = []
        for entry in entries:
            path = entry.summary.path
            if path is not None and (state := file_state(path)):
                said = _summaries().dump_json(replace(entry.summary, path=None)).decode()
                rows.append((self._name(path), state, entry.key, said))
        self._write("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", rows)

    def page_stands(self, page: Path, made_of: str) -> bool:
        """Return whether there is a page that was made of that."""
        found = self._row("SELECT state, made_of FROM pages WHERE path = ?", page)
        return found is not None and found[1] == made_of and found[0] == file_state(page) != ""

    def note_page(self, page: Path, made_of: str) -> None:
        """Note a page as it is now."""
        self._write(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", [(self._name(page), file_state(page), made_of)]
        )

    def _opened(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(self._file) and not file_state(self._file):
            # SQLite would wait at a pipe, and follow a link.
            raise sqlite3.OperationalError("it is not a regular file")
        connection = sqlite3.connect(self._file, timeout=_PATIENCE_SECONDS)
        try:
            # A cache may lose entries in a power cut: reading the reports restores them.
            connection.execute("PRAGMA synchronous = OFF")
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, _VERSION):
                raise sqlite3.DatabaseError("it is of another version")
            connection.executescript(f"{_TABLES} PRAGMA user_version = {_VERSION};")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _discarded(self) -> bool:
        try:
            self._file.unlink()
        except OSError:
            return False
        return True

    def _name(self, path: Path) -> str:
        # Called for each file of a class; `relative_to` and `os.path.relpath` take longer than all the rest.
        return os.fspath(path).removeprefix(self._prefix)

    def _row(self, query: str, path: Path) -> tuple[str, ...] | None:
        connection = self._connection
        if connection is None:
            return None
        row: tuple[str, ...] | None
        row = self._tried(lambda: connection.execute(query, (self._name(path),)).fetchone(), None)
        return row

    def _write(self, command: str, rows: Sequence[tuple[str, ...]]) -> None:
        connection = self._connection
        if connection is not None and rows:
            self._tried(lambda: connection.executemany(command, rows), None)

    def _tried(self, what: Callable[[], Found], otherwise: Found) -> Found:
        try:
            return what()
        except (sqlite3.Error, UnicodeError) as error:
            # A path may hold bytes that are no text, which SQLite refuses.
            _LOG.debug("the ledger does not answer: %s", error)
            return otherwise


def file_state(path: Path) -> str:
    """Return what identifies a file's state: it changes with every write; empty where there is no such file.

    A link is none: what it leads to was not written here.
    """
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return ""
    if not stat.S_ISREG(found.st_mode):
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


@cache
def _summaries() -> TypeAdapter[Summary]:
    return TypeAdapter(Summary)
