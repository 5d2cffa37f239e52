"""Finds scores that changed: what a task was given before and is given now, and the check that decides."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.feedback.files import written_whole
from autograder.feedback.grades import BYTE_ORDER_MARK, plain_number, spreadsheet_safe
from autograder.feedback.report import CheckReport, Report, TaskReport
from autograder.feedback.summary import first_failed, in_short
from autograder.messages import Language, Localized, Message, render
from autograder.regular import read_bytes

COLUMNS = (
    "time",
    "student",
    "assignment",
    "task",
    "before",
    "after",
    "points",
    "resubmitted",
    "check",
    "said",
)


@dataclass(frozen=True)
class ScoreChange:
    """A task of a submission that has another score than before, or is worth something else.

    `before` and `after` are None where there is no score: the task is new or gone, or the grader itself
    failed. `points_before` is None where the task is new. `resubmitted` says that another notebook was
    graded, not the same one anew. `check` is the check that decides, and `said` what it says, if it fails
    now.
    """

    student: str
    assignment: str
    title: Localized
    task: str
    task_title: Localized
    before: float | None
    after: float | None
    points_before: float | None
    points: float
    resubmitted: bool
    check: Message | None
    said: Message | None

    @property
    def order(self) -> tuple[str, str]:
        """Student and assignment, by which changes are sorted; within these they are in the tasks' order."""
        return (self.student, self.assignment)

    @property
    def gained(self) -> float:
        """The points that the student has more than before; negative where fewer."""
        return (self.after or 0.0) - (self.before or 0.0)

    def document(self) -> dict[str, Any]:
        """Return the change as part of a JSON document (docs/json.md)."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "task": self.task,
            "before": self.before,
            "after": self.after,
            "points_before": self.points_before,
            "points": self.points,
            "resubmitted": self.resubmitted,
            "check": self.check.model_dump(mode="json") if self.check is not None else None,
            "said": self.said.model_dump(mode="json") if self.said is not None else None,
        }


def score_changes(old: Report, new: Report) -> list[ScoreChange]:
    """Return the tasks of a submission to which two reports give another score or other points, in order."""
    before = {task.id: task for task in old.tasks}
    after = {task.id: task for task in new.tasks}
    found = []
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name), after.get(name)
        scores = _score(was, old), _score(now, new)
        if scores[0] == scores[1] and (was is None or now is None or was.points == now.points):
            continue
        task = now or was
        assert task is not None
        check = _deciding(was, now)
        failing = check is not None and check.verdict == "failed" and check.failure is not None
        found.append(
            ScoreChange(
                student=new.student,
                assignment=new.assignment,
                title=new.assignment_title,
                task=name,
                task_title=task.title,
                before=scores[0],
                after=scores[1],
                points_before=was.points if was is not None else None,
                points=task.points,
                resubmitted=old.digest != new.digest,
                check=check.title if check is not None else None,
                said=in_short(check.failure) if failing and check and check.failure else None,
            )
        )
    return found


def _score(task: TaskReport | None, report: Report) -> float | None:
    # Thirds of a point add up to 1.9999999999999998 in one order, and to 2 in another.
    return round(task.score, 6) if task is not None and report.outcome != "broken" else None


def _deciding(was: TaskReport | None, now: TaskReport | None) -> CheckReport | None:
    """Return the first check whose verdict or points changed in the direction of the score, if any."""
    if was is None or now is None:
        return None
    earlier = {check.id: check for check in was.checks}
    lost = now.score < was.score
    for check in now.checks:
        before = earlier.get(check.id)
        other = before is None or (before.verdict, before.points) != (check.verdict, check.points)
        if other and (check.verdict != "passed") == lost:
            return check
    there = {check.id for check in now.checks}
    gone = next((check for check in was.checks if check.id not in there), None)
    return gone or (first_failed(now.checks) if lost else None)


def note_changes(changes: Sequence[ScoreChange], path: Path, language: Language, at: datetime) -> None:
    """Add changes to the table at `path`, with the time; what was noted before stays.

    Raises:
        OSError: it cannot be written; the old file is still there then.
    """
    try:
        noted = read_bytes(path).decode("utf-8")
    except FileNotFoundError:
        noted = f"{BYTE_ORDER_MARK}{_rows([COLUMNS])}"
    except UnicodeDecodeError as error:
        raise OSError(None, "it is not in UTF-8", str(path)) from error
    with written_whole(path, newline="") as file:
        file.write(noted)
        file.write(_rows(_row(change, language, at) for change in changes))


def _rows(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _row(change: ScoreChange, language: Language, at: datetime) -> list[object]:
    return [
        at.isoformat(timespec="seconds"),
        spreadsheet_safe(change.student),
        spreadsheet_safe(change.assignment),
        spreadsheet_safe(change.task),
        *("" if score is None else plain_number(score) for score in (change.before, change.after)),
        plain_number(change.points),
        "yes" if change.resubmitted else "no",
        *(
            spreadsheet_safe(render(said, language)) if said is not None else ""
            for said in (change.check, change.said)
        ),
    ]
