"""Keeps reports on disk: `reports/<student>/<assignment>.json`, written whole or not at all."""

from __future__ import annotations

import errno
import importlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from autograder.feedback.report import Report
from autograder.messages import AutograderError, message
from autograder.regular import read_bytes

_OWN_TROUBLES = frozenset(
    {
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ENOTEMPTY,
        errno.EEXIST,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.EILSEQ,
        errno.EINVAL,
        errno.EACCES,
        errno.EPERM,
        errno.EFBIG,
    }
)

# Windows, where learners only check their notebooks, has no such module; nothing is swept there.
fcntl: Any = None
with suppress(ImportError):
    fcntl = importlib.import_module("fcntl")


REPORT_BYTES = 256 * 1024**2
"""How large a report's file may be: it holds pictures' graphs, and no more than a grader writes."""

# Every report's file begins like this; the checksum covers all the rest except the timings.
_CHECKSUM = re.compile(rb'\A(\{\n "schema_version": 1,\n "checksum": ")([0-9a-f]*)(?=",\n)')


_TIMINGS = re.compile(rb'\n "timings": \{(?:\n  .*)*\n \}')


class ReportError(AutograderError):
    """A report that cannot be read or written; `message` says which and what to do."""


class ReportChanged(ReportError):  # noqa: N818 - what has become of a report, not an error of the program
    """A report's file is not as it was written."""


def report_path(output: Path, student: str, assignment: str) -> Path:
    """Return where the report of that submission is under an output folder.

    Raises:
        ValueError: a name is not the name of a file.
    """
    return output.joinpath("reports", file_name(student), f"{file_name(assignment)}.json")


def report_paths(output: Path) -> list[Path]:
    """Return all reports under an output folder, by student and then assignment."""
    return sorted((output / "reports").glob("*/*.json"), key=lambda path: (path.parent.name, path.stem))


def file_name(name: str) -> str:
    """Return `name` itself, if it can be the name of one file in one folder.

    Raises:
        ValueError: it is empty, a relative step, or holds a separator.
    """
    # On Windows a backslash separates folders; elsewhere `DOMAIN\\kim` is a name like any other.
    separators = {os.sep, os.altsep, "/", "\0"}
    if name in ("", ".", "..") or any(character in separators for character in name):
        raise ValueError(f"not a file name: {name!r}")
    return name


def write_report(report: Report, path: Path, *, durable: bool = False) -> None:
    """Write `report` to `path`, over what was there; a reader never meets half of it.

    `durable` waits until the disk has it.

    Raises:
        OSError: the disk is full, the folder is not writable, …; the old report is still there then.
        ReportError: the student's folder is a link, and would lead elsewhere.
    """
    if path.parent.is_symlink():
        raise ReportError(
            message(
                "{folder} is a link, and nothing is written through links. Delete the link.",
                folder=str(path.parent),
            )
        )
    content = f"{report.model_copy(update={'checksum': ''}).model_dump_json(indent=1)}\n".encode()
    with written_whole(path, durable=durable) as file:
        file.write(_with_checksum(content, _checksum(content)).decode())


def _with_checksum(content: bytes, checksum: str) -> bytes:
    return _CHECKSUM.sub(rb"\g<1>" + checksum.encode(), content)


def _checksum(content: bytes) -> str:
    """Return the digest of a report's file, whatever checksum and timings it contains."""
    lasting = _TIMINGS.sub(b"", _with_checksum(content, ""), count=1)
    return blake2b(lasting, digest_size=16).hexdigest()


