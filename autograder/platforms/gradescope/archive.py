"""Makes the zip that Gradescope takes: how its container is set up, what runs there, and what that needs."""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import PurePosixPath

from autograder.course import Assignment, Course
from autograder.grading import GradingError, load_graders
from autograder.messages import message
from autograder.platforms import engine
from autograder.platforms.course_part import course_part
from autograder.platforms.gradescope.settings import (
    LEAST_MEMORY,
    MARGIN_SECONDS,
    NAME,
    Settings,
)

COURSE = PurePosixPath("course")
_RUNS = 2
"""How often a notebook is run at most: once more where a slip was carried on (`grading.carried`)."""
_SHARE = 0.5
"""The fraction of a processor that Gradescope gives an autograder, unless its settings say more."""
_STARTING_SECONDS = 120.0
"""More than importing Keras, running the reference solution and drawing take on such a processor."""


def gradescope_zip(course: Course, assignment: Assignment, settings: Settings) -> bytes:
    """Return the zip of an assignment's autograder; the same bytes each time.

    Raises:
        CourseError: what it needs of the course cannot be read.
        GradingError: the graders are wrong, or grading may take longer than Gradescope allows.

    >>> import io, zipfile
    >>> from autograder.course import load_course
    >>> from autograder.platforms.gradescope.archive import gradescope_zip
    >>> from autograder.platforms.gradescope.settings import Settings
    >>> course = load_course("course.yml")
    >>> made = gradescope_zip(course, course.assignment("u-net"), Settings(assignment="u-net"))
    >>> [name for name in zipfile.ZipFile(io.BytesIO(made)).namelist() if "/" not in name]
    ['setup.sh', 'run_autograder', 'requirements.txt', 'beyond_sequential_engine-...-py3-none-any.whl',
    'settings.json']
    """
    _check_time(course, settings)
    # Loading the graders here keeps a faulty one from first failing on a student's submission.
    load_graders(course, [assignment])
    tasks = {
        task.id: other.title
        for other in course.assignments
        if other.id != assignment.id
        for task in other.tasks
    }
    settings = settings.model_copy(update={"tasks": tasks})
    contents = {
        "setup.sh": (_template("setup.sh"), True),
        "run_autograder": (_template("run_autograder"), True),
        "requirements.txt": (engine.requirements().encode(), False),
        engine.WHEEL: (engine.wheel(), False),
        NAME: (settings.model_dump_json(indent=1).encode(), False),
    }
    for name, content in course_part(course, assignment).items():
        contents[str(COURSE / name)] = (content, False)
    return engine.zipped(contents)


def _check_time(course: Course, settings: Settings) -> None:
    """Make sure that our limits end before Gradescope's, which would give no points and show nothing.

    Raises:
        GradingError: they do not.
    """
    limits = course.limits
    needed = _STARTING_SECONDS + _RUNS * limits.notebook_seconds + limits.judging_seconds / _SHARE
    if needed > settings.seconds:
        raise GradingError(
            message(
                "Grading one submission may take {needed} minutes by the `limits` in course.yml, and "
                "Gradescope ends it after {minutes}: choose a longer timeout in the assignment's settings "
                "there and here (`--timeout`, 40 at most), or a lower `notebook_seconds`.",
                needed=math.ceil((needed + MARGIN_SECONDS) / 60),
                minutes=settings.minutes,
            )
        )


def _template(name: str) -> bytes:
    text = files("autograder.platforms.gradescope").joinpath("templates", name).read_text(encoding="utf-8")
    return text.replace("{{ memory }}", str(LEAST_MEMORY // 1024**2)).encode()
