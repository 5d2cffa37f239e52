"""A scheduler that takes a call and says nothing, or that stops, is given up: every wait has its own end."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from autograder.grading import GradingError
from autograder.grading.pool import Done
from autograder.messages import render

pytestmark = pytest.mark.slow

# So much longer than the patience may an end take, on a machine that does much else.
AT_MOST = 30


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who takes every call and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()


def test_who_takes_the_call_and_says_nothing_is_no_scheduler(made_up_class, silent: str) -> None:
    began = time.monotonic()
    with pytest.raises(GradingError) as raised:
        made_up_class({"a": ""}).grade(silent, patience=1)

    assert f"No scheduler answers at {silent}." in render(raised.value.message, "en")
    assert time.monotonic() - began < AT_MOST


def test_a_scheduler_that_stops_in_the_middle_is_given_up_and_the_reports_stay(
    made_up_class, two_workers
) -> None:
    some = made_up_class({f"student-{number:02}": "sleep 0.3" for number in range(6)})
    two_workers.replenish(2)
    stopped: list[float] = []

    def hear(event) -> None:
        if isinstance(event, Done) and not stopped:
            os.kill(two_workers.scheduler.pid, signal.SIGSTOP)
            stopped.append(time.monotonic())

    try:
        with pytest.raises(GradingError) as raised:
            some.grade(two_workers.address, patience=2, hear=hear)
    finally:
        os.kill(two_workers.scheduler.pid, signal.SIGCONT)

    assert "is gone, and has not come back" in render(raised.value.message, "en")
    assert time.monotonic() - stopped[0] < AT_MOST
    assert 0 < len(some.reports()) < len(some.students)