def read_report(path: Path, *, whole: bool = False) -> Report:
    """Return the report at `path`.

    `whole` refuses reports without a checksum, which older versions wrote.

    Raises:
        ReportChanged: it has been changed since it was written.
        ReportError: it is not there, or is no report of this version.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from autograder.feedback import Isolation, Report, read_report, report_path, write_report
    >>> report = Report(
    ...     assignment="u-net",
    ...     assignment_title={"en": "U-Net"},
    ...     student="kim",
    ...     notebook="u-net.ipynb",
    ...     digest="",
    ...     outcome="graded",
    ...     score=8,
    ...     max_score=10,
    ...     tasks=[],
    ...     isolation=Isolation(level="full"),
    ... )
    >>> with tempfile.TemporaryDirectory() as output:
    ...     path = report_path(Path(output), report.student, report.assignment)
    ...     write_report(report, path)
    ...     print(read_report(path).score)
    8.0
    """
    try:
        content = read_bytes(path, REPORT_BYTES, follow_links=False)
        report = Report.model_validate_json(content)
        if (report.checksum or whole) and report.checksum != _checksum(content):
            raise ReportChanged(
                message(
                    "The report {path} has been changed since it was written. Delete it and grade again.",
                    path=str(path),
                )
            )
        return report.model_copy(update={"checksum": ""})
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        reason = f"{key}: {first['msg']}" if key else first["msg"]
    raise ReportError(
        message(
            "The report {path} cannot be read ({reason}). Delete it and grade again.",
            path=str(path),
            reason=reason,
        )
    )


def own_trouble(error: OSError) -> bool:
    """Return whether an operation failed because of one file, so that the next file may go well."""
    return error.errno in _OWN_TROUBLES


def sweep(output: Path) -> None:
    """Remove what a killed grader has left half written under an output folder.

    A file that is still being written is locked by its writer, and stays. Where the system has no locks,
    every file does.
    """
    if fcntl is None:
        return
    for path in [*output.glob(".*.tmp"), *output.glob("*/*/.*.tmp")]:
        # Opening a pipe would wait for a writer.
        if not path.is_file() or path.is_symlink():
            continue
        with suppress(OSError), path.open("rb") as file:
            _lock(file, wait=False)
            path.unlink()


@contextmanager
def written_whole(path: Path, *, durable: bool = False, newline: str = "\n") -> Iterator[IO[str]]:
    """Provide a UTF-8 text file that appears at `path` only when the block has ended without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as until_replaced:
        temporary, file = _begun(path.parent, newline)
        until_replaced.enter_context(_kept_from_sweeping(file))
        try:
            with file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            # Only now, since Windows can neither replace an open file nor put one in another's place.
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _begun(folder: Path, newline: str) -> tuple[Path, IO[str]]:
    """Return a new file and its path; the file is locked as long as it is open (see `sweep`)."""
    while True:
        # The name is short: a file system may take the final name, but nothing longer.
        path = folder / f".{secrets.token_hex(8)}.tmp"
        file = path.open("x", encoding="utf-8", newline=newline)
        # Some network file systems lock nothing; nothing is swept there either.
        with suppress(OSError):
            _lock(file, wait=True)
        # Another process may have swept between the two steps.
        if path.exists():
            return path, file
        file.close()


@contextmanager
def alone(path: Path, *, patience: float = 2.0) -> Iterator[None]:
    """Run the block while no other process runs one under that lock file; after `patience` seconds, anyway.

    A process that holds the lock for longer has stopped, and nobody's work waits for that. Where the system
    has no locks, nobody waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        if fcntl is not None:
            # Non-blocking, so as not to wait at a pipe that somebody has put there.
            at_once = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | at_once, 0o600)
            file = held.enter_context(os.fdopen(descriptor, "rb+", buffering=0))
            until = time.monotonic() + patience
            while not _locked(file) and time.monotonic() < until:
                time.sleep(0.01)
        yield


def _locked(file: IO[Any]) -> bool:
    """Return whether a file could be locked, or cannot be locked at all."""
    try:
        _lock(file, wait=False)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def _kept_from_sweeping(file: IO[Any]) -> Iterator[None]:
    """Keep a file locked through this block, although the file itself is closed in it."""
    if fcntl is None:
        yield
        return
    held = os.dup(file.fileno())
    try:
        yield
    finally:
        os.close(held)


def _lock(file: IO[Any], *, wait: bool) -> None:
    """Lock an open file, where the system has locks.

    Raises:
        OSError: it cannot be locked, or is locked and `wait` is not wanted.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
