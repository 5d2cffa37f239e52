"""Gets the roster's names and the gradebook's scores, for commands, from the instructor's part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.course import Course
from autograder.feedback import ClassList, GivenScores
from autograder.grading import GradingError
from autograder.messages import Message, message


def class_list_of(course: Course, tell: Callable[[Message], None]) -> ClassList:
    """Return the course's assignments in order, and students' names where `course.yml` has a `roster`.

    A roster that is not in order costs only the names; `tell` is told why.
    """
    order = [assignment.id for assignment in course.assignments]
    if course.roster_path is None:
        return ClassList(assignments=order)
    from autograder.gradebook.roster import RosterError, course_roster

    try:
        roster = course_roster(course)
    except RosterError as error:
        for said in error.messages:
            tell(said)
        return ClassList(assignments=order)
    return ClassList(roster.name_of, order) if roster is not None else ClassList(assignments=order)


def scores_in_gradebook(course: Course, folder: Path) -> list[GivenScores]:
    """Return the scores in the gradebook of a class's folder.

    Raises:
        GradingError: a package is not installed, there is no gradebook, or it cannot be read.
    """
    try:
        # nbgrader takes two seconds to import, so only `--gradebook` imports it.
        from autograder.gradebook.direct import gradebook_of
        from autograder.gradebook.given import given_scores
    except ModuleNotFoundError as error:
        raise lacks_package(error) from None
    return given_scores(gradebook_of(course, folder))


def lacks_package(error: ModuleNotFoundError) -> GradingError:
    """Return the error for `--gradebook` where nbgrader is not installed."""
    return GradingError(
        message(
            "`--gradebook` needs the package `{package}`: install the extra `instructor`.",
            package=str(error.name).split(".")[0],
        )
    )
