"""Workers on this machine: forks of this process, each grading one submission at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.feedback import Isolation
from autograder.grading.isolation import choose_isolation
from autograder.grading.pool import Event, Pool
from autograder.grading.session import GradingSession, Keep, StartWarm
from autograder.grading.submission import Submission
from autograder.grading.workers import Answer, Crew, written
from autograder.messages import Message
from autograder.sandbox import WarmInterpreter


@dataclass(frozen=True)
class LocalWorkers:
    """Workers on this machine.

    Args:
        jobs: how many submissions are graded at once.
        unsafe: grade even where the system offers no isolation at all.
        keep: is called in the worker that graded a submission; what it returns is the answer's `kept`,
            unless the grader itself has failed.
        start: starts the warm interpreter; that of a reserve (`sandbox.Reserve`) where there is one.
    """

    jobs: int
    unsafe: bool = False
    keep: Keep | None = None
    start: StartWarm = WarmInterpreter.start

    @contextmanager
    def open(self, course: Course, assignments: Sequence[Assignment]) -> Iterator[Crew]:
        """Provide workers for those assignments, which start when there is something to grade."""
        isolation = choose_isolation(course, unsafe=self.unsafe)
        yield _LocalCrew(course, assignments, isolation, self.jobs, self.keep, self.start)


@dataclass(frozen=True)
class _LocalCrew:
    course: Course
    assignments: Sequence[Assignment]
    isolation: Isolation
    jobs: int
    keep: Keep | None
    start: StartWarm

    @property
    def isolations(self) -> Sequence[Isolation]:
        return (self.isolation,)

    @property
    def refused(self) -> Sequence[Message]:
        return ()

    def grade(self, submissions: Sequence[Submission], output: Path) -> Iterator[Event[Submission, Answer]]:
        used = {submission.assignment for submission in submissions}
        with GradingSession.open(self.course, self.isolation, start=self.start) as session:
            session.prepare(assignment for assignment in self.assignments if assignment.id in used)

            def work(next_job: Callable[[], Submission | None], answer: Callable[[Answer], None]) -> None:
                with session:
                    for submission in iter(next_job, None):
                        answer(written(session.grade(submission, keep=self.keep), submission, output))

            yield from Pool[Submission, Answer](work, self.jobs).run(submissions)
