"""`nbgrader zip_collect` for what is downloaded from Canvas, Moodle and Blackboard."""

from __future__ import annotations

import os
import shutil
from functools import cached_property
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import List, Unicode

from autograder.course import CourseError
from autograder.gradebook.archives import (
    SUFFIXES,
    ArchiveError,
    ArchiveLimits,
    notebook_name,
    stem_of,
    unpack_tree,
    unused,
)
from autograder.gradebook.collecting import Plan, plan_collection
from autograder.gradebook.traits import CoursePlugin


class LmsExtractor(CoursePlugin, ExtractorPlugin):
    """Copies what was downloaded and unpacks archives, each only if it is safe; others are said and kept."""

    zip_ext = List(
        Unicode(), list(SUFFIXES), help="The suffixes of archives; what has another one is copied."
    ).tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Fill the extracted folder from the archive folder."""
        for place, folders, names in os.walk(archive_path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            into = Path(extracted_path, os.path.relpath(place, archive_path))
            for name in sorted(names):
                path = Path(place, name)
                if not name.startswith(".") and path.is_file():
                    into.mkdir(parents=True, exist_ok=True)
                    self._take(path, into)

    def _take(self, path: Path, into: Path) -> None:
        name = notebook_name(path.name)
        stem = stem_of(name, self.zip_ext)
        if stem is not None:
            try:
                self.warn(*unpack_tree(path, unused(into / stem), ArchiveLimits(), self.zip_ext))
                return
            except ArchiveError as error:
                self.warn(error.message)
        shutil.copyfile(path, unused(into / name))


class LmsCollector(CoursePlugin, FileNameCollectorPlugin):
    """Knows whose each downloaded file is by its name, and what it is by its cells.

    With a `named_regexp` of the instructor's it works as nbgrader's own.
    """

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """The student, the name and, if it is known, the time of a file; `None` if it is left where it is."""
        if self.named_regexp:
            matched: dict[str, str] | None = super().collect(submitted_file)
            return matched
        path = Path(submitted_file).relative_to(self._root)
        self.warn(*self._plan.said.get(path, ()))
        collected = self._plan.collected.get(path)
        if collected is None:
            return None
        found = {"student_id": collected.student_id, "file_id": collected.file_id}
        if collected.timestamp is not None:
            found["timestamp"] = collected.timestamp.isoformat(" ")
        return found

    @cached_property
    def _root(self) -> Path:
        return Path(self.parent._format_collect_path(self.parent.extracted_directory))

    @cached_property
    def _plan(self) -> Plan:
        """All files of the folder at once: which of a student's is the newest no name says alone."""
        try:
            wanted = self.course.assignment(self.parent.coursedir.assignment_id)
        except CourseError as error:
            raise self.given_up(*error.messages) from None
        files = [
            path.relative_to(self._root)
            for path in sorted(self._root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        ]
        return plan_collection(self._root, files, self.course, wanted, self.roster)
