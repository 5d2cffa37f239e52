"""What a report depends on besides the notebook, as one digest."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from autograder.course import Assignment, Course

PACKAGE = Path(__file__).parents[1]
GRADERS = ("checks/public", "hidden")
LIBRARIES = ("keras", "tensorflow", "numpy", "ipython")
DRAWING = ("resvg-py", "pillow", "koreanize-matplotlib", "matplotlib", "nbformat")


def fingerprint(course: Course, assignment: Assignment) -> str:
    """The SHA-256 of all that grades the assignment: this package, its libraries, and what is its own.

    Its own are its graders, its source notebook, its entry in `course.yml`, and the course's limits: a change
    to another assignment changes nothing here.
    """
    stem = "test_" + assignment.id.replace("-", "_")
    own = [PACKAGE / folder / f"{stem}.py" for folder in GRADERS]
    said = [_engine(), assignment.model_dump_json(), course.limits.model_dump_json(), course.languages[0]]
    said.append(_digest_of([*own, course.source(assignment)]))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def release_fingerprint(course: Course, assignment: Assignment) -> str:
    """Return the SHA-256 of all that an assignment's release is built from and by.

    That is this package, the libraries that run solutions and draw targets, the course's languages, the
    assignment's source notebook and its entry in `course.yml`.
    """
    drawing = [f"{name} {version}" for name, version in _versions(DRAWING).items()]
    said = [_engine(), *drawing, *course.languages, assignment.model_dump_json()]
    said.append(_digest_of([course.source(assignment)]))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that grade."""
    return {"python": platform.python_version(), **_versions(LIBRARIES)}


def _versions(libraries: Iterable[str]) -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in libraries}


@cache
def _engine() -> str:
    """The digest of what grades every assignment."""
    graders = {PACKAGE / folder for folder in GRADERS}
    modules = sorted(path for path in PACKAGE.rglob("*.py") if path.parent not in graders)
    said = [*(f"{name} {version}" for name, version in versions().items()), _digest_of(modules)]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _digest_of(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            # Whoever needs the file will say what is wrong with it.
            continue
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
