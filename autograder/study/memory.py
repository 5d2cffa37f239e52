"""What this machine remembers of a learner: hints that were shown, and the best score of each task.

A small file in the user's own data folder; nothing of it is ever sent anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.course import Course
from autograder.feedback import Report
from autograder.feedback.files import written_whole

FOLDER = "beyond-sequential"


class Memory(BaseModel):
    """How many hints of each task were shown, and the best score of each task, both by task id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = 1
    hints: Mapping[str, int] = Field(default_factory=dict)
    best: Mapping[str, float] = Field(default_factory=dict)

    def with_hint(self, task: str) -> Memory:
        """With one more hint of a task shown."""
        return self.model_copy(update={"hints": {**self.hints, task: self.hints.get(task, 0) + 1}})

    def with_report(self, report: Report) -> Memory:
        """With the scores of a report, where they are better than what was there."""
        better = {task.id: max(task.score, self.best.get(task.id, 0.0)) for task in report.tasks}
        return self.model_copy(update={"best": {**self.best, **better}})


def memory_file(course: Course) -> Path:
    """Where it is kept; the folder follows the system's custom (`XDG_DATA_HOME` on Linux).

    Courses that have no id of their own are told apart by their titles.
    """
    name = course.id
    if name == Course.model_fields["id"].default:
        name += "-" + hashlib.blake2s(course.title.model_dump_json().encode(), digest_size=6).hexdigest()
    return Path(user_data_path(FOLDER)) / f"{name}.json"


# What could not be written: remembered as long as this process lives.
_unwritten: dict[Path, Memory] = {}


def remembered(course: Course) -> Memory:
    """What is remembered of a course: nothing where there is no file, or none that can be read."""
    path = memory_file(course)
    if path in _unwritten:
        return _unwritten[path]
    try:
        return Memory.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return Memory()


def remember(course: Course, memory: Memory) -> None:
    """Keep it; nobody's work stops where nothing can be written."""
    path = memory_file(course)
    try:
        with written_whole(path) as file:
            file.write(memory.model_dump_json(indent=1) + "\n")
        _unwritten.pop(path, None)
    except OSError:
        _unwritten[path] = memory
