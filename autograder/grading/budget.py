"""Limits the time and memory that the grader spends on what a submission has left behind."""

from __future__ import annotations

import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.messages import AutograderError, Message, message

GRACE_SECONDS = 3.0
"""How much longer a process lives that ignores the end of its time, as a search in a C library does."""

ENDED_BY = signal.SIGPROF
"""The signal that ends it then."""

_BESIDE_NOTEBOOK_SECONDS = 300.0
_STATM = Path("/proc/self/statm")


class OverBudget(AutograderError):  # noqa: N818 - the submission's outcome, not an error of the program
    """An error: judging one submission takes the grader more time or memory than its budget."""


class _OutOfTime(KeyboardInterrupt):
    """An interrupt, because checks and libraries catch every other exception as if it were their own."""


@dataclass(frozen=True)
class Budget:
    """What reading, judging and reporting one submission may take.

    Args:
        seconds: of processor time, so that neither other users of the machine count nor the wait for a
            learner's run, which has limits of its own.
        memory_bytes: of address space, on top of what the process has when it begins.
    """

    seconds: float
    memory_bytes: int

    @property
    def exceeded(self) -> Message:
        """The message about a submission that takes more."""
        return message(
            "What this notebook leaves behind could not be judged: it takes the grader more than {seconds} "
            "seconds or {memory} MiB. Usual causes are a model or an output of enormous size.",
            seconds=self.seconds,
            memory=self.memory_bytes // 1024**2,
        )

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Let the block run until the budget is spent; the time is limited only in a process's main thread.

        Raises:
            OverBudget: it was spent. If the block ignores the interrupt, `ENDED_BY` kills the process, which
                its parent sees.
        """
        limit = resource.getrlimit(resource.RLIMIT_AS)
        try:
            with _timed(self.seconds):
                _limit_memory(_used() + self.memory_bytes)
                yield
        except (_OutOfTime, MemoryError):
            raise OverBudget(self.exceeded) from None
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limit)


def budget_of(course: Course) -> Budget:
    """Return the budget that a course's `limits` allow for judging a submission."""
    return Budget(course.limits.judging_seconds, course.limits.judging_memory)


def patience_of(course: Course) -> float:
    """Return after how many seconds without an answer a grading process counts as lost.

    A submission may be run twice, and the first one also waits for the reference solutions.
    """
    return 2 * course.limits.notebook_seconds + course.limits.judging_seconds + _BESIDE_NOTEBOOK_SECONDS


@contextmanager
def without_memory_limit() -> Iterator[None]:
    """Let the block start what needs more memory than a submission may, such as a warm interpreter."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    # Nothing handles this signal, so the kernel ends the process whatever it is doing.
    signal.setitimer(signal.ITIMER_PROF, seconds + GRACE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGVTALRM, before)


def _interrupt(*_: object) -> None:
    raise _OutOfTime


def _used() -> int:
    """Return the bytes of address space that this process has."""
    return int(_STATM.read_bytes().split()[0]) * resource.getpagesize()


def _limit_memory(most: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [most, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
