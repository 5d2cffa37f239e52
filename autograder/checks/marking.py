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


@dataclass(frozen=True)
class CheckDefinition:
    """One check as its file defines it."""

    id: str
    title: Message
    marking: Marking
    public: bool
    function: Callable[..., None]


def task(task_id: str, *, points: float, needs: str | tuple[str, ...] = ()) -> Callable[[Function], Function]:
    """Make a test function a check of a task.

    Args:
        task_id: the task's id in `course.yml`.
        points: what the check is worth; a task's checks add up to the task's points.
        needs: checks of the same file that must pass first; else this one is skipped.
    """

    def mark(function: Function) -> Function:
        names = (needs,) if isinstance(needs, str) else tuple(needs)
        setattr(function, ATTRIBUTE, Marking(task_id, points, names))
        return function

    return mark


def fixture_name(task_id: str) -> str:
    """A task's id as a Python name: `first-step` is `first_step`."""
    return task_id.replace("-", "_")


def title_of(function: Callable[..., object]) -> Message:
    """The first paragraph of a check's docstring: the sentence a learner reads."""
    return Message(text=first_paragraph(inspect.cleandoc(function.__doc__ or "")))


def definitions(
    module: ModuleType, *, public: bool, before: Iterable[CheckDefinition] = ()
) -> list[CheckDefinition]:
    """The checks that a grader file defines, in its order; `before` are those of the files before it.

    Raises:
        GraderError: a check has no docstring, no `@task`, or needs a check that does not come before it.
    """
    found: list[CheckDefinition] = []
    known = {definition.id for definition in before}
    for name, function in vars(module).items():
        if not name.startswith("test_") or not callable(function):
            continue
        marking = getattr(function, ATTRIBUTE, None)
        if not isinstance(marking, Marking):
            raise GraderError(f"{module.__name__}.{name} belongs to no task: put @task(...) above it.")
        title = title_of(function)
        if not title.text:
            raise GraderError(
                f"{module.__name__}.{name} has no docstring: the learner would have no sentence."
            )
        for needed in marking.needs:
            if needed not in known:
                raise GraderError(f"{module.__name__}.{name} needs {needed!r}, which is no check before it.")
        found.append(CheckDefinition(name, title, marking, public, function))
        known.add(name)
    return found


class GraderError(AutograderError):
    """A grader file is wrong; it is said when the file is loaded, not while a submission is graded."""
