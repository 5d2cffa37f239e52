"""Grades other answers: by their evidence, or by running them in the place of the reference's."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.checks import Subject
from autograder.feedback import TaskReport
from autograder.grading import GradingSession, Scheme
from autograder.grading.grade import run_once
from autograder.grading.judge import Judged, judge, subjects_of
from autograder.grading.restore import RestoredCell
from autograder.sandbox import Run


@dataclass(frozen=True)
class Examined:
    """The result for one set of answers: what the checks looked at, and what they said."""

    cells: Sequence[RestoredCell]
    run: Run
    subjects: Mapping[str, Subject]
    judged: Judged

    @property
    def lost(self) -> list[TaskReport]:
        """The tasks below full marks, in their order."""
        return [task for task in self.judged.tasks if task.score < task.points]

    def telling(self, task: str) -> TaskReport:
        """Return the report of the first task that lost points, or else that of the task itself."""
        own = (report for report in self.judged.tasks if report.id == task)
        return next(iter((*self.lost, *own)))


@dataclass(frozen=True)
class Examiner:
    """An examiner of answers to one assignment; whatever is not changed is the reference solution's."""

    scheme: Scheme
    session: GradingSession

    def of_evidence(self, changed: Mapping[str, bytes]) -> Examined:
        """Return the result of the reference's run with other evidence for some tasks, by task id."""
        subjects = {**self._unchanged, **self.subjects_with(changed, changed)}
        return self._examined(self.scheme.solution.cells, self.run_with(changed), subjects)

    def of_sources(self, changed: Mapping[str, str]) -> Examined:
        """Return the result of the reference's notebook with other code in some cells, by cell id.

        The notebook is run once: what a slip costs later tasks does not matter here (`benchmarks.marks`
        measures it).
        """
        cells = [
            dataclasses.replace(cell, source=changed.get(cell.id, cell.source))
            for cell in self.scheme.solution.cells
        ]
        ran = run_once(self.scheme, cells, self.session.run_cells)
        return Examined(cells, ran.run, ran.subjects, ran.judged)

    def subjects_with(
        self, changed: Mapping[str, bytes], tasks: Collection[str] | None = None
    ) -> Mapping[str, Subject]:
        """Return what the checks of those tasks, or of all, would look at, had some tasks other evidence."""
        scheme = self.scheme
        wanted = [task for task in scheme.assignment.checked if tasks is None or task.id in tasks]
        assignment = scheme.assignment.model_copy(update={"tasks": tuple(wanted)})
        return subjects_of(
            assignment, scheme.solution.cells, self.run_with(changed), scheme.probes, scheme.references
        )

    def run_with(self, changed: Mapping[str, bytes]) -> Run:
        """Return the reference's run as if it had left other evidence of some tasks."""
        tasks = {number: cell.task for number, cell in enumerate(self.scheme.solution.cells)}
        cells = [
            dataclasses.replace(cell, evidence=[changed[task]])
            if (task := tasks.get(cell.index)) in changed and task is not None
            else cell
            for cell in self.scheme.solution.run.cells
        ]
        return dataclasses.replace(self.scheme.solution.run, cells=cells)

    @cached_property
    def _unchanged(self) -> Mapping[str, Subject]:
        """What the checks look at where nothing was changed: read once, however many answers are examined."""
        return self.subjects_with({})

    def _examined(self, cells: Sequence[RestoredCell], run: Run, subjects: Mapping[str, Subject]) -> Examined:
        scheme = self.scheme
        return Examined(cells, run, subjects, judge(scheme.assignment, scheme.grader, subjects))
