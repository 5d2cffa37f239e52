"""Hints, one step at a time: from a nudge to nearly the line."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course import Course, Task
from autograder.messages import Language, Message, message
from autograder.study.memory import remember, remembered


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
            return message("No hint is left; the last of {count} again: {hint}", count=self.count, hint=told)
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
