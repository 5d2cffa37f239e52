"""The grader that stays warm: a process that grades one notebook after the other, as a class is graded.

It is started as a program of its own, so that whoever watches may have threads. It forks the warm
interpreter before it loads a grader, keeps it, and makes an assignment's scheme once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from types import FrameType
from typing import NoReturn, Self, TypeVar

from autograder.checks import Checker, GraderError, serve_checks
from autograder.course import CourseError
from autograder.course.starter import BEGIN_SOLUTION, solution
from autograder.feedback.words import BROKEN
from autograder.grading import (
    GradedSubmission,
    GradingError,
    Scheme,
    choose_isolation,
    grade_submission,
    limits_of,
    load_graders,
    prepare,
)
from autograder.messages import Message
from autograder.sandbox import Request, Run, SandboxError, WarmInterpreter, WarmInterpreterGone
from autograder.watching.protocol import (
    Abandoned,
    Ask,
    Preparing,
    Ready,
    Refused,
    Setup,
    Unable,
    Verdict,
)

ABANDON = signal.SIGUSR1
"""The signal that gives up the run of a notebook that has been saved again meanwhile."""

Result = TypeVar("Result")


class _GivenUp(BaseException):
    """Raised in the middle of a run; whoever graded it answers that it was given up."""


class _Interruptible(WarmInterpreter):
    """A warm interpreter whose run a signal gives up: it sees the run's end and ends what is left of it."""

    armed = False
    _running = False

    def run(self, request: Request, on_event: Callable[..., None] | None = None) -> Run:
        self._running = True
        try:
            return super().run(request, on_event)
        finally:
            self._running = False

    def give_up(self, _signal: int, _frame: FrameType | None) -> None:
        """The signal's handler: no more than a learner's own run is given up."""
        if self.armed and self._running:
            raise _GivenUp

    @contextmanager
    def learners(self) -> Iterator[Self]:
        """The run in this block is a learner's, and may be given up."""
        self.armed = True
        try:
            yield self
        finally:
            self.armed = False


class Grader:
    """Answers asks until nobody asks any more.

    Raises:
        GradingError: this machine does not offer the isolation that is wanted.
        SandboxError: the warm interpreter cannot be started.
    """

    def __init__(self, connection: Connection, setup: Setup) -> None:
        self._connection = connection
        self._course = setup.course
        self._isolation = choose_isolation(setup.course, unsafe=setup.unsafe)
        self._schemes: dict[str, Scheme] = {}
        self._warm = _Interruptible.start(hide=[setup.course.root])
        signal.signal(ABANDON, self._warm.give_up)

    def serve(self) -> None:
        """Answer one ask after the other; a pytest session lasts as long as they are of one assignment.

        Raises:
            EOFError, OSError: nobody listens any more.
        """
        self._connection.send(Ready())
        ask: Ask = self._connection.recv()
        try:
            while True:
                scheme = self._guarded(ask, partial(self._scheme, ask))
                if isinstance(scheme, Refused):
                    self._connection.send(scheme)
                    ask = self._connection.recv()
                else:
                    ask = self._stay(ask, scheme)
        finally:
            self._warm.close()

    def _stay(self, first: Ask, scheme: Scheme) -> Ask:
        """Answer asks for one assignment; returns the first that is for another."""

        def work(checker: Checker) -> Ask:
            ask = first
            while ask.submission.assignment == first.submission.assignment:
                self._connection.send(self._answer(ask, scheme, checker))
                ask = self._connection.recv()
            return ask

        return serve_checks([scheme.grader], work)

    def _answer(self, ask: Ask, scheme: Scheme, checker: Checker) -> Verdict | Refused | Abandoned:
        def grade() -> GradedSubmission:
            with self._warm.learners() as warm:
                return grade_submission(
                    ask.submission, scheme, warm, checker, limits_of(self._course), self._isolation
                )

        try:
            graded = self._guarded(ask, grade)
        except _GivenUp:
            return Abandoned(ask.number)
        if isinstance(graded, Refused):
            return graded
        full = graded.report.outcome == "graded" and graded.report.score >= graded.report.max_score
        return Verdict(
            ask.number, graded.report, tuple(graded.troubles), _solution_of(scheme) if full else ()
        )

    def _scheme(self, ask: Ask) -> Scheme:
        name = ask.submission.assignment
        if name not in self._schemes:
            self._connection.send(Preparing(ask.number))
            graders = load_graders(self._course, [self._course.assignment(name)])
            schemes = prepare(self._course, graders, self._warm, self._isolation.level)
            self._schemes[name] = schemes[name]
            # What is there now stays: nobody need look through it for garbage.
            gc.freeze()
        return self._schemes[name]

    def _guarded(self, ask: Ask, work: Callable[[], Result]) -> Result | Refused:
        """What `work` gives, with a new warm interpreter if the old one is gone; else why nothing."""
        try:
            try:
                return work()
            except WarmInterpreterGone:
                # This process knows the hidden checks: the new one must not be a fork of it.
                self._warm.close()
                self._warm = _Interruptible.spawn(hide=[self._course.root])
                signal.signal(ABANDON, self._warm.give_up)
                return work()
        except (CourseError, GraderError, GradingError, SandboxError) as error:
            return Refused(ask.number, error.messages)
        except Exception:
            return Refused(ask.number, (BROKEN,), traceback.format_exc())


def _solution_of(scheme: Scheme) -> Sequence[str]:
    """The reference solution's own cells, without markers and starter code."""
    sources = [cell.source for cell in scheme.solution.cells if BEGIN_SOLUTION in cell.source]
    return tuple(solution(source).strip() for source in sources)


def main() -> NoReturn:
    """The life of the process; the descriptor of its connection is its one argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        connection = Connection(int(sys.argv[1]))
        try:
            grader = Grader(connection, connection.recv())
        except (GradingError, SandboxError) as error:
            said: Message = error.message
            connection.send(Unable((said,)))
        else:
            grader.serve()
    # Taking TensorFlow apart module by module takes over a second.
    sys.stderr.flush()
    os._exit(0)
