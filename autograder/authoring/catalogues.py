"""Keeps a course's catalogues in step with what its graders say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.audit.linting.translations import written_in
from autograder.course import Course, CourseError
from autograder.feedback.files import written_whole
from autograder.messages import AutograderError, Language, message
from autograder.messages.extract import COURSE, grader_sentences, read, updated, written


@dataclass(frozen=True)
class Catalogue:
    """A catalogue of a course: its file, how many sentences it has, and how many lack a translation."""

    path: Path
    language: Language
    sentences: int
    missing: int


def update_catalogues(course: Course) -> list[Catalogue]:
    """Write a catalogue for each language of a course except the one that its graders are written in.

    A new sentence has no translation yet, a sentence that is no longer said is removed, and existing
    translations stay.

    Raises:
        CourseError: a grader cannot be read, or a catalogue cannot be read or written.
    """
    folder = course.root / course.graders
    try:
        said = grader_sentences(folder)
    except SyntaxError as error:
        fault = message("it cannot be imported: {error}.", error=f"SyntaxError: {error.msg}")
        raise CourseError(
            message(
                "{file}, line {line}: {fault}",
                file=error.filename or "?",
                line=error.lineno or 1,
                fault=fault,
            )
        ) from None
    except (OSError, ValueError, AutograderError) as error:
        raise CourseError(
            message("{file} cannot be read: {reason}.", file=course.graders, reason=str(error).rstrip("."))
        ) from None
    return [
        _update(course.catalogue(language), said, language)
        for language in course.languages
        if language != written_in(course)
    ]


def _update(path: Path, said: set[str], language: Language) -> Catalogue:
    try:
        made = updated(said, [read(path)])
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            file.write(written(made, COURSE, language))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CourseError(
            message("{file} cannot be written: {reason}.", file=str(path), reason=reason)
        ) from None
    missing = sum(1 for entry in made if entry.id and not entry.string)
    return Catalogue(path, language, len(said), missing)
