"""Knows of a task in advance what a kernel may: its checks, its target, and whether it was begun."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.cells import made_by, named_in
from autograder.checks import Grader, GraderFile, Model, Subject, grader_of
from autograder.course import Assignment, Course, Task
from autograder.course.learners import place_of_task
from autograder.course.released import ReleasedChecks
from autograder.course.starter import text_digest
from autograder.graph import from_plain
from autograder.messages import Language


@dataclass(frozen=True)
class Target:
    """What a task's solution and its starter code look like; what is not known is None.

    `starter` is the trace of the starter code, `cell` the digest of its text, `target` what is wanted, and
    `in_outline` says that only its outline may be shown.
    """

    starter: str | None = None
    cell: str | None = None
    target: Subject | None = None
    in_outline: bool = False


@dataclass(frozen=True)
class Known:
    """A task as a kernel knows it: where it belongs, its public checks, and its target.

    `gradable` says that the hidden checks are here, too, as for somebody who studies alone in a clone: then
    `autograder check` looks at what the public checks leave open. No hidden check is read.
    """

    course: Course
    assignment: Assignment
    task: Task
    grader: Grader
    target: Target
    gradable: bool = False


def known_of(task_id: str, language: Language) -> Known:
    """Return what is known of a task, from the nearest course that has it (`course.learners`).

    `language` is the one that sentences will be needed in.

    Raises:
        CourseError: no course has it, or what was given out cannot be read.
        GraderError: its public checks are not in order.
    """
    place = place_of_task(task_id)
    course = place.course
    assignment, task = course.find_task(task_id)
    checks, folder = place.checks(assignment, language)
    grader = _grader(_Same(checks), folder)
    target = target_of(task_id, checks.tasks.get(task_id))
    return Known(course, assignment, task, grader, target, course.hidden_grader(assignment).is_file())


class _Same:
    """A document that equals only itself: comparing its content would take longer than executing it."""

    def __init__(self, checks: ReleasedChecks) -> None:
        self.checks = checks

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.checks is self.checks

    def __hash__(self) -> int:
        return id(self.checks)


@lru_cache(maxsize=64)
def _grader(same: _Same, folder: Path) -> Grader:
    checks = same.checks
    file = GraderFile(folder / f"test_{checks.assignment.module}.py", checks.grader, public=True)
    return grader_of(checks.assignment.id, [file], checks.translations)


def target_of(task_id: str, entry: Mapping[str, Any] | None) -> Target:
    """Return what a release says of a task; nothing is known where the entry is missing or unreadable."""
    try:
        return Target() if entry is None else _target(task_id, entry)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Target()


def _target(task_id: str, entry: Mapping[str, Any]) -> Target:
    target = entry["target"]
    if target is None:
        return Target(entry["starter"], entry["cell"])
    models = [Model(graph=from_plain(graph)) for graph in target["graphs"]]
    return Target(entry["starter"], entry["cell"], Subject(task_id, models), target["shows"] == "outline")


def was_changed(starter: str | None, cells: Sequence[str] | None = None) -> bool:
    """Return whether the cell that made what the running cell checks differs from the starter code.

    Args:
        starter: the digest of the starter code's cell; nothing is known without one.
        cells: the texts of the cells that ran, the running one last; by default those of the kernel.
    """
    cells = ran() if cells is None else cells
    if starter is None or not cells:
        return False
    checked = named_in(cells[-1])
    for source in reversed(cells[:-1]):
        if text_digest(source) == starter:
            # It need not make what is checked: a cell may compile what an earlier task's cell has made.
            return False
        if checked & made_by(source):
            return True
    return False


def ran() -> Sequence[str]:
    """Return the texts of the kernel's cells that ran, the running one last; empty outside a notebook."""
    if "IPython" not in sys.modules:
        return ()
    from IPython import get_ipython

    shell = get_ipython()
    return () if shell is None else list(shell.history_manager.input_hist_raw)
