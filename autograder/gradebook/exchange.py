"""Collects from nbgrader's exchange, where students put what they like, and releases feedback into it.

Feedback goes only to those who handed in by the exchange.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from glob import glob
from pathlib import Path
from typing import IO, Any

from nbgrader.api import Gradebook
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.exchange.default.collect import ExchangeCollect
from nbgrader.utils import notebook_hash

from autograder.gradebook.archives import STUDENT_LIMITS, ArchiveLimits
from autograder.gradebook.stale import FeedbackPage
from autograder.gradebook.timestamps import TimestampError, understood
from autograder.gradebook.traits import InCourse
from autograder.messages import Message, message, render, wished_language
from autograder.regular import read_text

_MOST_SECRET = 4096
"""How many bytes of a submission's secret are read; nbgrader's own has a hundred."""


class Collect(ExchangeCollect):
    """nbgrader's collecting, of regular files only: it follows links, with the instructor's rights."""

    def init_src(self) -> None:
        """Look through the exchange as nbgrader does; a folder whose name says no time stays there."""
        super().init_src()
        records: list[dict[str, Any]] = self.src_records  # type: ignore[has-type]
        self.src_records = [record for record in records if record["username"]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Return whose a folder is and when it was handed in.

        Students name the folders, and one whose name says no time must not stop the others.
        """
        name = os.path.basename(path)
        student, _, rest = name.rpartition(f"+{self.coursedir.assignment_id}+")
        # After the time there may be a random word that nobody can guess.
        for text in (rest, rest.rpartition("+")[0]):
            with suppress(TimestampError):
                return {"username": student, "filename": name, "timestamp": understood(text)}
        said = message("{name} does not say when it was handed in; it was not collected.", name=name)
        self.log.warning("%s", render(said, wished_language()))
        return {"username": "", "filename": name, "timestamp": datetime.min}

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a submission as nbgrader does, but without anything that is no file of the student's own.

        One that cannot be copied is named, and the next one is collected.
        """
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                copied = os.path.join(place, "submission")
                self._warn(src, copy_regular_files(src, copied))
                super().do_copy(copied, dest, log)
        except (OSError, RecursionError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                raise
            said = message(
                "{folder} cannot be collected ({reason}).",
                folder=src,
                reason=(error.strerror if isinstance(error, OSError) else None) or type(error).__name__,
            )
            self.log.error("%s", render(said, wished_language()))

    def _warn(self, source: str, left_out: Iterable[str]) -> None:
        for name in left_out:
            said = message(
                "{name} is a link, not a regular file, or too large; it was not collected.",
                name=os.path.join(source, name),
            )
            self.log.warning("%s", render(said, wished_language()))


class ReleaseFeedback(InCourse, ExchangeReleaseFeedback):
    """nbgrader's releasing of feedback, student by student: what one lacks costs nobody else the page.

    nbgrader ends with a traceback at the first student without `timestamp.txt` or `submission_secret.txt`,
    which those who handed in on a learning platform do not have, and the students after that one get nothing.
    """

    def copy_files(self) -> None:
        """Release each page that shows what the gradebook has, to everybody who handed in by the exchange.

        Raises:
            ExchangeError: some pages show something else; each of them was named.
        """
        folders = sorted({Path(page).parent for page in glob(os.path.join(self.src_path, "*.html"))})
        if not folders:
            said = message(
                "There are no feedback pages of `{assignment}`: run "
                "`nbgrader generate_feedback {assignment}`.",
                assignment=self.coursedir.assignment_id,
            )
            self.log.warning("%s", render(said, wished_language()))
        excluded = self.coursedir.student_id_exclude.split(",")
        stale = 0
        for folder in folders:
            if folder.parent.name in excluded:
                continue
            if (reason := self._stale(folder.parent.name)) is not None:
                self.log.error("%s", render(reason, wished_language()))
                stale += 1
            elif (reason := self._released(folder)) is not None:
                self.log.warning("%s", render(reason, wished_language()))
        if stale:
            raise ExchangeError(f"{stale} feedback pages were not released; the log says which, and why.")

    def _stale(self, student: str) -> Message | None:
        """Return why a student's page must not be given out; None where it may, or is not of the course."""
        assignment = self.coursedir.assignment_id
        if self.course_assignment(assignment) is None:
            return None
        page = FeedbackPage.of(self.coursedir, student, assignment)
        with Gradebook(self.coursedir.db_url) as gradebook:
            if not page.is_stale(gradebook.db):
                return None
        if not page.notebook.is_file():
            return message(
                "{student}: the feedback page shows an earlier grading, and there is no newer one. Run "
                "`nbgrader autograde {assignment}`, then `nbgrader generate_feedback {assignment}`, "
                "and release again.",
                student=student,
                assignment=assignment,
            )
        return message(
            "{student}: the feedback page shows something else than the gradebook has now. Run "
            "`nbgrader generate_feedback {assignment}`, and release again.",
            student=student,
            assignment=assignment,
        )

    def _released(self, folder: Path) -> Message | None:
        """Put a student's pages into the exchange; return why that cannot be done, where it cannot."""
        pages = sorted(folder.glob("*.html"))
        secret = _secret(folder)
        if secret is None:
            return message(
                "{student}: handed in elsewhere than through the exchange, so nothing is released there. "
                "Return {page} the way the submission came.",
                student=folder.parent.name,
                page=os.path.relpath(pages[0], self.coursedir.root),
            )
        for page in pages:
            # nbgrader's own name for it, by which only its student can find it.
            name = notebook_hash(secret=secret, notebook_id=page.stem)
            copied = Path(self.dest_path, f"{name}-tmp.html")
            shutil.copy(page, copied)
            copied.replace(copied.with_name(f"{name}.html"))
        self.log.info("Feedback released: %s", folder)
        return None


