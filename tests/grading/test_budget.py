"""The grader spends so much on what a submission has left, and no more; then it goes on with the next."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Callable

import pytest

from autograder.grading.budget import ENDED_BY, Budget, OverBudget, without_memory_limit
from autograder.grading.pool import Done, Lost, Pool
from autograder.messages import render

MIB = 1024**2
SMALL = Budget(0.1, 200 * MIB)


def for_ever() -> None:
    while True:
        pass


def for_ever_and_caught() -> None:
    """As a check, or a library, that catches what it is not meant to."""
    while True:
        try:
            for_ever()
        except Exception:
            continue


@pytest.mark.parametrize("work", [for_ever, for_ever_and_caught])
def test_what_takes_too_long_is_ended(work: Callable[[], None]) -> None:
    with pytest.raises(OverBudget) as caught, SMALL.spent():
        work()

    assert render(caught.value.message, "en").startswith(
        "What this notebook leaves behind could not be judged: it takes the grader more than 0.1 seconds "
        "or 200 MiB."
    )


def test_what_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(OverBudget), Budget(60, 200 * MIB).spent():
        bytearray(300 * MIB)

    assert len(bytearray(300 * MIB)) == 300 * MIB


def test_waiting_costs_nothing() -> None:
    """A learner's run has limits of its own, and a busy machine is nobody's fault."""
    with SMALL.spent():
        time.sleep(0.2)


def test_afterwards_all_is_as_before() -> None:
    before = signal.getsignal(signal.SIGVTALRM), resource.getrlimit(resource.RLIMIT_AS)
    with SMALL.spent():
        pass

    assert (signal.getsignal(signal.SIGVTALRM), resource.getrlimit(resource.RLIMIT_AS)) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_what_is_started_meanwhile_may_have_more_memory() -> None:
    with SMALL.spent():
        with without_memory_limit():
            assert len(bytearray(300 * MIB)) == 300 * MIB
        with pytest.raises(MemoryError):
            bytearray(300 * MIB)


def test_in_a_thread_only_memory_is_limited() -> None:
    """Signals reach the main thread only."""
    found: list[BaseException] = []

    def work() -> None:
        try:
            with SMALL.spent():
                bytearray(300 * MIB)
        except OverBudget as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert len(found) == 1


def test_what_heeds_no_interrupt_ends_its_process_by_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grading.budget.GRACE_SECONDS", 0.2)

    def work() -> None:
        with SMALL.spent():
            sum(range(10**12))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)

    assert process.exitcode == -ENDED_BY


def test_a_job_that_ends_its_worker_so_is_not_tried_again() -> None:
    tried = multiprocessing.get_context("fork").Value("i", 0)

    def serve(next_job: Callable[[], int | None], answer: Callable[[int], None]) -> None:
        for job in iter(next_job, None):
            if job == 1:
                tried.value += 1
                signal.raise_signal(ENDED_BY)
            answer(job)

    events = list(Pool[int, int](serve, 1).run(range(3)))

    assert [(event.job, event.by) for event in events if isinstance(event, Lost)] == [(1, ENDED_BY)]
    assert [event.answer for event in events if isinstance(event, Done)] == [0, 2]
    assert tried.value == 1
