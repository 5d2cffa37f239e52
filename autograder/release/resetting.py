"""Puts an assignment's notebook back as it was given out, in place of what has become of it."""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.feedback.files import written_whole
from autograder.messages import Language, message
from autograder.regular import read_bytes


@dataclass(frozen=True)
class Reset:
    """The notebook that was put back, and the copy of what was there; None where it had not changed."""

    notebook: Path
    kept: Path | None


def reset(course: Course, assignment_id: str, language: Language) -> Reset:
    """Put a released notebook back; what was there is kept beside it.

    Raises:
        CourseError: there is no such assignment, or no source notebook to make it from, or it cannot be
            written.
    """
    # Notebooks take a second to import, so only this command waits for it.
    from autograder.course.release import KEPT
    from autograder.release.cache import built_release

    assignment = course.assignment(assignment_id)
    path = course.released(assignment, language)
    text = built_release(course, assignment)[path]
    try:
        kept = None
        if os.path.lexists(path):
            stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
            kept = path.with_name(f"{path.stem}{KEPT}{stamp}.ipynb")
            if not path.is_file():
                # A folder, a pipe or a link that leads nowhere is kept as it is.
                os.rename(path, kept)
            elif (before := read_bytes(path)) == text.encode():
                return Reset(path, None)
            else:
                kept.write_bytes(before)
        with written_whole(path) as file:
            file.write(text)
    except OSError as error:
        raise CourseError(
            message(
                "{file} cannot be written: {reason}.", file=str(path), reason=error.strerror or str(error)
            )
        ) from None
    return Reset(path, kept)
