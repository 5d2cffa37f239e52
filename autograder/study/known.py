"""What a learner's kernel knows beforehand of a task: its target, and what its starter code looks like.

`autograder release` writes it (`grading.targets`), as far as `course.yml` lets it be shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.checks import Model, Subject
from autograder.course import Assignment, Course
from autograder.graph import from_plain


@dataclass(frozen=True)
class Known:
    """What is not known is None.

    `starter` is the trace of the starter code, `cell` the digest of its text, `target` what is wanted.
    """

    starter: str | None = None
    cell: str | None = None
    target: Subject | None = None
    in_outline: bool = False


def known_of(course: Course, assignment: Assignment, task_id: str) -> Known:
    """What is known of a task: nothing where there is no file, or none that can be read."""
    path = course.known(assignment)
    try:
        return _read(path, path.stat().st_mtime_ns).get(task_id, Known())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Known()


@cache
def _read(path: Path, _changed: int) -> Mapping[str, Known]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {task_id: _known(task_id, entry) for task_id, entry in document["tasks"].items()}


def _known(task_id: str, entry: Mapping[str, Any]) -> Known:
    target = entry["target"]
    if target is None:
        return Known(entry["starter"], entry["cell"])
    models = [Model(graph=from_plain(graph)) for graph in target["graphs"]]
    return Known(entry["starter"], entry["cell"], Subject(task_id, models), target["shows"] == "outline")
