"""Workers on this machine: forks of this process, one a submission at a time each."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.checks import Checker, serve_checks
from autograder.course import Assignment, Course
from autograder.feedback import Isolation
from autograder.grading.isolation import choose_isolation
from autograder.grading.pool import Event, Pool
from autograder.grading.scheme import Scheme, limits_of, load_graders, prepare
from autograder.grading.submission import Submission
from autograder.grading.worker import Keep, Worker
from autograder.grading.workers import Answer, Crew, written
from autograder.messages import Message
from autograder.sandbox import WarmInterpreter

Serve = Callable[[Callable[[], Submission | None], Callable[[Answer], None]], None]


@dataclass(frozen=True)
class LocalWorkers:
    """Workers on this machine.

    Args:
        jobs: how many submissions are graded at once.
        unsafe: grade even where the system offers no isolation at all.
        keep: is called in the worker that graded a submission; what it returns is the answer's `kept`,
            where the grader itself has not failed.
    """

    jobs: int
    unsafe: bool = False
    keep: Keep | None = None

    @contextmanager
    def open(self, course: Course, assignments: Sequence[Assignment]) -> Iterator[Crew]:
        """Workers for those assignments; they are started when there is something to grade."""
        isolation = choose_isolation(course, unsafe=self.unsafe)
        yield _LocalCrew(course, assignments, isolation, self.jobs, self.keep)


@dataclass(frozen=True)
class _LocalCrew:
    course: Course
    assignments: Sequence[Assignment]
    isolation: Isolation
    jobs: int
    keep: Keep | None

    @property
    def isolations(self) -> Sequence[Isolation]:
        return (self.isolation,)

    @property
    def refused(self) -> Sequence[Message]:
        return ()

    def grade(self, submissions: Sequence[Submission], output: Path) -> Iterator[Event[Submission, Answer]]:
        used = {submission.assignment for submission in submissions}
        assignments = [assignment for assignment in self.assignments if assignment.id in used]
        with WarmInterpreter.start(hide=[self.course.root]) as warm:
            schemes = prepare(self.course, load_graders(self.course, assignments), warm, self.isolation.level)
            # What is there now stays: the workers, forks of this process, need not look through it for
            # garbage.
            gc.freeze()
            serve = self._serving(schemes, warm, output)
            yield from Pool[Submission, Answer](serve, self.jobs).run(submissions)

    def _serving(self, schemes: Mapping[str, Scheme], warm: WarmInterpreter, output: Path) -> Serve:
        limits = limits_of(self.course)

        def serve(next_job: Callable[[], Submission | None], answer: Callable[[Answer], None]) -> None:
            def work(checker: Checker) -> bool:
                with Worker(warm, limits) as worker:
                    for submission in iter(next_job, None):
                        scheme = schemes[submission.assignment]
                        graded, kept = worker.grade(
                            submission, scheme, checker, self.isolation, keep=self.keep
                        )
                        trouble = "\n".join(graded.troubles)
                        answer(written(graded.report, submission, output, trouble, kept))
                return True

            serve_checks([scheme.grader for scheme in schemes.values()], work)

        return serve
