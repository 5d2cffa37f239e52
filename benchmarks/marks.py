"""Marks: how far ours are from a fair teacher's, and whether a slip is charged twice.

python -m benchmarks.marks [--seed 1] [--dry-run] [ASSIGNMENT ...]
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autograder.audit.mutation.mutants import sample
from autograder.audit.mutation.source.mutants import source_mutants
from autograder.course import load_course
from autograder.feedback import TaskReport
from autograder.grading import GradingSession, Scheme, choose_isolation
from autograder.grading.grade import run_and_judge
from autograder.grading.restore import RestoredCell
from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-marks"

Change = str | Sequence[tuple[str, str]]
"""A whole answer, or what is written in place of what."""


@dataclass(frozen=True)
class Case:
    """A slip, what a fair teacher gives for the whole notebook, and what our grader gives for its tasks.

    `fair` are the lowest and the highest number of points that can be defended; `gives` has the tasks that
    lose points; `first` is a part of what the first message about the slip must say, where that is held.
    """

    slip: str
    assignment: str
    change: Mapping[str, Change]
    fair: tuple[float, float]
    gives: Mapping[str, float]
    first: str = ""

    def gap(self, score: float) -> float:
        """How far a score is from the nearest fair one, in points."""
        lowest, highest = self.fair
        return max(lowest - score, score - highest, 0.0)

    def cells(self, scheme: Scheme) -> list[RestoredCell]:
        """Return the reference's cells with the slip in them.

        Raises:
            ValueError: what is to be replaced does not stand in the reference solution.
        """
        changed = {f"{task}-answer": change for task, change in self.change.items()}
        return [
            dataclasses.replace(cell, source=_changed(cell.source, changed[cell.id]))
            if cell.id in changed
            else cell
            for cell in scheme.solution.cells
        ]


def read_cases(path: Path = ROOT / "benchmarks" / "marks.yml") -> list[Case]:
    """Return the worked cases of a file."""
    return [_case(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def graded(case: Case, session: GradingSession) -> list[TaskReport]:
    """Return what the grader says of a case's tasks."""
    scheme = session.scheme(case.assignment)
    return run_and_judge(scheme, case.cells(scheme), session.run_cells).judged.tasks


def lost(tasks: Sequence[TaskReport]) -> dict[str, float]:
    """Return the scores of the tasks that have lost points."""
    return {task.id: task.score for task in tasks if task.score < task.points}


def charged_twice(session: GradingSession, assignment: str, most: int, seed: int) -> tuple[int, float]:
    """Return how many slips were tried, and the points that tasks without a slip have lost by them.

    Args:
        session: what they are graded with.
        assignment: whose answers get a slip, one at a time; every task's but the last one's.
        most: the most slips that are tried.
        seed: decides which they are.
    """
    scheme = session.scheme(assignment)
    last = scheme.assignment.tasks[-1].id
    slips = [mutant for mutant in source_mutants(scheme) if mutant.task != last]
    chosen = sample(slips, most, seed)
    points = 0.0
    for mutant in chosen:
        cells = [
            dataclasses.replace(cell, source=mutant.source) if cell.id == mutant.cell else cell
            for cell in scheme.solution.cells
        ]
        tasks = run_and_judge(scheme, cells, session.run_cells).judged.tasks
        more = {task: score for task, score in lost(tasks).items() if task != mutant.task}
        by_others = sum(task.points - task.score for task in tasks if task.id in more)
        points += by_others
        if by_others:
            print(f"  {assignment}: {mutant.task}, {mutant.what} ({mutant.operator}): {more}")
    return len(chosen), points


def main() -> None:
    """Grade every case and print what is not fair; write how far the marks are from fair ones."""
    options = benchmark_options(__doc__)
    options.add_argument("--seed", type=int, default=1, help="decides which slips are tried")
    options.add_argument("--slips", type=int, default=40, help="the most slips in an assignment (40)")
    options.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="else all")
    chosen = options.parse_args()
    course = load_course(ROOT / "course.yml")
    names = chosen.assignments or [assignment.id for assignment in course.assignments]
    gaps = []
    with GradingSession.open(course, choose_isolation(course, unsafe=False)) as session:
        for case in read_cases():
            if case.assignment not in names:
                continue
            tasks = graded(case, session)
            score = sum(task.score for task in tasks)
            gaps.append(case.gap(score))
            lowest, highest = case.fair
            print(
                f"{gaps[-1]:.2f}: {score:g} for {lowest:g} to {highest:g}, {case.assignment}, {case.slip}: "
                f"{lost(tasks)}"
            )
        tried = [charged_twice(session, name, chosen.slips, chosen.seed) for name in names]
    gap, points = statistics.mean(gaps), sum(points for _, points in tried)
    print(f"{gap:.3f} points from a fair mark, over {len(gaps)} cases")
    print(f"{points:g} points lost by right answers, over {sum(count for count, _ in tried)} slips in others")
    if not chosen.dry_run and not chosen.assignments:
        record("marks.gap", round(gap, 3), "points of ten", "<= 0.5", COMMAND)
        record("marks.charged_twice", round(points, 3), "points", "0", COMMAND)


def _case(entry: Mapping[str, Any]) -> Case:
    fair = entry["fair"]
    lowest, highest = fair if isinstance(fair, list) else (fair, fair)
    change = {
        task: text if isinstance(text, str) else [(old, new) for old, new in text]
        for task, text in entry["change"].items()
    }
    gives, first = entry.get("gives", {}), entry.get("first", "")
    return Case(entry["slip"], entry["assignment"], change, (lowest, highest), gives, first)


def _changed(source: str, change: Change) -> str:
    if isinstance(change, str):
        return change
    for old, new in change:
        if old not in source:
            raise ValueError(f"{old!r} does not stand in {source!r}")
        source = source.replace(old, new, 1)
    return source


if __name__ == "__main__":
    main()
