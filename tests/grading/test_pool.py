"""A pool answers every job, and a worker that dies costs at most the job it was at."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from autograder.grading.pool import Done, Lost, Pool, Tick


def doubling(next_job: Callable[[], int | None], answer: Callable[[int], None]) -> None:
    for job in iter(next_job, None):
        answer(job * 2)


def test_every_job_is_answered_once() -> None:
    events = list(Pool[int, int](doubling, 3).run(range(20)))

    answers = {event.job: event.answer for event in events if isinstance(event, Done)}
    assert answers == {job: job * 2 for job in range(20)}


def test_a_worker_killed_once_costs_nothing(tmp_path) -> None:
    def serve(next_job, answer) -> None:
        for job in iter(next_job, None):
            if job == 3 and not (tmp_path / "died").exists():
                (tmp_path / "died").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            answer(job)

    events = list(Pool[int, int](serve, 2).run(range(6)))

    assert sorted(event.answer for event in events if isinstance(event, Done)) == list(range(6))
    assert [event for event in events if isinstance(event, Lost)] == []


def test_a_job_that_always_kills_its_worker_is_lost_and_no_other() -> None:
    def serve(next_job, answer) -> None:
        for job in iter(next_job, None):
            if job == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            answer(job)

    events = list(Pool[int, int](serve, 2).run(range(6)))

    assert sorted(event.answer for event in events if isinstance(event, Done)) == [0, 1, 2, 4, 5]
    assert [event.job for event in events if isinstance(event, Lost)] == [3]


def test_while_nothing_happens_the_pool_says_so() -> None:
    def slow(next_job, answer) -> None:
        for job in iter(next_job, None):
            time.sleep(0.3)
            answer(job)

    assert any(isinstance(event, Tick) for event in Pool[int, int](slow, 1).run([1], tick=0.05))


def test_workers_are_gone_when_the_caller_stops_listening() -> None:
    def forever(next_job, answer) -> None:
        answer(os.getpid())
        next_job()
        time.sleep(60)

    run = Pool[int, int](forever, 1).run([1, 2], tick=0.05)
    worker = next(event.answer for event in run if isinstance(event, Done))
    run.close()

    assert not os.path.exists(f"/proc/{worker}")


def test_a_worker_whose_main_process_was_killed_says_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Killed for want of memory, say: a traceback of each worker would hide what the system says."""
    begun, begin = os.pipe()
    ended, end = os.pipe()

    def serve(next_job: Callable[[], int | None], answer: Callable[[int], None]) -> None:
        for job in iter(next_job, None):
            os.write(begin, b"b")
            while os.getppid() == main:
                time.sleep(0.005)
            answer(job)
        os.write(end, b"e")

    main = os.fork()
    if main == 0:
        try:
            main = os.getpid()
            list(Pool[int, int](serve, 1).run([1, 2]))
        finally:
            os._exit(0)
    os.close(end)
    os.read(begun, 1)
    os.kill(main, signal.SIGKILL)
    os.waitpid(main, 0)

    assert os.read(ended, 1) == b"e"
    assert os.read(ended, 1) == b""
    assert capfd.readouterr() == ("", "")
    for descriptor in (begun, begin, ended):
        os.close(descriptor)
