"""Remembers a learner on this machine: hints shown, each task's best score, progress in the course.

It is a small file in the user's own data folder; nothing of it is ever sent anywhere.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field

from autograder.course import Assignment, Course, Task
from autograder.feedback import Report
from autograder.feedback.files import alone, written_whole
from autograder.messages import Language, Message, message
from autograder.regular import read_bytes

FOLDER = "beyond-sequential"


class Memory(BaseModel):
    """How many hints of each task were shown, and the best score of each task, both by task id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = 1
    hints: Mapping[str, int] = Field(default_factory=dict)
    best: Mapping[str, float] = Field(default_factory=dict)

    def with_hint(self, task: str, most: int | None = None) -> Memory:
        """Return a memory with one more hint of a task shown, but no more than `most`."""
        shown = self.hints.get(task, 0) + 1
        return self.model_copy(update={"hints": {**self.hints, task: min(shown, most or shown)}})

    def with_report(self, report: Report) -> Memory:
        """Return a memory with the scores of a report, where they are better than those remembered."""
        # Of a task that a person grades, only an attempt is remembered.
        seen = [task for task in report.tasks if task.attempted or not task.by_hand]
        better = {task.id: max(task.score, self.best.get(task.id, 0.0)) for task in seen}
        return self.model_copy(update={"best": {**self.best, **better}})

    def joined(self, other: Memory) -> Memory:
        """Return a memory with what another has seen, too: the most hints and the best score of each task."""
        hints = {task: max(self.hints.get(task, 0), shown) for task, shown in other.hints.items()}
        best = {task: max(self.best.get(task, 0.0), score) for task, score in other.best.items()}
        return self.model_copy(update={"hints": {**self.hints, **hints}, "best": {**self.best, **best}})


def memory_file(course: Course) -> Path:
    """Return where a course's memory is kept, by the system's custom (`XDG_DATA_HOME` on Linux).

    Courses without an id of their own are told apart by their titles. Where the user's home is unknown, the
    path can be neither read nor written, as in a home that is read-only.
    """
    name = course.id
    if name == Course.model_fields["id"].default:
        name += "-" + hashlib.blake2s(course.title.model_dump_json().encode(), digest_size=6).hexdigest()
    return _data_folder() / f"{name}.json"


def _data_folder() -> Path:
    try:
        folder = Path(user_data_path(FOLDER))
    except RuntimeError:
        folder = Path("~")
    # Older versions of platformdirs return `~/...` as it is, which would become a folder of that name here.
    return folder if folder.is_absolute() else Path(os.devnull) / FOLDER


_MOST_BYTES = 4 * 1024**2
_MOST_HINTS = 1_000_000
_MOST_POINTS = 1e6
_DAMAGED = "-damaged"
"""What is added to the name of the copy of a file that could not be read."""

# What could not be written is remembered as long as this process lives.
_unwritten: dict[Path, Memory] = {}


@dataclass(frozen=True)
class _Found:
    """What a file held, as far as it can be read; and whether it is whole, damaged, or may not be read."""

    memory: Memory
    state: Literal["whole", "damaged", "unreadable"] = "whole"


def remembered(course: Course) -> Memory:
    """Return what is remembered of a course; nothing where there is no file, or no readable one.

    Of a damaged file it is whatever can be read.
    """
    path = memory_file(course)
    return _unwritten[path] if path in _unwritten else _found(path).memory


def remember_score(course: Course, task_id: str, score: float) -> None:
    """Remember the score of a task where it is better than what is remembered."""
    if score > remembered(course).best.get(task_id, 0.0):
        remember(course, Memory(best={task_id: score}))


def is_damaged(course: Course) -> bool:
    """Return whether a course's file cannot be read as it is."""
    return _found(memory_file(course)).state != "whole"


def is_kept(course: Course) -> bool:
    """Return whether everything to be remembered of a course could be written."""
    return memory_file(course) not in _unwritten


def remember(course: Course, memory: Memory) -> None:
    """Add to what is remembered, also by others meanwhile; no work stops where nothing can be written."""
    _change(course, lambda known: known.joined(memory))


def _change(course: Course, change: Callable[[Memory], Memory]) -> Memory:
    """Change what is remembered, one process at a time; return what it was before."""
    path = memory_file(course)
    if path in _unwritten:
        before = _unwritten[path]
        _unwritten[path] = change(before)
        return before
    # Somebody may keep the file elsewhere: then that file is written, and the link to it stays.
    kept = Path(os.path.realpath(path))
    try:
        with alone(kept.with_suffix(".lock")):
            found = _found(kept)
            if found.state == "unreadable":
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(kept))
            if found.state == "damaged":
                _put_aside(kept)
            with written_whole(kept) as file:
                file.write(change(found.memory).model_dump_json(indent=1) + "\n")
    except OSError:
        found = _found(kept)
        _unwritten[path] = change(found.memory)
    return found.memory


