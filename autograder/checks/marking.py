"""Turns a pytest function into a check: which task it belongs to, its points, and what it depends on."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from autograder.messages import AutograderError, Message, message
from autograder.messages.sentences import first_paragraph

Function = TypeVar("Function", bound=Callable[..., None])
ATTRIBUTE = "__autograder_marking__"


@dataclass(frozen=True)
class Marking:
    """What `@task` says of a check."""

    task: str
    points: float
    needs: tuple[str, ...]
    needs_any: tuple[str, ...]


@dataclass(frozen=True)
class CheckDefinition:
    """One check as its file defines it."""

    id: str
    title: Message
    marking: Marking
    public: bool
    function: Callable[..., None]


def task(
    task_id: str,
    *,
    points: float,
    needs: str | tuple[str, ...] = (),
    needs_any: str | tuple[str, ...] = (),
) -> Callable[[Function], Function]:
    """Make a test function a check of a task.

    Args:
        task_id: the task's id in `course.yml`.
        points: what the check is worth; a task's checks add up to the task's points.
        needs: checks of the task that must all pass first; otherwise this one is skipped.
        needs_any: checks of the task of which one must pass first. Meant for what the starter code already
            has, and for what is worth something only where something else is right, too.

    >>> from autograder.checks import Subject, expect, subject_of, task
    >>> @task("accuracy", points=1)
    ... def test_the_model_is_good_enough(accuracy: Subject) -> None:
    ...     '''The accuracy is at least 90 %.'''
    ...     expect(accuracy).is_at_least(0.9)
    >>> test_the_model_is_good_enough(subject_of(0.42))
    Traceback (most recent call last):
        ...
    autograder.checks.verdict.CheckFailure: The number is too small.
    """

    def mark(function: Function) -> Function:
        setattr(function, ATTRIBUTE, Marking(task_id, points, _names(needs), _names(needs_any)))
        return function

    return mark


def _names(checks: str | tuple[str, ...]) -> tuple[str, ...]:
    return (checks,) if isinstance(checks, str) else tuple(checks)


def subject_name(task_id: str) -> str:
    """Return what a check calls its task's subject, which is the task's id: `first_step` of `first-step`."""
    return task_id.replace("-", "_")


def title_of(function: Callable[..., object]) -> Message:
    """Return the first paragraph of a check's docstring: the sentence that a learner reads."""
    return Message(text=first_paragraph(inspect.cleandoc(function.__doc__ or "")))


def definitions(
    module: ModuleType, *, public: bool, before: Iterable[CheckDefinition] = ()
) -> list[CheckDefinition]:
    """Return the checks that a grader file defines, in its order; `before` are those of the files before it.

    Raises:
        GraderError: a check has no docstring or no `@task`, takes something other than its task's subject, or
            needs something that is not an earlier check of its task; or the file uses what only a pytest
            session provides, which a learner's kernel does not have.
    """
    found: list[CheckDefinition] = []
    known = {definition.id: definition for definition in before}
    for name, value in vars(module).items():
        if only_pytest := _only_pytests(name, value):
            raise fault_in(
                getattr(module, "__file__", None),
                None,
                message(
                    "`{name}` is {what}, and no pytest runs the checks in a learner's notebook: let each "
                    "check be a function of its task's subject, and call what they share.",
                    name=name,
                    what=only_pytest,
                ),
            )
        if not name.startswith("test_") or not callable(value):
            continue
        definition = _definition(name, value, public)
        for needed in (*definition.marking.needs, *definition.marking.needs_any):
            if needed not in known or known[needed].marking.task != definition.marking.task:
                raise fault_of(
                    value,
                    message(
                        "`{name}` needs `{needed}`, which is no check of its task before it.",
                        name=name,
                        needed=needed,
                    ),
                )
        found.append(definition)
        known[name] = definition
    return found


def _definition(name: str, function: Callable[..., None], public: bool) -> CheckDefinition:
    marking = getattr(function, ATTRIBUTE, None)
    if not isinstance(marking, Marking):
        raise fault_of(
            function, message("`{name}` belongs to no task: put `@task(...)` above it.", name=name)
        )
    title = title_of(function)
    if not title.text:
        raise fault_of(
            function,
            message("`{name}` has no docstring: write the sentence there that a learner reads.", name=name),
        )
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise fault_of(
            function,
            message(
                "`{name}` would pass without being run: take `yield`, `async` and `await` out of it.",
                name=name,
            ),
        )
    subject = subject_name(marking.task)
    if list(inspect.signature(function).parameters) != [subject]:
        raise fault_of(
            function,
            message(
                "`{name}` should take one argument, its task's subject: `{subject}`.",
                name=name,
                subject=subject,
            ),
        )
    return CheckDefinition(name, title, marking, public, function)


def _only_pytests(name: str, value: object) -> Message | None:
    """Return what something in a grader's file is, if only a pytest session can use it; else None."""
    if name == "pytestmark" or getattr(value, "pytestmark", None):
        return message("marked or parametrised")
    # Before pytest 8.4 a fixture was a function with an attribute.
    if type(value).__name__ == "FixtureFunctionDefinition" or hasattr(value, "_pytestfixturefunction"):
        return message("a fixture")
    if isinstance(value, type) and name.startswith("Test"):
        return message("a class of checks")
    return None


class GraderError(AutograderError):
    """A grader file is wrong; it is raised when the file is loaded, not while a submission is graded."""


def fault_of(function: Callable[..., object], fault: Message) -> GraderError:
    """Return the error that says what is wrong with a check, with its file and its line."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return fault_in(None, None, fault)
    return fault_in(code.co_filename, code.co_firstlineno, fault)


def fault_in(file: str | Path | None, line: int | None, fault: Message) -> GraderError:
    """Return the error that says what is wrong in a grader's file."""
    if line is None:
        return GraderError(message("{file}: {fault}", file=shown(file or "?"), fault=fault))
    return GraderError(
        message("{file}, line {line}: {fault}", file=shown(file or "?"), line=line, fault=fault)
    )


def shown(file: str | Path) -> str:
    """Return a grader's file as its author knows it: `graders/public/test_first_steps.py`."""
    return "/".join(Path(file).parts[-3:])


def line_in(file: str | Path, error: BaseException) -> int | None:
    """Return the line of a file that an error comes from; None where it comes from somewhere else."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file)), None)


def in_a_line(error: BaseException) -> str:
    """Return an error as one line, without the paths of this machine that Python adds."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, ImportError) and error.path:
        said = said.removesuffix(f" ({error.path})")
    first = next(iter(said.strip().splitlines()), "")
    return f"{type(error).__name__}: {first}".rstrip(": .")
