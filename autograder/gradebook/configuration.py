"""What nbgrader is told about the course: folders, ids, and which of its steps are ours.

`nbgrader_config.py` beside `course.yml` hands over to `configure`. Everything that is named here is named by
a dotted string, since nbgrader's own classes take seconds to import and classes cannot be shown in
Formgrader.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, load_course
from autograder.messages import Language, render, wished_language

GRADEBOOK_VARIABLE = "AUTOGRADER_GRADEBOOK"
LANGUAGE_VARIABLE = "AUTOGRADER_LANG"


def configure(config: Any, file: str) -> None:
    """Fill nbgrader's `config` for the course whose `course.yml` lies beside `file`.

    Raises:
        SystemExit: the course is not in order; nbgrader would go on with its own steps, without a jail.
    """
    path = Path(file).resolve().parent / "course.yml"
    try:
        course = _course(path, path.stat().st_mtime_ns if path.is_file() else 0)
    except CourseError as error:
        for said in error.messages:
            print(f"autograder: {render(said, wished_language())}", file=sys.stderr)
        raise SystemExit(2) from None
    configure_folders(config, course)
    configure_platforms(config, course)


def configure_folders(config: Any, course: Course) -> None:
    """Where the course lies, what it is called and where its grades go."""
    language = release_language(course)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = course_id(course, language)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = f"assignments/{language}"
    config.CourseDirectory.db_url = gradebook_url(course, course.root)


def configure_platforms(config: Any, course: Course) -> None:
    """How submissions come from learning platforms; grades go there by `nbgrader export --exporter=…`."""
    config.InCourse.course_file = str(course.root / "course.yml")
    config.ZipCollectApp.collector_plugin = "autograder.gradebook.collect.LmsCollector"
    config.ZipCollectApp.extractor_plugin = "autograder.gradebook.collect.LmsExtractor"


def release_language(course: Course) -> Language:
    """The language that is released: `AUTOGRADER_LANG`'s, else the course's first."""
    wished = os.environ.get(LANGUAGE_VARIABLE)
    return next((language for language in course.languages if language == wished), course.languages[0])


def course_id(course: Course, language: Language) -> str:
    """nbgrader's course id: the exchange's paths have no language in them, so each language has its own."""
    return f"{course.id}-{language}"


def gradebook_url(course: Course, folder: Path) -> str:
    """The gradebook's URL: `AUTOGRADER_GRADEBOOK`, else `course.yml`'s, else a SQLite file in `folder`."""
    named = os.environ.get(GRADEBOOK_VARIABLE) or course.gradebook
    return named or f"sqlite:///{folder.resolve() / 'gradebook.db'}"


@lru_cache(maxsize=8)
def _course(path: Path, _changed: int) -> Course:
    """The course, read once; nbgrader loads its configuration several times in one process."""
    return load_course(path)