def _found(path: Path) -> _Found:
    try:
        written = json.loads(read_bytes(path, _MOST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return _Found(Memory())
    except (ValueError, RecursionError):
        return _Found(Memory(), "damaged")
    except OSError as error:
        # A folder, a pipe, or gigabytes are no file of ours, and are in the way of one.
        ours = error.errno in (errno.EINVAL, errno.EFBIG, errno.EISDIR)
        return _Found(Memory(), "damaged" if ours else "unreadable")
    if not isinstance(written, dict):
        return _Found(Memory(), "damaged")
    hints, best = written.get("hints", {}), written.get("best", {})
    memory = Memory(hints=_valid(hints, int, _MOST_HINTS), best=_valid(best, (int, float), _MOST_POINTS))
    whole = memory.hints == hints and memory.best == best and written.get("version", 1) == 1
    return _Found(memory, "whole" if whole else "damaged")


def _valid(found: Any, kinds: Any, most: float) -> dict[str, Any]:
    """Return the entries whose values are numbers of those kinds, from 0 up to `most`."""
    entries: Mapping[str, Any] = found if isinstance(found, dict) else {}
    return {
        name: value
        for name, value in entries.items()
        if isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value <= most
    }


def _put_aside(path: Path) -> None:
    """Rename a file that cannot be read, so that nothing of it is lost."""
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}{_DAMAGED}-{stamp}-{secrets.token_hex(2)}{path.suffix}")
    os.replace(path, aside)


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
        """The number of hints that the task has."""
        return len(self.task.hints)

    def said(self, language: Language) -> Message:
        """Return the hint as a sentence that says which one it is."""
        if not self.task.hints:
            return message("This task has no hints.")
        told = self.task.hints[self.number - 1].in_language(language)
        if self.again:
            return message(
                "That was the last hint (of {count}); here it is again: {hint}", count=self.count, hint=told
            )
        return message("Hint {number} of {count}: {hint}", number=self.number, count=self.count, hint=told)


def next_hint(course: Course, task_id: str) -> Hint:
    """Return the task's next hint, which then counts as shown; after the last one, the last again.

    Raises:
        CourseError: the course has no such task.
    """
    _, task = course.find_task(task_id)
    shown = remembered(course).hints.get(task_id, 0)
    if shown < len(task.hints):
        shown = _change(course, lambda known: known.with_hint(task_id, len(task.hints))).hints.get(task_id, 0)
    return Hint(task, min(shown, len(task.hints) - 1) + 1, again=shown >= len(task.hints))


@dataclass(frozen=True)
class Progress:
    """Assignments with full marks out of all, best scores out of all points that checks give, hints shown."""

    done: int
    count: int
    score: float
    points: float
    hints: int


def progress(course: Course, memory: Memory) -> Progress:
    """Return the progress in the whole course."""
    return Progress(
        done=sum(is_done(assignment, memory) for assignment in course.assignments),
        count=len(course.assignments),
        score=sum(best_score(assignment, memory) or 0.0 for assignment in course.assignments),
        points=sum(points_here(assignment) for assignment in course.assignments),
        hints=sum(hints_shown(assignment, memory) for assignment in course.assignments),
    )


def best_score(assignment: Assignment, memory: Memory) -> float | None:
    """Return the sum of the tasks' best scores; None before the assignment was checked."""
    known = [memory.best[task.id] for task in assignment.tasks if task.id in memory.best]
    return sum(known) if known else None


def points_here(assignment: Assignment) -> float:
    """Return the points of an assignment that checks give; a person gives the others after handing in."""
    return sum(task.points for task in assignment.checked)


def is_done(assignment: Assignment, memory: Memory) -> bool:
    """Return whether every checked task once had full marks, and every other one has been attempted."""
    full = all(memory.best.get(task.id, 0.0) >= task.points for task in assignment.checked)
    return full and all(task.id in memory.best for task in assignment.by_hand)


def hints_shown(assignment: Assignment, memory: Memory) -> int:
    """Return how many hints of the assignment were shown."""
    return sum(memory.hints.get(task.id, 0) for task in assignment.tasks)


def first_open(course: Course, memory: Memory) -> Assignment:
    """Return the first assignment that is not done; where all are, the first one."""
    left = (assignment for assignment in course.assignments if not is_done(assignment, memory))
    return next(left, course.assignments[0])


def next_after(
    course: Course,
    memory: Memory,
    assignment: Assignment,
    done: Callable[[Assignment, Memory], bool] = is_done,
) -> Assignment:
    """Return the next assignment that is not done, starting again after the last; where all are, the next.

    One that presupposes what is not done comes after those that do not.
    """
    place = [one.id for one in course.assignments].index(assignment.id)
    others = [*course.assignments[place + 1 :], *course.assignments[:place]]
    left = [other for other in others if not done(other, memory)]
    open_ = {other.id for other in left}
    ready = [other for other in left if open_.isdisjoint(other.presupposes)]
    return next(iter([*ready, *left, *others]), assignment)
