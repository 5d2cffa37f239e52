"""Rules for what a course's graders say: it has a translation into each language of the course."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.audit.linting.finding import Finding, Place
from autograder.course import Assignment, Course, CourseError
from autograder.course.translations import translations_of
from autograder.messages import Language, message
from autograder.messages.rendering import GAP
from autograder.messages.sentences import UnextractableError, said_by_grader, wants_translation
from autograder.regular import read_text


def translation_findings(course: Course, assignment: Assignment) -> Iterator[Finding]:
    """Yield what an assignment's checks say that lacks a translation, or has one with other gaps."""
    languages = [language for language in course.languages if language != written_in(course)]
    if not languages:
        return
    try:
        translations = translations_of(course)
    except CourseError as error:
        yield from (Finding("translations", course.graders, said) for said in error.messages)
        return
    for grader in (course.public_grader(assignment), course.hidden_grader(assignment)):
        place = Place(grader.relative_to(course.root).as_posix())
        for language in languages:
            catalogue = course.catalogue(language).relative_to(course.root).as_posix()
            for line, sentence in _sentences(grader):
                translation = translations.get(sentence, {}).get(language)
                if translation is None:
                    fault = message(
                        "line {line}: “{sentence}” has no translation into `{language}`: run `autograder "
                        "catalogue`, and write the translation into {catalogue}.",
                        line=line,
                        sentence=sentence,
                        catalogue=catalogue,
                        language=language,
                    )
                    yield place.finding("translations", fault)
                elif _gaps(translation) != _gaps(sentence):
                    fault = message(
                        "line {line}: “{sentence}” has other gaps in {catalogue}, {found}; it should have "
                        "{wanted}.",
                        line=line,
                        sentence=sentence,
                        catalogue=catalogue,
                        found=_listed(translation),
                        wanted=_listed(sentence),
                    )
                    yield place.finding("translations", fault)


def written_in(course: Course) -> Language:
    """Return the language that a course's graders are written in: English, or else the course's first."""
    return "en" if "en" in course.languages else course.languages[0]


def _sentences(grader: Path) -> list[tuple[int, str]]:
    try:
        said = list(said_by_grader(read_text(grader), grader.name))
    except (OSError, ValueError, SyntaxError, UnextractableError):
        # Trying the grader out reports that it cannot be loaded.
        return []
    return sorted((line, text) for line, text in said if wants_translation(text))


def _gaps(sentence: str) -> set[str]:
    return {gap["name"] for gap in GAP.finditer(sentence) if gap["name"]}


def _listed(sentence: str) -> str:
    return ", ".join(f"`{{{name}}}`" for name in sorted(_gaps(sentence))) or "–"
