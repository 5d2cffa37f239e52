"""What turns a pytest function into a check: the task it belongs to, its points, what it depends on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

from autograder.messages import AutograderError, Message
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
        needs: checks of the task that must pass first; else this one is skipped.
        needs_any: checks of the task of which one must pass first. For what the starter code has already, and
            what is worth something only where something else is right, too.
    """

    def mark(function: Function) -> Function:
        setattr(function, ATTRIBUTE, Marking(task_id, points, _names(needs), _names(needs_any)))
        return function

    return mark


def _names(checks: str | tuple[str, ...]) -> tuple[str, ...]:
    return (checks,) if isinstance(checks, str) else tuple(checks)


def subject_name(task_id: str) -> str:
    """Return what a check calls its task's subject, which is the task's id: `first-step` is `first_step`."""
    return task_id.replace("-", "_")


def title_of(function: Callable[..., object]) -> Message:
    """The first paragraph of a check's docstring: the sentence a learner reads."""
    return Message(text=first_paragraph(inspect.cleandoc(function.__doc__ or "")))


def definitions(
    module: ModuleType, *, public: bool, before: Iterable[CheckDefinition] = ()
) -> list[CheckDefinition]:
    """Return the checks that a grader file defines, in its order; `before` are those of the files before it.

    Raises:
        GraderError: a check has no docstring or no `@task`, takes something else than its task's
            subject, or needs what is no check of its task before it; or the file wants what only a session of
            pytest gives, which a learner's kernel has not.
    """
    found: list[CheckDefinition] = []
    known = {definition.id: definition for definition in before}
    for name, value in vars(module).items():
        if only_pytest := _only_pytests(name, value):
            raise GraderError(
                f"{module.__name__}.{name} is {only_pytest}, and no pytest runs the checks in a learner's "
                "notebook: let each check be a function of its task's subject, and call what they share."
            )
        if not name.startswith("test_") or not callable(value):
            continue
        definition = _definition(f"{module.__name__}.{name}", name, value, public)
        for needed in (*definition.marking.needs, *definition.marking.needs_any):
            if needed not in known or known[needed].marking.task != definition.marking.task:
                raise GraderError(
                    f"{module.__name__}.{name} needs {needed!r}, which is no check of its task before it."
                )
        found.append(definition)
        known[name] = definition
    return found


def _definition(place: str, name: str, function: Callable[..., None], public: bool) -> CheckDefinition:
    marking = getattr(function, ATTRIBUTE, None)
    if not isinstance(marking, Marking):
        raise GraderError(f"{place} belongs to no task: put @task(...) above it.")
    title = title_of(function)
    if not title.text:
        raise GraderError(f"{place} has no docstring: the learner would have no sentence.")
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise GraderError(
            f"{place} would pass without being run: take `yield`, `async` and `await` out of it."
        )
    subject = subject_name(marking.task)
    if list(inspect.signature(function).parameters) != [subject]:
        raise GraderError(f"{place} should take one argument, its task's subject: `{subject}`.")
    return CheckDefinition(name, title, marking, public, function)


def _only_pytests(name: str, value: object) -> str:
    """What something in a grader's file is, if it is something that only a session of pytest can use."""
    if name == "pytestmark" or getattr(value, "pytestmark", None):
        return "marked or parametrised"
    # Before pytest 8.4 a fixture was a function with an attribute.
    if type(value).__name__ == "FixtureFunctionDefinition" or hasattr(value, "_pytestfixturefunction"):
        return "a fixture"
    if isinstance(value, type) and name.startswith("Test"):
        return "a class of checks"
    return ""


class GraderError(AutograderError):
    """A grader file is wrong; it is said when the file is loaded, not while a submission is graded."""
