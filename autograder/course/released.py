"""What is given out beside a notebook: all that `check` and `hint` may know of it, in one file.

A student of any course needs this file, its notebook, and the engine: no `course.yml`, no graders, no
network. It contains nothing of a solution except what the course lets be shown, and no hidden check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from autograder.course.model import Assignment, Course, CourseError, Id
from autograder.course.translations import translations_of
from autograder.messages import Language, Localized, message
from autograder.messages.sentences import said_by_grader
from autograder.regular import read_bytes, read_text

ENDING = ".check.json"
ABOUT = "What check() and hint() know of the notebook beside this file. Leave it where it is."


class ReleasedChecks(BaseModel):
    """The file's content.

    `place` is the assignment's place in its course, counted from 0. `grader` is the source of the public
    checks, `translations` what they say in the course's other languages. `tasks` has for each task its
    target, as far as it is shown, and what its starter code looks like (`study.known`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    about: str
    version: Literal[1]
    course: Id
    title: Localized
    languages: tuple[Language, ...]
    place: int
    assignment: Assignment
    grader: str
    translations: dict[str, dict[Language, str]]
    tasks: dict[str, Any]


def released_checks(course: Course, assignment: Assignment, tasks: Mapping[str, Any]) -> ReleasedChecks:
    """Return what is given out beside an assignment's notebooks.

    Raises:
        CourseError: the public checks or a catalogue cannot be read.
    """
    path = course.public_grader(assignment)
    try:
        # An assignment that only a person grades has nothing to check.
        grader = read_text(path) if assignment.checked or path.is_file() else ""
        said = {text for _, text in said_by_grader(grader, path.name)}
    except FileNotFoundError:
        raise CourseError(
            message(
                "{file} is missing: it should hold checks of the assignment `{assignment}`.",
                file=path.relative_to(course.root).as_posix(),
                assignment=assignment.id,
            )
        ) from None
    except SyntaxError as error:
        fault = message("it cannot be imported: {error}.", error=f"SyntaxError: {error.msg}")
        place = path.relative_to(course.root).as_posix()
        raise CourseError(
            message("{file}, line {line}: {fault}", file=place, line=error.lineno or 1, fault=fault)
        ) from None
    except (OSError, UnicodeError) as error:
        raise CourseError(
            message(
                "{file} cannot be read: {reason}.",
                file=path.relative_to(course.root).as_posix(),
                reason=(getattr(error, "strerror", None) or str(error)).rstrip("."),
            )
        ) from None
    translations = translations_of(course)
    return ReleasedChecks(
        about=ABOUT,
        version=1,
        course=course.id,
        title=course.title,
        languages=course.languages,
        place=[other.id for other in course.assignments].index(assignment.id),
        assignment=assignment,
        grader=grader,
        translations={text: dict(translations[text]) for text in sorted(said & translations.keys())},
        tasks=dict(tasks),
    )


def written(checks: ReleasedChecks) -> str:
    """Return the text of the file."""
    # What `course.yml` leaves out is left out here: else a probe's input would get a value, `value: null`.
    return checks.model_dump_json(exclude_unset=True) + "\n"


def read_released(path: Path) -> ReleasedChecks:
    """Return the content of a file.

    Raises:
        CourseError: it cannot be read, or is of another version.
    """
    try:
        return ReleasedChecks.model_validate_json(read_bytes(path))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = " ".join([".".join(map(str, first["loc"])), first["msg"]]).strip()
    raise CourseError(
        message(
            "{file} cannot be read ({reason}). Get it again from where the notebook came from.",
            file=str(path),
            reason=reason,
        )
    )


def course_of(released: Iterable[ReleasedChecks], root: Path) -> Course:
    """Return the part of a course that was given out: its assignments in their order, each once."""
    by_place: dict[str, ReleasedChecks] = {checks.assignment.id: checks for checks in released}
    ordered = sorted(by_place.values(), key=lambda checks: checks.place)
    first = ordered[0]
    course = Course(
        version=1,
        id=first.course,
        title=first.title,
        languages=first.languages,
        assignments=tuple(checks.assignment for checks in ordered),
    )
    course._file = root / "course.yml"
    return course


def released_files(folder: Path) -> Sequence[Path]:
    """Return the files of this kind around a notebook's folder: in it, then in the folders beside it."""
    beside = _ending(folder, f"*{ENDING}")
    return [*beside, *(path for path in _ending(folder.parent, f"*/*{ENDING}") if path not in beside)]


def _ending(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        # A folder that cannot be looked into has nothing for a learner.
        return []
