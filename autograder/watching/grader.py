"""The grading process of `autograder watch`, which with full marks returns the solution, too."""

from __future__ import annotations

from typing import NoReturn

from autograder.course import Assignment, Course
from autograder.course.starter import BEGIN_SOLUTION, solution
from autograder.grading import GradedSubmission, Scheme, Submission, serve_program
from autograder.grading.process import GradingProcess, program
from autograder.grading.protocol import Answer, grading, greeting, preparing


class Grader:
    """A grading process that gets one order at a time, and is started again when it has died.

    Its first answer says that Keras is imported, or that nothing can be graded here at all.
    """

    def __init__(self, course: Course, *, unsafe: bool) -> None:
        self._course = course
        self._unsafe = unsafe
        self._start()

    def _start(self) -> None:
        self._process = GradingProcess(program(__name__, self._course.file))
        self._process.ask(greeting((), unsafe=self._unsafe))

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is an answer or the process has ended."""
        return self._process.fileno()

    def prepare(self, assignment: Assignment) -> None:
        """Run an assignment's reference solution."""
        self._process.ask(preparing([assignment], unsafe=self._unsafe))

    def grade(self, submission: Submission) -> None:
        """Grade a notebook."""
        self._process.ask(grading(submission, unsafe=self._unsafe))

    def abandon(self) -> None:
        """Give up the current run, if there is one; its order is answered in any case."""
        self._process.abandon()

    def answer(self) -> Answer:
        """Return the next answer.

        Raises:
            ProcessDied: there will be none.
        """
        return self._process.answer()

    def restart(self) -> None:
        """Start a new process in place of one that has died."""
        self.close()
        self._start()

    def close(self) -> None:
        """End the process."""
        self._process.close()


def main() -> NoReturn:
    """Serve as `grading.server` does."""
    serve_program(lambda _course: _solution_of)


def _solution_of(_submission: Submission, scheme: Scheme, graded: GradedSubmission) -> list[str]:
    """Return, for full marks, the reference solution's cells, without markers and starter code."""
    report = graded.report
    if not report.full_marks:
        return []
    sources = [cell.source for cell in scheme.solution.cells if BEGIN_SOLUTION in cell.source]
    return [solution(source).strip() for source in sources]
