"""Holds what a gradebook says of a submission: the scores that count, whoever has given them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.feedback.report import Report


@dataclass(frozen=True)
class GivenScores:
    """A submission's scores in the gradebook, before anything is taken off for handing in late.

    `score` is None where a task that checks grade has none; `tasks` are the scores by graded cell. `by_hand`
    are the tasks for which a person has given another score than the grader, or extra credit. `waiting` are
    those that only a person grades and nobody has yet, worth `pending` points: the score is of the others.
    """

    student: str
    assignment: str
    score: float | None
    max_score: float
    tasks: Mapping[str, float]
    by_hand: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    pending: float = 0.0

    @property
    def is_by_hand(self) -> bool:
        """Whether a person has given a score, and none is missing; if not, the report says the same."""
        return bool(self.by_hand) and self.score is not None

    def score_by_hand(self, task: str) -> float | None:
        """Return the score that a person has given a task, if any."""
        return self.tasks.get(task) if task in self.by_hand else None


def with_given(report: Report, given: GivenScores) -> Report:
    """Return the report with the gradebook's scores in place of its own; what its checks say stays.

    Where a task has no score yet, the report stays as it is: what nbgrader adds up of the rest is no score.
    """
    if given.score is None:
        return report
    tasks = [
        task.model_copy(
            update={"score": given.tasks.get(task.id, task.score), "pending": task.id in given.waiting}
        )
        for task in report.tasks
    ]
    return report.model_copy(
        update={
            "tasks": tasks,
            "score": given.score,
            "pending": given.pending,
            "max_score": given.max_score,
        }
    )
