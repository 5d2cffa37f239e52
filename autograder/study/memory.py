"""Remembers a learner on this machine: hints that were shown, each task's best score, how far one is.

A small file in the user's own data folder; nothing of it is ever sent anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.course import Assignment, Course, Task
from autograder.feedback import Report
from autograder.feedback.files import written_whole
from autograder.messages import Language, Message, message

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


@dataclass(frozen=True)
class Hint:
    """A task's `number`-th hint of `count`; `again` says that it is given once more, as none is left.

    A task without hints has number 0.
    """

    task: Task
    number: int
    again: bool = False

    @property
    def count(self) -> int:
        """How many hints the task has."""
        return len(self.task.hints)

    def said(self, language: Language) -> Message:
        """The hint as a sentence that says which it is."""
        if not self.task.hints:
            return message("This task has no hints.")
        told = self.task.hints[self.number - 1].in_language(language)
        if self.again:
            return message(
                "That was the last hint (of {count}); here it is again: {hint}", count=self.count, hint=told
            )
        return message("Hint {number} of {count}: {hint}", number=self.number, count=self.count, hint=told)


def next_hint(course: Course, task_id: str) -> Hint:
    """The task's next hint, which counts as shown then; after the last one, the last again.

    Raises:
        CourseError: the course has no such task.
    """
    _, task = course.find_task(task_id)
    memory = remembered(course)
    shown = memory.hints.get(task_id, 0)
    if shown < len(task.hints):
        remember(course, memory.with_hint(task_id))
    return Hint(task, min(shown, len(task.hints) - 1) + 1, again=shown >= len(task.hints))


@dataclass(frozen=True)
class Progress:
    """Assignments with full marks out of all, the best scores out of all points, the hints shown."""

    done: int
    count: int
    score: float
    points: float
    hints: int


def progress(course: Course, memory: Memory) -> Progress:
    """How far the whole course is."""
    return Progress(
        done=sum(is_done(assignment, memory) for assignment in course.assignments),
        count=len(course.assignments),
        score=sum(best_score(assignment, memory) or 0.0 for assignment in course.assignments),
        points=sum(assignment.points for assignment in course.assignments),
        hints=sum(hints_shown(assignment, memory) for assignment in course.assignments),
    )


def best_score(assignment: Assignment, memory: Memory) -> float | None:
    """The sum of the tasks' best scores; None before the assignment was checked."""
    known = [memory.best[task.id] for task in assignment.tasks if task.id in memory.best]
    return sum(known) if known else None


def is_done(assignment: Assignment, memory: Memory) -> bool:
    """Whether every task once had full marks."""
    return all(memory.best.get(task.id, 0.0) >= task.points for task in assignment.tasks)


def hints_shown(assignment: Assignment, memory: Memory) -> int:
    """How many hints of the assignment were shown."""
    return sum(memory.hints.get(task.id, 0) for task in assignment.tasks)


def first_open(course: Course, memory: Memory) -> Assignment:
    """The first assignment that is not done; where all are, the first."""
    left = (assignment for assignment in course.assignments if not is_done(assignment, memory))
    return next(left, course.assignments[0])


def next_after(course: Course, memory: Memory, assignment: Assignment) -> Assignment:
    """The next assignment that is not done, from the first again after the last; where all are, the next."""
    place = [one.id for one in course.assignments].index(assignment.id)
    others = [*course.assignments[place + 1 :], *course.assignments[:place]]
    left = (other for other in others if not is_done(other, memory))
    return next(left, others[0] if others else assignment)
