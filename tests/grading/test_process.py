"""A grading process inherits one socket and nothing of Dask's, and its end is noticed."""

from __future__ import annotations

import json
import os
import socket
import sys

import pytest

from autograder.grading.process import GradingProcess, ProcessDied
from autograder.grading.protocol import Answer

ANSWERING = """
import json, os, socket, sys, time
from autograder.grading.protocol import pack, receive, send, unpack
connection = socket.socket(fileno=int(sys.argv[1]))
while (frame := receive(connection)) is not None:
    order, _ = unpack(frame)
    if order["do"] == "die":
        print("the last words", file=sys.stderr, flush=True)
        os._exit(3)
    if order["do"] == "sleep":
        time.sleep(60)
    descriptors = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptors[name] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass
    send(connection, pack({"descriptors": descriptors, "environment": [*os.environ]}))
"""


def asked(process: GradingProcess, do: str, seconds: float = 30) -> Answer:
    process.ask({"do": do}, seconds=seconds)
    return process.answer(seconds)


@pytest.fixture
def process():
    started = GradingProcess([sys.executable, "-P", "-c", ANSWERING])
    yield started
    started.close()


def test_it_inherits_one_socket_and_none_of_dasks_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__WORKER__KEY", "/secret/key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Python closes what it opens; a library in C may not.
        os.set_inheritable(listening.fileno(), True)
        process = GradingProcess([sys.executable, "-P", "-c", ANSWERING])
        found = asked(process, "look").header
        process.close()

    sockets = [target for target in found["descriptors"].values() if target.startswith("socket:")]
    assert len(sockets) == 1, json.dumps(found)
    assert not [name for name in found["environment"] if "DASK" in name]


def test_its_end_is_told_with_its_last_words(process: GradingProcess) -> None:
    with pytest.raises(ProcessDied) as died:
        asked(process, "die")

    assert str(died.value) == "the last words"


def test_one_that_does_not_answer_is_ended(process: GradingProcess) -> None:
    with pytest.raises(ProcessDied):
        asked(process, "sleep", 0.5)

    assert not os.path.exists(f"/proc/{process.pid}")


def test_it_ends_with_its_worker() -> None:
    process = GradingProcess([sys.executable, "-P", "-c", ANSWERING])
    asked(process, "look")

    process._connection.close()

    assert process._process.wait(timeout=30) == 0
