"""Defines the report: what grading one submission found, from which everything that is shown is rendered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import field_validator

from autograder.checks.verdict import CheckReport, Failure, Part, Verdict
from autograder.messages import Language, Localized, Message, unbroken

__all__ = [
    "Afterwards",
    "CellRun",
    "CheckReport",
    "Drawing",
    "Failure",
    "Isolation",
    "Level",
    "Outcome",
    "Part",
    "Report",
    "Target",
    "TaskReport",
    "Timings",
    "Verdict",
]

Outcome = Literal["graded", "unreadable", "broken"]
Level = Literal["full", "contained", "none"]


class Drawing(Part):
    """A picture to be drawn: a graph as plain data, and the differences to mark in it (`graph.plain`)."""

    graph: dict[str, Any]
    differences: list[dict[str, Any]] = []


class Target(Part):
    """What is wanted instead, as far as its task lets it be shown (`target` in `course.yml`)."""

    graph: dict[str, Any]
    shows: Literal["everything", "outline"]


class TaskReport(Part):
    """One task: its checks, its score, and the learner's graph where there is one.

    `attempted` is false where the answer is the starter code as it was given out; `target` is there only
    where points are missing. `carried` are the numbers, from 1, of the earlier tasks that lost points for
    what this one builds on: it was judged as if they were right. `written` are the lines of the answer that
    were not given out, as many as a report keeps.

    `by_hand` says that a person grades it: it has no checks, and `written` is the text as it was handed in.
    It is `pending` as long as nobody has: its score is 0 then, and says nothing.
    """

    id: str
    title: Localized
    points: float
    score: float
    checks: list[CheckReport]
    attempted: bool = True
    drawing: Drawing | None = None
    target: Target | None = None
    carried: list[int] = []
    written: str = ""
    by_hand: bool = False
    pending: bool = False


class Afterwards(Part):
    """What a learner with full marks reads: why it works (Markdown), and the code of another solution."""

    text: Localized
    alternative: str


class CellRun(Part):
    """One cell as it ran. `state` is `ok`, `error` (an exception), `interrupted` (over its time),
    `ended` (the process ended in it) or `not_run` (the run ended before it)."""

    index: int
    id: str
    task: str | None = None
    state: Literal["ok", "error", "interrupted", "ended", "not_run"]
    error: Message | None = None
    traceback: str = ""


class Isolation(Part):
    """How the submission was isolated while it ran, and what a better level lacks on this machine."""

    level: Level
    lacking: list[Message] = []


class Timings(Part):
    """Seconds of wall clock; the one part of a report that differs from run to run."""

    total: float = 0.0
    run: float = 0.0
    checks: float = 0.0
    cells: dict[str, float] = {}
    tasks: dict[str, float] = {}


class Report(Part):
    """A submission's verdicts, scores and timings.

    `pending` are the points of the tasks that nobody has graded yet: the score is of the others.
    `language` is the one that the notebook names, if it names one. `checksum` is there in a file only
    (`files.write_report`): by it a change by hand is noticed.
    """

    schema_version: Literal[1] = 1
    checksum: str = ""
    assignment: str
    assignment_title: Localized
    student: str
    notebook: str
    digest: str
    language: Language | None = None
    grader: str = ""
    outcome: Outcome
    score: float
    max_score: float
    pending: float = 0.0
    tasks: list[TaskReport]
    notes: list[Message] = []
    cells: list[CellRun] = []
    afterwards: Afterwards | None = None
    isolation: Isolation
    timings: Timings = Timings()

    @property
    def full_marks(self) -> bool:
        """Whether nothing was lost of what has been graded; pending points are not lost."""
        return self.outcome == "graded" and self.score >= self.max_score - self.pending

    @field_validator("student", "notebook", mode="before")
    @classmethod
    def _is_text(cls, name: Any) -> Any:
        """Return a name as text: to the system, file names are bytes."""
        return unbroken(name) if isinstance(name, str) else name
