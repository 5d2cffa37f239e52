"""Selects the part of a course's folder that grading one assignment needs, and nothing else of it."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from autograder.course import Assignment, Course, CourseError
from autograder.course.load import NAME, plain_course
from autograder.messages import message
from autograder.regular import read_bytes

# What grading needs of `course.yml`: no gradebook's address, which may hold a password, and no students.
_KEPT = ("version", "id", "title", "languages", "isolation", "limits", "wheel", "graders")


def course_part(course: Course, assignment: Assignment) -> dict[str, bytes]:
    """Return the files that grading the assignment needs, by their names in the course's folder.

    Raises:
        CourseError: one of them cannot be read.
    """
    paths = [course.source(assignment), course.public_grader(assignment), course.hidden_grader(assignment)]
    catalogues = [course.catalogue(language) for language in course.languages]
    paths += [path for path in catalogues if path.is_file()]
    files = {NAME: _registry(course, assignment)}
    for path in paths:
        if not path.exists() and path != course.source(assignment):
            # An assignment may have only public checks, or only hidden ones; `lint` says more about it.
            continue
        files[_name(course, path)] = _read(path)
    return files


def _registry(course: Course, assignment: Assignment) -> bytes:
    """Return `course.yml` with one assignment, which presupposes none."""
    written: dict[str, Any] = plain_course(course.file)
    kept = {key: written[key] for key in _KEPT if key in written}
    (entry,) = (one for one in written["assignments"] if one["id"] == assignment.id)
    kept["assignments"] = [{key: value for key, value in entry.items() if key != "presupposes"}]
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    file = io.BytesIO()
    yaml.dump(kept, file)
    return file.getvalue()


def _name(course: Course, path: Path) -> str:
    try:
        # `graders` may be in a folder beside the course's; a link within the course's own does not matter.
        return Path(os.path.normpath(path)).relative_to(course.root).as_posix()
    except ValueError:
        raise CourseError(
            message(
                "{file} lies outside the course's folder, and an export takes nothing from there: put it "
                "into {folder}.",
                file=str(path),
                folder=str(course.root),
            )
        ) from None


def _read(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except OSError as error:
        raise CourseError(
            message("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from None
