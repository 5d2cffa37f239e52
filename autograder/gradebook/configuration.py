"""Tells nbgrader about the course: its folders, its ids, and which of nbgrader's steps are ours.

`nbgrader_config.py` beside `course.yml` calls `configure`. Classes are named by dotted strings: nbgrader
takes seconds to import, and Formgrader cannot show classes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, load_course
from autograder.messages import Language, render, wished_language

GRADEBOOK_VARIABLE = "AUTOGRADER_GRADEBOOK"
LANGUAGE_VARIABLE = "AUTOGRADER_LANG"

OURS = "autograder.gradebook"
STOCK = "nbgrader.preprocessors"


def configure(config: Any, file: str) -> None:
    """Fill nbgrader's `config` for the course whose `course.yml` is in the same folder as `file`.

    Raises:
        SystemExit: the course is not in order; nbgrader would go on with its own steps, without a jail.

    >>> from traitlets.config import Config
    >>> from autograder.gradebook import configure
    >>> config = Config()
    >>> configure(config, "nbgrader_config.py")
    >>> config.CourseDirectory.course_id
    'u-shaped-en'
    """
    path = Path(file).resolve().parent / "course.yml"
    _mend_nbgrader()
    try:
        course = load_course(path)
    except CourseError as error:
        for said in error.messages:
            print(f"autograder: {render(said, wished_language())}", file=sys.stderr)
        raise SystemExit(2) from None
    configure_folders(config, course)
    configure_steps(config)
    configure_exchange(config)
    configure_platforms(config)


def _mend_nbgrader() -> None:
    """Change what no setting of nbgrader reaches; whatever reads the configuration has imported nbgrader."""
    from autograder.gradebook.engine import wait_for_other_writers
    from autograder.gradebook.formgrader import say_without_traceback
    from autograder.gradebook.timestamps import understand_timestamps

    understand_timestamps()
    wait_for_other_writers()
    say_without_traceback()


def configure_folders(config: Any, course: Course) -> None:
    """Set where the course is, what it is called and where its grades go."""
    config.InCourse.course_file = str(course.file)
    language = release_language(course)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = course_id(course, language)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = f"assignments/{language}"
    config.CourseDirectory.db_url = gradebook_url(course, course.root)
    # assignments/ comes with the course and is never edited: generating it anew puts it into the gradebook.
    config.GenerateAssignment.force = True


def configure_steps(config: Any) -> None:
    """Set which of nbgrader's steps are ours; for another course's assignment each does as nbgrader's own."""
    config.GenerateAssignment.preprocessors = [
        f"{OURS}.release.Release",
        f"{STOCK}.IncludeHeaderFooter",
        f"{STOCK}.InstantiateTests",
        f"{STOCK}.LockCells",
        f"{OURS}.release.ClearSolutions",
        f"{STOCK}.ClearOutput",
        f"{STOCK}.CheckCellMetadata",
        f"{STOCK}.ComputeChecksums",
        f"{STOCK}.SaveCells",
        f"{STOCK}.ClearHiddenTests",
        f"{STOCK}.ClearMarkScheme",
        f"{STOCK}.ComputeChecksums",
        f"{STOCK}.CheckCellMetadata",
    ]
    config.Autograde.exporter_class = f"{OURS}.submissions.SubmissionExporter"
    config.Autograde.pre_convert_hook = f"{OURS}.submissions.recognise_renamed"
    config.Autograde.autograde_preprocessors = [
        f"{OURS}.execute.SandboxExecute",
        f"{STOCK}.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        f"{STOCK}.LimitOutput",
        f"{OURS}.execute.SaveScores",
        f"{STOCK}.AssignLatePenalties",
        f"{STOCK}.CheckCellMetadata",
    ]
    config.AssignLatePenalties.plugin_class = f"{OURS}.late.CourseLatePolicy"
    config.GenerateFeedback.exporter_class = f"{OURS}.pages.FeedbackExporter"
    config.HTMLExporter.preprocessors = [f"{OURS}.safety.SafeOutputs", f"{OURS}.by_hand.ScoresByHand"]
    config.HTMLExporter.filters = {
        "markdown2html": f"{OURS}.safety.markdown2html",
        "strip_files_prefix": f"{OURS}.safety.unchanged",
    }


def configure_exchange(config: Any) -> None:
    """Set how submissions come from nbgrader's exchange, and how feedback gets there."""
    config.ExchangeFactory.collect = f"{OURS}.exchange.Collect"
    config.ExchangeFactory.release_feedback = f"{OURS}.exchange.ReleaseFeedback"


def configure_platforms(config: Any) -> None:
    """Set how submissions come from learning platforms.

    Grades go there with `nbgrader export --exporter=…`.
    """
    config.ZipCollectApp.collector_plugin = f"{OURS}.collect.LmsCollector"
    config.ZipCollectApp.extractor_plugin = f"{OURS}.collect.LmsExtractor"


def release_language(course: Course) -> Language:
    """Return the language that is released: that of `AUTOGRADER_LANG`, else the course's first."""
    wished = os.environ.get(LANGUAGE_VARIABLE)
    return next((language for language in course.languages if language == wished), course.languages[0])


def course_id(course: Course, language: Language) -> str:
    """Return nbgrader's course id, one for each language, since the exchange's paths name no language."""
    return f"{course.id}-{language}"


def gradebook_url(course: Course, folder: Path) -> str:
    """Return the gradebook's URL: `AUTOGRADER_GRADEBOOK`'s, `course.yml`'s, or a SQLite file in `folder`."""
    named = os.environ.get(GRADEBOOK_VARIABLE) or course.gradebook
    return named or f"sqlite:///{folder.resolve() / 'gradebook.db'}"
