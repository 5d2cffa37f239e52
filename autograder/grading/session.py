"""A grading session, which grades a course's submissions one after the other."""

from __future__ import annotations

import gc
import importlib
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Self

from autograder.course import Assignment, Course
from autograder.feedback import Isolation
from autograder.grading.budget import OverBudget, budget_of, without_memory_limit
from autograder.grading.carried import Replacements
from autograder.grading.grade import GradedSubmission, broken, grade_submission, without_run
from autograder.grading.judge import Probes
from autograder.grading.restore import RestoredCell
from autograder.grading.scheme import Scheme, load_graders, make_scheme
from autograder.grading.submission import Submission
from autograder.messages import AutograderError
from autograder.sandbox import CellSource, Limits, Request, Run, WarmInterpreter, WarmInterpreterGone

StartWarm = Callable[..., WarmInterpreter]
"""A function that starts a warm interpreter, given what it must `hide`."""

Keep = Callable[[Submission, Scheme, GradedSubmission], Any]
"""A function that makes something of a graded submission besides its report, where it was graded."""


class GradingSession:
    """A course's marking schemes, and the warm interpreter, limits and isolation that notebooks run with.

    Forks of the process that opened it may all grade with it.

    Args:
        course: the course; its `limits` hold for every run.
        warm: the warm interpreter, which the caller ends.
        isolation: how learner code is isolated.

    >>> from autograder.course import load_course
    >>> from autograder.grading import GradingSession, choose_isolation, notebook_of
    >>> course = load_course("course.yml")
    >>> with GradingSession.open(course, choose_isolation(course, unsafe=False)) as session:
    ...     report = session.grade(notebook_of(course, "u-net", "en")).report
    >>> report.outcome, report.score, report.max_score
    ('graded', 0.0, 10.0)
    """

    def __init__(self, course: Course, warm: WarmInterpreter, isolation: Isolation) -> None:
        self.course = course
        self.isolation = isolation
        self.running = False
        """Whether cells are running now."""
        self._warm = warm
        self._limits = limits_of(course)
        self._budget = budget_of(course)
        self._schemes: dict[str, Scheme] = {}
        self._stack = ExitStack()

    @classmethod
    def open(
        cls,
        course: Course,
        isolation: Isolation,
        *,
        start: StartWarm = WarmInterpreter.start,
    ) -> Self:
        """Open a session with a warm interpreter of its own, which ends with it.

        Args:
            course: the course.
            isolation: how learner code is isolated (`isolation.choose_isolation`).
            start: `WarmInterpreter.start`; `spawn` where this process may already know the hidden checks; a
                reserve's `start` where it has read what learners must not see.

        Raises:
            SandboxError: the warm interpreter cannot be started.
        """
        session = cls(course, start(hide=[course.root]), isolation)
        session._stack.enter_context(session._warm)
        return session

    def prepare(self, assignments: Iterable[Assignment]) -> None:
        """Make those assignments' marking schemes; each reference solution runs once.

        Raises:
            CourseError: a source notebook or a catalogue of the course is not in order.
            GradingError: a grader's file is wrong, or a reference solution does not run.
        """
        new = [assignment for assignment in assignments if assignment.id not in self._schemes]
        if not new:
            return
        # Otherwise the first comparison that finds a difference would import it, in every worker again.
        importlib.import_module("scipy.optimize")
        graders = load_graders(self.course, new)
        for assignment in new:
            self._schemes[assignment.id] = make_scheme(
                self.course, assignment, graders[assignment.id], self.run_cells
            )
        # What exists now stays, so neither this process nor its forks need search it for garbage.
        gc.freeze()

    def scheme(self, assignment_id: str) -> Scheme:
        """Return an assignment's marking scheme.

        Raises:
            CourseError, GradingError: as for `prepare`, where the scheme is not prepared yet.
        """
        if assignment_id not in self._schemes:
            self.prepare([self.course.assignment(assignment_id)])
        return self._schemes[assignment_id]

    def run_cells(
        self,
        cells: Sequence[RestoredCell],
        probes: Probes,
        replacements: Replacements = MappingProxyType({}),
        /,
        notebooks: int = 1,
    ) -> Run:
        """Run code cells in a jailed fork of the warm interpreter, or of a new one if that is gone.

        They may take as long as `notebooks` notebooks. `replacements` are put in place after the graded cells
        of their tasks.

        Raises:
            WarmInterpreterGone: the new one is gone as well.
            SandboxError: the jail could not be built.
        """
        sources = [
            CellSource(number, cell.id, cell.source, cell.task, cell.setup, cell.lenient)
            for number, cell in enumerate(cells)
        ]
        limits = replace(self._limits, notebook_seconds=self._limits.notebook_seconds * notebooks)
        request = Request(
            cells=sources,
            probes=dict(probes),
            replacements=dict(replacements),
            limits=limits,
            level=self.isolation.level,
        )
        try:
            return self._run(request)
        except WarmInterpreterGone:
            # This process knows the hidden checks, so the new one must not be a fork of it.
            with without_memory_limit():
                self._warm = self._stack.enter_context(WarmInterpreter.spawn(hide=self._warm.hide))
            return self._run(request)

    def grade(
        self, submission: Submission, *, content: bytes | None = None, keep: Keep | None = None
    ) -> GradedSubmission:
        """Return a submission's report and what `keep` makes of it; the grader's own fault is a report, too.

        `content` is the content of the submission's file, where that lies on another machine.

        Raises:
            CourseError, GradingError: as for `prepare`, where the assignment is not prepared yet.
            WarmInterpreterGone: the warm interpreter is gone, and so is the one that replaced it.
        """
        scheme = self.scheme(submission.assignment)
        try:
            try:
                with self._budget.spent():
                    graded = grade_submission(submission, scheme, self.run_cells, self.isolation, content)
                    return _kept(graded, submission, scheme, keep)
            except OverBudget as over:
                notes = [*submission.notes, over.message]
                report = without_run(submission, scheme.assignment, "unreadable", notes, self.isolation)
                return _kept(GradedSubmission(report), submission, scheme, keep)
        except WarmInterpreterGone:
            raise
        except Exception as error:
            said = error.messages if isinstance(error, AutograderError) else ()
            report = broken(submission, scheme.assignment, self.isolation, said)
            return GradedSubmission(report, [traceback.format_exc()])

    def close(self) -> None:
        """End the warm interpreters that were started here; a fork ends only those that it has started."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, request: Request) -> Run:
        try:
            self.running = True
            run = self._warm.run(request)
            # A machine that is short of memory kills what it likes, and that is no learner's mistake.
            return self._warm.run(request) if run.lost else run
        finally:
            self.running = False


def _kept(
    graded: GradedSubmission, submission: Submission, scheme: Scheme, keep: Keep | None
) -> GradedSubmission:
    """Return the submission with what `keep` makes of it, which is nothing where the grader has failed."""
    if keep is None or graded.report.outcome == "broken":
        return graded
    return replace(graded, kept=keep(submission, scheme, graded))


def limits_of(course: Course) -> Limits:
    """Return the limits of `course.yml` in the sandbox's form."""
    limits = course.limits
    return Limits(
        cell_seconds=limits.cell_seconds,
        notebook_seconds=limits.notebook_seconds,
        memory_bytes=limits.memory,
        processes=limits.processes,
        output_bytes=limits.output,
        file_bytes=limits.file_size,
    )
