"""Finds the course that a learner's work belongs to: in a clone, beside a released notebook, or anywhere.

The nearest wins: the `course.yml` of the folder or of one above it; else what was given out beside the
notebook; else what the installed package has brought along.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from autograder.course.load import CHECKOUT, NAME, SHARED, course_file, file_state, load_course
from autograder.course.model import Assignment, Course, CourseError
from autograder.course.released import (
    ENDING,
    ReleasedChecks,
    course_of,
    read_released,
    released_checks,
    released_files,
)
from autograder.messages import Language, Message, message


class Place(Protocol):
    """A place where a course was found."""

    @property
    def course(self) -> Course:
        """The course, or as much of it as was given out there."""
        ...

    def checks(self, assignment: Assignment, language: Language, /) -> tuple[ReleasedChecks, Path]:
        """Return what `check` may know of an assignment, and the folder that this comes from.

        `language` is the one in which sentences will be wanted.

        Raises:
            CourseError: it cannot be read.
        """
        ...


@dataclass(frozen=True)
class CourseFolder:
    """A folder with a `course.yml`: checks are read from its graders, and need not have been released."""

    file: Path

    @property
    def course(self) -> Course:
        """The course that its `course.yml` describes."""
        return load_course(self.file)

    def checks(self, assignment: Assignment, language: Language, /) -> tuple[ReleasedChecks, Path]:
        """Return what would be given out now; targets are those of the last release."""
        course = self.course
        grader = course.public_grader(assignment)
        release = course.released_checks(assignment, course.languages[0])
        catalogue = course.catalogue(language)
        states = tuple(map(file_state, (self.file, grader, release, catalogue)))
        return _live(self.file, assignment.id, language, states), grader.parent


@dataclass(frozen=True)
class GivenOut:
    """Files that were given out beside notebooks, of one course."""

    files: Sequence[Path]
    folder: Path | None = None

    @property
    def course(self) -> Course:
        """As much of the course as the files have; a neighbour's file that cannot be read is left out.

        Raises:
            CourseError: one of the folder's own files cannot be read, or none can.
        """
        found: list[ReleasedChecks] = []
        troubles: list[CourseError] = []
        for path in self.files:
            try:
                found.append(_released(path, file_state(path)))
            except CourseError as error:
                if path.parent == self.folder:
                    raise
                troubles.append(error)
        if not found:
            raise troubles[0]
        mine = [checks for checks in found if checks.course == found[0].course]
        return course_of(mine, self.files[0].parent)

    def checks(self, assignment: Assignment, _language: Language, /) -> tuple[ReleasedChecks, Path]:
        """Return what was given out with the assignment, in all its languages."""
        for path in self.files:
            with suppress(CourseError):
                checks = _released(path, file_state(path))
                if checks.assignment.id == assignment.id:
                    return checks, path.parent
        raise AssertionError("an assignment of this course comes from one of its files")


def learners_course(start: Path | None = None) -> Course:
    """Return the course that the work in a folder belongs to, or as much of it as was given out.

    Raises:
        CourseError: there is none, or the nearest one is not in order.

    >>> from pathlib import Path
    >>> from autograder.course import learners_course
    >>> learners_course(Path("assignments/en/u-net")).title.in_language("en")
    'Networks in the shape of a U'
    """
    for place in places(start):
        return place.course
    raise CourseError(_none_of(start))


def place_of_task(task_id: str, start: Path | None = None) -> Place:
    """Return the nearest place whose course has a task.

    Raises:
        CourseError: there is none; the messages are about the nearest course that there is.
    """
    troubles: list[CourseError] = []
    tried: list[Place] = []
    for place in places(start):
        tried.append(place)
        try:
            place.course.find_task(task_id)
        except CourseError as error:
            troubles.append(error)
        else:
            return place
    if not troubles:
        raise CourseError(_none_of(start))
    if not any(_is_beside(place) for place in tried if place != _brought_along()):
        # A notebook of another course that lies alone: its learner lacks a file, not a task.
        raise CourseError(
            *troubles[0].messages,
            message(
                "If this notebook is another course's, put the file that ends in `{ending}` and was given "
                "out with it beside it.",
                ending=ENDING,
            ),
        )
    raise troubles[0]


def _is_beside(place: Place) -> bool:
    """Return whether the learner's own folder has a course, and not only a folder beside it."""
    return not isinstance(place, GivenOut) or any(path.parent == place.folder for path in place.files)


def places(start: Path | None = None) -> Iterator[Place]:
    """Yield the places where a course is found, the nearest first."""
    folder = Path.cwd() if start is None else start
    if (nearest := course_file(folder)) is not None:
        yield CourseFolder(nearest)
    notebook = running_notebook()
    for around in dict.fromkeys((folder, notebook.parent if notebook else folder)):
        if files := released_files(around):
            yield GivenOut(files, around)
    if (brought := _brought_along()) is not None:
        yield brought


def _brought_along() -> Place | None:
    """Return the course that the package itself has: its checkout's, or what pip has installed with it."""
    if CHECKOUT.is_file():
        return CourseFolder(CHECKOUT)
    return GivenOut(files) if (files := _installed()) else None


def _none_of(start: Path | None) -> Message:
    return message(
        "There is no course here: neither {name} in {folder} or above it, nor a file that ends in "
        "`{ending}`, which is given out beside each notebook.",
        name=NAME,
        folder=str(Path.cwd() if start is None else start),
        ending=ENDING,
    )


def running_notebook() -> Path | None:
    """Return the file of the notebook that Jupyter says is running, even if its kernel runs elsewhere.

    Jupyter may name it relative to the folder that it was started in, which is this one or one above it.
    """
    session = os.environ.get("JPY_SESSION_NAME")
    folder = Path.cwd()
    for path in (around / session for around in (folder, *folder.parents) if session):
        # The variable may hold no file's name, or one that this system refuses.
        with suppress(OSError):
            if path.is_file():
                return path
    return None


@lru_cache(maxsize=1)
def _installed() -> list[Path]:
    """Return the files that the installed package has brought along, wherever pip has put them."""
    try:
        files = importlib.metadata.files(SHARED) or ()
    except importlib.metadata.PackageNotFoundError:
        return []
    found = (Path(str(file.locate())) for file in files if file.name.endswith(ENDING))
    return sorted(path.resolve() for path in found if path.is_file())


@lru_cache(maxsize=64)
def _released(path: Path, _state: tuple[int, int]) -> ReleasedChecks:
    return read_released(path)


@lru_cache(maxsize=64)
def _live(file: Path, assignment_id: str, language: Language, _states: object) -> ReleasedChecks:
    course = load_course(file)
    assignment = course.assignment(assignment_id)
    release = course.released_checks(assignment, course.languages[0])
    try:
        tasks = _released(release, file_state(release)).tasks
    except CourseError:
        # It was not released yet: nothing is known of its targets, but the checks exist all the same.
        tasks = {}
    spoken = tuple(known for known in course.languages if known == language) or course.languages[:1]
    return released_checks(course.model_copy(update={"languages": spoken}), assignment, tasks)
