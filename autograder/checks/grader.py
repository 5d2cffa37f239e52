"""Loads an assignment's grader: the pytest files that define its checks."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.checks.assertions import rewritten
from autograder.checks.marking import (
    CheckDefinition,
    GraderError,
    definitions,
    fault_in,
    fault_of,
    in_a_line,
    line_in,
    shown,
)
from autograder.checks.verdict import Failure
from autograder.course import Assignment, Course
from autograder.course.modules import load_module
from autograder.course.translations import Translations, translations_of
from autograder.messages import Message, message, translated
from autograder.regular import read_text


@dataclass(frozen=True)
class GraderFile:
    """The text of one of a grader's pytest files, and where it is or once was."""

    path: Path
    text: str
    public: bool


@dataclass(frozen=True)
class Grader:
    """An assignment's grader: its pytest files, the checks they define, and its hidden probes.

    `probes` maps a task to lists of input shapes, without the batch axis, that its function is called on in
    addition to those of `course.yml`. `translations` are the course's own, for what the checks say.
    """

    assignment: str
    files: tuple[Path, ...]
    checks: tuple[CheckDefinition, ...]
    probes: Mapping[str, Sequence[Sequence[tuple[int | None, ...]]]]
    translations: Translations = field(default_factory=dict)

    def of_task(self, task: str) -> list[CheckDefinition]:
        """Return a task's checks, public ones first."""
        return [check for check in self.checks if check.marking.task == task]

    def points(self, task: str) -> float:
        """Return the points that a task's checks are worth together."""
        return sum(check.marking.points for check in self.of_task(task))


def load_grader(course: Course, assignment: Assignment, *, hidden: bool) -> Grader:
    """Return the grader of an assignment: its public checks and, where asked for, its hidden ones.

    Raises:
        CourseError: a catalogue of the course cannot be read.
        GraderError: a file is missing or wrong.

    >>> from autograder.checks import load_grader
    >>> from autograder.course import load_course
    >>> course = load_course("course.yml")
    >>> grader = load_grader(course, course.assignment("u-net"), hidden=True)
    >>> grader.points("up-block"), len(grader.of_task("up-block"))
    (4, 3)
    """
    paths = [course.public_grader(assignment), *([course.hidden_grader(assignment)] if hidden else [])]
    if not assignment.checked:
        # What a person grades alone needs no file.
        paths = [path for path in paths if path.exists()]
    public = course.public_grader(assignment)
    files = [_read(course, assignment, path, path == public) for path in paths]
    return grader_of(assignment.id, files, translations_of(course))


def grader_of(assignment: str, files: Sequence[GraderFile], translations: Translations) -> Grader:
    """Return the grader that those files define.

    Raises:
        GraderError: a file is wrong.

    >>> from pathlib import Path
    >>> from autograder.checks import GraderFile, grader_of
    >>> text = '''
    ... from autograder.checks import expect, task
    ...
    ... @task("answer", points=2)
    ... def test_it_is_large(answer):
    ...     "The answer is at least 40."
    ...     expect(answer).is_at_least(40)
    ... '''
    >>> grader = grader_of("demo", [GraderFile(Path("test_demo.py"), text, public=True)], {})
    >>> grader.points("answer")
    2
    """
    checks: list[CheckDefinition] = []
    probes: dict[str, Any] = {}
    for file in files:
        try:
            module = load_module(file.text, file.path, "public" if file.public else "hidden", rewritten)
        except (Exception, SystemExit) as error:
            said = message("it cannot be imported: {error}.", error=in_a_line(error))
            raise fault_in(file.path, line_in(file.path, error), said) from error
        _refuse_second_definitions(file)
        checks += definitions(module, public=file.public, before=checks)
        probes.update(getattr(module, "PROBES", {}))
    first: dict[str, CheckDefinition] = {}
    for check in checks:
        before = first.setdefault(check.id, check)
        if before is not check:
            other = shown(before.function.__code__.co_filename)
            raise fault_of(check.function, _named_twice(check.id, other))
    checks = [replace(check, title=translated(check.title, translations)) for check in checks]
    paths = tuple(file.path for file in files)
    return Grader(assignment, paths, tuple(checks), probes, translations)


def _read(course: Course, assignment: Assignment, path: Path, public: bool) -> GraderFile:
    try:
        return GraderFile(path, read_text(path), public)
    except FileNotFoundError:
        place = path.relative_to(course.root).as_posix()
        raise GraderError(
            message(
                "{file} is missing: it should hold checks of the assignment `{assignment}`.",
                file=place,
                assignment=assignment.id,
            )
        ) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GraderError(
            message("{file} cannot be read: {reason}.", file=shown(path), reason=reason)
        ) from None


def _refuse_second_definitions(file: GraderFile) -> None:
    """Refuse a file with two checks of one name: Python would keep the second and say nothing."""
    lines: dict[str, int] = {}
    for node in ast.parse(file.text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if node.name in lines:
                place = message("line {line}", line=lines[node.name])
                raise fault_in(file.path, node.lineno, _named_twice(node.name, place))
            lines[node.name] = node.lineno


def _named_twice(name: str, other: str | Message) -> Message:
    return message(
        "`{name}` is the name of another check already ({other}); give each check of an assignment a name of "
        "its own.",
        name=name,
        other=other,
    )


def in_every_language(failure: Failure, translations: Translations) -> Failure:
    """Return a failure with the course's translations of its own sentences added."""
    said = {name: translated(value, translations) for name, value in failure if isinstance(value, Message)}
    return failure.model_copy(update=said)