def _secret(folder: Path) -> str | None:
    """Return what only the exchange and a student know of a submission; None where it came another way."""
    try:
        return read_text(folder / "submission_secret.txt", _MOST_SECRET) or None
    except (OSError, UnicodeDecodeError):
        return None


def copy_regular_files(source: str, target: str, limits: ArchiveLimits = STUDENT_LIMITS) -> list[str]:
    """Copy a folder's regular files to a new folder; return the paths of what was left out, from `source`.

    What is a link while it is looked at is not followed, even if somebody exchanges it meanwhile. Nothing is
    copied beyond what `limits` allow.

    Raises:
        OSError: a file cannot be read or written.
    """
    left_out: list[str] = []
    room = _Room(limits.files, limits.size)
    os.mkdir(target, 0o755)
    if not stat.S_ISDIR(os.lstat(source).st_mode):
        return ["."]
    for folder, folders, files, here in os.fwalk(source, follow_symlinks=False):
        inner = os.path.relpath(folder, source)
        for name in list(folders):
            if stat.S_ISDIR(os.lstat(name, dir_fd=here).st_mode):
                os.mkdir(os.path.join(target, inner, name), 0o755)
            else:
                folders.remove(name)
                left_out.append(os.path.normpath(os.path.join(inner, name)))
        for name in files:
            if not _copy(name, here, os.path.join(target, inner, name), room):
                left_out.append(os.path.normpath(os.path.join(inner, name)))
    return sorted(left_out)


@dataclass
class _Room:
    """How many files, and how many bytes of them, may still be copied."""

    files: int
    size: int

    def take(self, size: int) -> bool:
        """Return whether there is room for a file of that size, and take the room if there is."""
        if self.files < 1 or size > self.size:
            return False
        self.files -= 1
        self.size -= size
        return True


def _copy(name: str, folder: int, target: str, room: _Room) -> bool:
    """Copy a file with its mode and times; return False for one that is not regular or has no room."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        if stat.S_ISREG(os.lstat(name, dir_fd=folder).st_mode):
            raise
        return False
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or not room.take(state.st_size):
            return False
        with open(target, "xb") as copy:
            # Copy no more than it held when it was looked at: somebody may be writing to it.
            _copy_bytes(file, copy, state.st_size)
            os.fchmod(copy.fileno(), stat.S_IMODE(state.st_mode) & 0o777)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
    return True


def _copy_bytes(file: IO[bytes], copy: IO[bytes], count: int) -> None:
    while count > 0 and (part := file.read(min(count, 1024**2))):
        copy.write(part)
        count -= len(part)
