"""Keeps releases that were built, so that what has not changed since is not built again.

A release is kept by the fingerprint of all that it is built from and by (`release_fingerprint`), in the
user's cache folder (`XDG_CACHE_HOME` on Linux). It is a cache and nothing more: it can be deleted at any
time, and `autograder release --check` and `autograder lint` do not read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from autograder.course import Assignment, Course
from autograder.course.fingerprint import release_fingerprint
from autograder.feedback.files import written_whole
from autograder.regular import read_bytes

KEPT = 60
"""How many releases are kept: those of ten assignments for the last six changes of the package."""


def folder() -> Path:
    """Return the folder that releases are kept in."""
    return Path(user_cache_path("beyond-sequential")) / "releases"


def kept_release(course: Course, assignment: Assignment) -> dict[Path, str] | None:
    """Return the files of an assignment's release; None if it was not built from exactly this before."""
    return _read(course, _place(course, assignment))


def _read(course: Course, path: Path) -> dict[Path, str] | None:
    try:
        written = json.loads(read_bytes(path))
        files = {course.root / name: str(text) for name, text in written["files"].items()}
        path.touch()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return files


def built_release(course: Course, assignment: Assignment) -> dict[Path, str]:
    """Return the files of an assignment's release; if they are not kept already, build and keep them.

    Raises:
        CourseError: the source notebook is not in order, or its solution does not run.
    """
    # Determined before building: a source that is saved meanwhile belongs to another release.
    place = _place(course, assignment)
    kept = _read(course, place)
    if kept is not None:
        return kept
    # Notebooks take a second to import, so only a release that is built waits for it.
    from autograder.course.release import release_files
    from autograder.release.targets import targets

    files = release_files(course, assignment, targets(course))
    _keep(place, {str(path.relative_to(course.root)): files[path] for path in files})
    return files


def _place(course: Course, assignment: Assignment) -> Path:
    return folder() / f"{release_fingerprint(course, assignment)}.json"


def _keep(path: Path, files: Mapping[str, str]) -> None:
    """Keep a release; a folder that cannot be written to prevents nobody from releasing."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            json.dump({"files": files}, file, ensure_ascii=False)
        by_age = sorted(path.parent.glob("*.json"), key=lambda kept: kept.stat().st_mtime, reverse=True)
        for old in by_age[KEPT:]:
            old.unlink(missing_ok=True)
