"""A worker whose grading is made up: as a preload it is the plug-in, as a program the grading process.

What a made-up notebook holds is what it does: `poison` kills its grading process, `poison worker` the whole
worker, `once PATH` does so unless PATH is there already, `sleep SECONDS` takes its time. No TensorFlow is
imported, so that a fault costs a test no more than the fault takes. With MADE_UP_FORKED the program is a fork
of the tests' warm server.
"""

from __future__ import annotations

import hashlib
import os
import runpy
import signal
import socket
import sys
import time
from pathlib import Path

FINGERPRINT = "MADE_UP_FINGERPRINT"
ROOT = "MADE_UP_ROOT"
NAME = "MADE_UP_NAME"
DELAY = "MADE_UP_DELAY"
WORKER = "MADE_UP_WORKER"
FORKED = "MADE_UP_FORKED"


async def dask_setup(worker) -> None:
    from autograder.grading.cluster.plugin import NAME, GradingPlugin

    os.environ[WORKER] = str(os.getpid())
    tests = Path(os.environ[ROOT], "tests")
    # Dask runs a copy of a preload.
    words = [str(tests / "grading" / "cluster" / "stub.py")]
    if FORKED in os.environ:
        runpy.run_path(str(tests / "warm" / "hook" / "sitecustomize.py"))
        words = ["-m", "tests.grading.cluster.stub"]
    await worker.plugin_add(GradingPlugin([sys.executable, "-P", *words]), name=NAME, catch_errors=False)


def main() -> None:
    from autograder.course import load_course
    from autograder.course.fingerprint import fingerprint, versions
    from autograder.feedback import Isolation
    from autograder.grading.grade import without_run
    from autograder.grading.protocol import pack, receive, send, unpack
    from autograder.grading.submission import Submission
    from autograder.messages import Message, verbatim

    course = load_course(Path(os.environ[ROOT], "course.yml"))
    isolation = Isolation(level="full")
    connection = socket.socket(fileno=int(sys.argv[1]))
    while (frame := receive(connection)) is not None:
        order, notebook = unpack(frame)
        if order["order"] == "greet":
            fingerprints = {
                name: fingerprint(course, course.assignment(name)) for name in order["assignments"]
            }
            if FINGERPRINT in os.environ:
                fingerprints = dict.fromkeys(fingerprints, os.environ[FINGERPRINT])
            said = {
                "fingerprints": fingerprints,
                "isolation": isolation.model_dump(mode="json"),
                "versions": versions(),
            }
            send(connection, pack(said))
            continue
        time.sleep(float(os.environ.get(DELAY, 0)))
        act(notebook.decode("utf-8", "replace").split())
        submission = Submission(order["student"], order["assignment"], Path(order["notebook"]))
        assignment = course.assignment(submission.assignment)
        unread = order["unread"] is not None
        notes = [Message.model_validate(order["unread"]) if unread else verbatim(os.environ.get(NAME, ""))]
        outcome = "unreadable" if unread else "graded"
        report = without_run(submission, assignment, outcome, notes, isolation).model_copy(
            update={
                "digest": hashlib.sha256(notebook).hexdigest(),
                "grader": order["fingerprint"],
                "score": 1.0,
            }
        )
        send(connection, pack({"troubles": [], "kept": None}, report.model_dump_json().encode()))


def act(words: list[str]) -> None:
    match words:
        case ["poison"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["poison", "worker"]:
            os.kill(int(os.environ[WORKER]), signal.SIGKILL)
            os._exit(1)
        case ["once", marker] if not Path(marker).exists():
            Path(marker).touch()
            os.kill(int(os.environ[WORKER]), signal.SIGKILL)
            os._exit(1)
        case ["sleep", seconds]:
            time.sleep(float(seconds))


if __name__ == "__main__":
    main()
