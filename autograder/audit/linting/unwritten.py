"""The rule for what is still to be written: each `TODO` that `autograder new` has left."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.audit.linting.finding import REGISTRY, Finding, Place, source_of
from autograder.course import Assignment, Course
from autograder.messages import Localized, message
from autograder.regular import read_text

MARK = "TODO"


def unwritten_findings(course: Course, assignment: Assignment, source: NotebookNode) -> Iterator[Finding]:
    """Yield each place of an assignment where an author still has to write: registry, notebook, graders."""
    texts = [("title", assignment.title)]
    for task in assignment.tasks:
        texts.append((task.id, task.title))
        texts += [(task.id, hint) for hint in task.hints]
    for name, text in texts:
        for line in _left(text):
            fault = message(
                "`{name}` of `{id}` is still to be written: {line}", name=name, id=assignment.id, line=line
            )
            yield REGISTRY.finding("unwritten", fault)
    for cell in source.cells:
        for line in _lines(cell.source):
            fault = message("this is still to be written: {line}", line=line)
            yield source_of(course, assignment).finding("unwritten", fault, cell.id)
    for grader in (course.public_grader(assignment), course.hidden_grader(assignment)):
        try:
            lines = read_text(grader).splitlines()
        except (OSError, ValueError):
            # Trying the file out reports that it cannot be read.
            continue
        for number, line in enumerate(lines, start=1):
            if MARK in line:
                fault = message(
                    "line {number}: this is still to be written: {line}", number=number, line=line.strip()
                )
                yield Place(grader.relative_to(course.root).as_posix()).finding("unwritten", fault)


def _left(text: Localized) -> Iterator[str]:
    for language in text.languages:
        yield from _lines(text.in_language(language))


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if MARK in line)
