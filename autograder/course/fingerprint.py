"""Computes one digest of everything that a report depends on besides the notebook."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from autograder.course.model import Assignment, Course
from autograder.course.translations import translations_of
from autograder.messages.sentences import UnextractableError, said_by_grader
from autograder.regular import read_bytes, read_text

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("keras", "tensorflow", "numpy", "ipython")
DRAWING = ("resvg-py", "pillow", "koreanize-matplotlib", "matplotlib", "nbformat")


def fingerprint(course: Course, assignment: Assignment) -> str:
    """Return the SHA-256 of all that grades the assignment: this package, its libraries, and its own files.

    Its own are its graders and what they say in each language, its source notebook, its entry in
    `course.yml`, and the course's limits: a change to another assignment changes nothing here.

    Raises:
        CourseError: a catalogue of the course cannot be read.
    """
    graders = [course.public_grader(assignment), course.hidden_grader(assignment)]
    said = [_engine(), assignment.model_dump_json(), course.limits.model_dump_json(), course.languages[0]]
    said.append(_digest_of([*graders, course.source(assignment)]))
    said.append(_translations(course, graders))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def release_fingerprint(course: Course, assignment: Assignment) -> str:
    """Return the SHA-256 of all that an assignment's release is built from and by.

    That is this package, the libraries that run solutions and draw targets, the course's id, title, languages
    and order, and the assignment's source notebook, its entry in `course.yml`, its public checks and what
    they say in each language.

    Raises:
        CourseError: a catalogue of the course cannot be read.
    """
    drawing = [f"{name} {version}" for name, version in _versions(DRAWING).items()]
    said = [_engine(), *drawing, course.id, course.title.model_dump_json(), *course.languages]
    said += [other.id for other in course.assignments]
    grader = course.public_grader(assignment)
    said += [assignment.model_dump_json(), _digest_of([course.source(assignment), grader])]
    said.append(_translations(course, [grader]))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that grade."""
    return {"python": platform.python_version(), **_versions(LIBRARIES)}


def _versions(libraries: Iterable[str]) -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in libraries}


@cache
def _engine() -> str:
    """Return the digest of what grades every assignment."""
    said = [*(f"{name} {version}" for name, version in versions().items())]
    said.append(_digest_of(sorted(PACKAGE.rglob("*.py"))))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _translations(course: Course, graders: Iterable[Path]) -> str:
    """Return what those graders say in the languages of the course, as JSON."""
    said: set[str] = set()
    for path in graders:
        # Whatever loads the file will say what is wrong with it.
        with suppress(OSError, ValueError, SyntaxError, UnextractableError):
            said.update(text for _, text in said_by_grader(read_text(path), path.name))
    translations = translations_of(course)
    return json.dumps({text: translations[text] for text in sorted(said & translations.keys())})


def _digest_of(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            content = read_bytes(path)
        except OSError:
            # Whatever needs the file will say what is wrong with it.
            continue
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
