"""What the grader spends on what a submission has left: so much of its own time and memory, and no more."""

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
"""How much longer the process lives that does not heed the end of its time, as a search by the C library."""

ENDED_BY = signal.SIGPROF
"""The signal that ends it then."""

_BESIDE_NOTEBOOK_SECONDS = 300.0
_STATM = Path("/proc/self/statm")


class OverBudget(AutograderError):  # noqa: N818 - the submission's outcome, not an error of the program
    """What a submission left takes the grader more time or memory than it has for one."""


class _OutOfTime(KeyboardInterrupt):
    """An interrupt, since checks and libraries catch every other exception and take it for their own."""


@dataclass(frozen=True)
class Budget:
    """What reading, judging and reporting one submission may take.

    Args:
        seconds: of the processor's time: others that use the machine do not count, nor does the wait for a
            learner's run, which has limits of its own.
        memory_bytes: of address space, beside what the process has when it begins.
    """

    seconds: float
    memory_bytes: int

    @property
    def exceeded(self) -> Message:
        """What is said of a submission that takes more."""
        return message(
            "What this notebook leaves behind could not be judged: it takes the grader more than {seconds} "
            "seconds or {memory} MiB. Usual causes are a model or an output of enormous size.",
            seconds=self.seconds,
            memory=self.memory_bytes // 1024**2,
        )

    @contextmanager
    def spent(self) -> Iterator[None]:
        """End what is done inside when the budget is spent; only in a process's main thread, the time, too.

        Raises:
            OverBudget: it was. What does not heed the interrupt has the process killed by `ENDED_BY`, which
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
    """Return what a course's `limits` allow for judging a submission."""
    return Budget(course.limits.judging_seconds, course.limits.judging_memory)


def patience_of(course: Course) -> float:
    """Return after how many seconds without an answer a grading process is taken for lost.

    A submission may be run twice, and the first one waits for the reference solutions, too.
    """
    return 2 * course.limits.notebook_seconds + course.limits.judging_seconds + _BESIDE_NOTEBOOK_SECONDS


@contextmanager
def without_memory_limit() -> Iterator[None]:
    """Start something inside that needs more memory than a submission may, such as a warm interpreter."""
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
    # Nobody handles this one: the kernel ends the process, whatever it does.
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
    """The address space that this process has."""
    return int(_STATM.read_bytes().split()[0]) * resource.getpagesize()


def _limit_memory(most: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [most, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
