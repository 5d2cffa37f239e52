"""Writes the class report as `class.json`, `class.csv` and `alike.csv`, for scripts and spreadsheets."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path
from typing import Any

from autograder.class_report.model import ClassReport, Score
from autograder.feedback.files import written_whole
from autograder.feedback.grades import BYTE_ORDER_MARK, plain_number, spreadsheet_safe


def document(report: ClassReport) -> dict[str, Any]:
    """Return the documented, versioned document of `class --json` (docs/json.md)."""
    written = report.model_dump(mode="json")
    return {"schema_version": written.pop("schema_version"), "command": "class", **written}


def write_json(report: ClassReport, path: Path) -> None:
    """Write that document to `path`.

    Raises:
        OSError: it cannot be written.
    """
    with written_whole(path) as file:
        json.dump(document(report), file, ensure_ascii=False, indent=1)
        file.write("\n")


def write_csv(report: ClassReport, path: Path) -> None:
    """Write the scores to `path`: a row for each student, with a column for each assignment and the total.

    The last column has the points that a person has yet to give. What was not handed in, and what has no
    score yet, is left blank.

    Raises:
        OSError: it cannot be written.
    """
    scores = by_student(report)
    with written_whole(path, newline="") as file:
        file.write(BYTE_ORDER_MARK)
        rows = csv.writer(file)
        names = (spreadsheet_safe(one.id) for one in report.assignments)
        rows.writerow(["student", "name", *names, "total", "pending"])
        for student in report.students:
            found = scores[student]
            cells = [found.get(one.id) for one in report.assignments]
            rows.writerow(
                [
                    spreadsheet_safe(student),
                    spreadsheet_safe(report.names.get(student, "")),
                    *(plain_number(one.score) if one is not None and counts(one) else "" for one in cells),
                    plain_number(total(found)),
                    plain_number(pending(found)),
                ]
            )


def write_pairs(report: ClassReport, path: Path) -> None:
    """Write to `path` whose answers are alike: a row for each pair, with what they are alike in.

    Raises:
        OSError: it cannot be written.
    """
    with written_whole(path, newline="") as file:
        file.write(BYTE_ORDER_MARK)
        rows = csv.writer(file)
        rows.writerow(["assignment", "task", "student", "other", "differences", "characters", "both_right"])
        for assignment in report.assignments:
            for task in assignment.tasks:
                place = [assignment.id, task.id]
                for models in task.alike:
                    for pair in combinations(models.students, 2):
                        rows.writerow([*map(spreadsheet_safe, [*place, *pair]), models.differences, "", ""])
                for texts in task.same_text:
                    names = map(spreadsheet_safe, [*place, *texts.students])
                    rows.writerow([*names, "", texts.characters, "yes" if texts.right else "no"])


def by_student(report: ClassReport) -> dict[str, dict[str, Score]]:
    """Return each student's scores by assignment."""
    scores: dict[str, dict[str, Score]] = {student: {} for student in report.students}
    for one in report.scores:
        scores[one.student][one.assignment] = one
    return scores


def counts(score: Score) -> bool:
    """Return whether that score has been given to somebody."""
    return not score.pending


def pending(scores: dict[str, Score]) -> float:
    """Return the points that a person has yet to give a student."""
    return sum(one.pending_points for one in scores.values() if counts(one))


def total(scores: dict[str, Score]) -> float:
    """Return the sum of a student's scores."""
    return sum(one.score for one in scores.values() if counts(one))
