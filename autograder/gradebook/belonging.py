"""Which assignment a notebook belongs to: its cells tell, whatever it is called."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.grading.submission import UnreadableNotebook, load_notebook
from autograder.messages import Message

_CHECK = re.compile(r"""^\s*check\(\s*["'](?P<task>[a-z0-9-]+)["']\s*,""", re.MULTILINE)


@dataclass(frozen=True)
class Belonging:
    """The assignment whose tasks a notebook has most of, if any; or why it could not be read."""

    assignment: str | None = None
    unreadable: Message | None = None


def belonging_of(path: Path, course: Course, wanted: str) -> Belonging:
    """Where the notebook at `path` belongs; where two assignments have a claim alike, to `wanted`."""
    try:
        notebook = load_notebook(path).notebook
    except UnreadableNotebook as error:
        return Belonging(unreadable=error.message)
    tasks = {task.id: assignment.id for assignment in course.assignments for task in assignment.tasks}
    # A copied cell counts once: a task is there or it is not.
    present = {task for cell in notebook.cells for task in _tasks_of(cell)} & tasks.keys()
    count = Counter(tasks[task] for task in present)
    return Belonging(max(count, key=lambda name: (count[name], name == wanted), default=None))


def _tasks_of(cell: Any) -> set[str]:
    if cell.get("cell_type") != "code":
        return set()
    data = cell.metadata.get("nbgrader")
    named = data.get("grade_id") if isinstance(data, dict) else None
    found = {said["task"] for said in _CHECK.finditer(cell.source)}
    return found | {named} if isinstance(named, str) else found
