"""Makes the files of both repositories: an assignment's, which learners get, and the instructor's own."""

from __future__ import annotations

from importlib.resources import files

from autograder.course import Assignment, Course, CourseError
from autograder.messages import Language, message
from autograder.platforms import engine
from autograder.regular import read_bytes

PLACE = ".github/autograder"
"""The folder of a repository that holds what its workflow installs."""


def assignment_repository(course: Course, assignment: Assignment, language: Language) -> dict[str, bytes]:
    """Return the files of the repository that learners get, by name; nothing hidden is among them.

    Raises:
        CourseError: the assignment has not been released in that language.

    >>> from autograder.course import load_course
    >>> from autograder.platforms.github.repositories import assignment_repository
    >>> course = load_course("course.yml")
    >>> sorted(assignment_repository(course, course.assignment("u-net"), "ko"))
    ['.github/autograder/beyond_sequential_engine-...-py3-none-any.whl',
    '.github/autograder/requirements.txt', '.github/workflows/classroom.yml', 'u-net.check.json',
    'u-net.ipynb']
    """
    contents = {}
    for path in (course.released(assignment, language), course.released_checks(assignment, language)):
        try:
            contents[path.name] = read_bytes(path)
        except OSError:
            raise CourseError(
                message(
                    "{file} is missing: `autograder release` writes it, for the languages of the course.",
                    file=str(path),
                )
            ) from None
    workflow = _template("classroom.yml", assignment=assignment.id, language=language)
    return {
        **contents,
        ".github/workflows/classroom.yml": workflow,
        f"{PLACE}/requirements.txt": engine.requirements(learners=True).encode(),
        f"{PLACE}/{engine.WHEEL}": engine.wheel(learners=True),
    }


def instructors_repository() -> dict[str, bytes]:
    """Return the files to put beside `course.yml` in the instructor's own repository, by name."""
    return {
        ".github/workflows/grade.yml": _template("grade.yml"),
        f"{PLACE}/collect.sh": _template("collect.sh"),
        f"{PLACE}/requirements.txt": engine.requirements().encode(),
        f"{PLACE}/{engine.WHEEL}": engine.wheel(),
    }


def _template(name: str, **chosen: str) -> bytes:
    text = files("autograder.platforms.github").joinpath("templates", name).read_text(encoding="utf-8")
    for key, value in chosen.items():
        text = text.replace(f"{{{{{key.upper()}}}}}", value)
    return text.encode()
