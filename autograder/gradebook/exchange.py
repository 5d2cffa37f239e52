"""Collecting from the exchange, where students put what they like: links and devices stay there."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from datetime import datetime
from typing import Any

from nbgrader.exchange.default.collect import ExchangeCollect

from autograder.gradebook.timestamps import TimestampError, understood
from autograder.messages import message, render, wished_language


class Collect(ExchangeCollect):
    """nbgrader's collecting, of regular files only: it follows links, with the instructor's rights."""

    def init_src(self) -> None:
        """Look through the exchange as nbgrader does; a folder whose name says no time stays there."""
        super().init_src()
        records: list[dict[str, Any]] = self.src_records  # type: ignore[has-type]
        self.src_records = [record for record in records if record["username"]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Whose a folder is and when it was handed in; students name them, and one name stops nobody else."""
        name = os.path.basename(path)
        student, _, rest = name.rpartition(f"+{self.coursedir.assignment_id}+")
        # Behind the time there may be a word that nobody can guess.
        for text in (rest, rest.rpartition("+")[0]):
            with suppress(TimestampError):
                return {"username": student, "filename": name, "timestamp": understood(text)}
        said = message("{name} does not say when it was handed in; it was not collected.", name=name)
        self.log.warning("%s", render(said, wished_language()))
        return {"username": "", "filename": name, "timestamp": datetime.min}

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a submission as nbgrader does, without what is no file of the student's own."""
        with tempfile.TemporaryDirectory() as place:
            copied = os.path.join(place, "submission")
            for name in copy_regular_files(src, copied):
                said = message(
                    "{name} is a link or not a regular file; it was not collected.",
                    name=os.path.join(src, name),
                )
                self.log.warning("%s", render(said, wished_language()))
            super().do_copy(copied, dest, log)


def copy_regular_files(source: str, target: str) -> list[str]:
    """Copy a folder's regular files to a new folder; the paths of what was left out, from `source`.

    What is a link while it is looked at is not followed, even where somebody exchanges it meanwhile.

    Raises:
        OSError: a file cannot be read, or not be written.
    """
    left_out: list[str] = []
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
            if not _copy(name, here, os.path.join(target, inner, name)):
                left_out.append(os.path.normpath(os.path.join(inner, name)))
    return sorted(left_out)


def _copy(name: str, folder: int, target: str) -> bool:
    """Copy a file with its mode and times; False where it is not a regular one."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        if stat.S_ISREG(os.lstat(name, dir_fd=folder).st_mode):
            raise
        return False
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            return False
        with open(target, "xb") as copy:
            shutil.copyfileobj(file, copy)
            os.fchmod(copy.fileno(), stat.S_IMODE(state.st_mode) & 0o777)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
    return True
