"""A grader that stays answers one check after the other, and leaves nothing when it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course, load_course
from autograder.feedback import Isolation
from autograder.grading import GradingError, Submission, staying
from autograder.grading.staying import grade_by_staying
from autograder.messages import render

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

SERVING = """
import os, sys
from pathlib import Path
from autograder.course import load_course
from autograder.grading import GradedSubmission, GradingError, server, staying, without_run
from autograder.messages import message

class Session:
    "It says who it is in place of grading, and refuses as long as a file tells it to."
    running = False

    def __init__(self, course, isolation, start):
        self.course, self.isolation = course, isolation
        self.refuses = course.root / "refuses"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def prepare(self, assignments):
        if self.refuses.exists():
            raise GradingError(message("There are {count}.", count=3))

    def scheme(self, assignment):
        class Scheme:
            fingerprint = server.fingerprint(self.course, self.course.assignment(assignment))
        return Scheme

    def grade(self, submission, **_):
        notes = [message("{number}", number=os.getpid())]
        if submission.path.name == "dies.ipynb":
            os._exit(3)
        assignment = self.course.assignment(submission.assignment)
        return GradedSubmission(without_run(submission, assignment, "graded", notes, self.isolation))

server.WarmInterpreter.start = lambda **_: None
server.GradingSession.open = Session
staying.IDLE_SECONDS = float(os.environ["IDLE_SECONDS"])
staying.main()
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """A course whose grader, if one stays, is none that imports Keras; it ends with the test."""
    (tmp_path / "course").mkdir()
    shutil.copy(ROOT / "course.yml", tmp_path / "course")
    for name in ("solutions", "graders"):
        (tmp_path / "course" / name).symlink_to(ROOT / name)
    # The name of a socket must be short.
    runtime = tempfile.mkdtemp()
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    monkeypatch.setenv("IDLE_SECONDS", "60")
    monkeypatch.setattr(
        staying, "program", lambda _module, file: [sys.executable, "-P", "-c", SERVING, str(file)]
    )
    # Nothing runs here.
    monkeypatch.setattr(staying, "choose_isolation", lambda *_args, **_named: Isolation(level="full"))
    monkeypatch.setattr(staying, "readable", lambda _submission: None)
    started: list[int] = []
    real = staying.subprocess.Popen

    def noted(*arguments: object, **named: object) -> object:
        process = real(*arguments, **named)  # type: ignore[call-overload]
        started.append(process.pid)
        return process

    monkeypatch.setattr(staying.subprocess, "Popen", noted)
    found = load_course(tmp_path / "course" / "course.yml")
    yield found
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue
    shutil.rmtree(runtime)


def answered_by(course: Course, name: str = "inception.ipynb") -> int | None:
    """The process that has graded a notebook; None where none stays."""
    graded = grade_by_staying(course, Submission("", "inception", Path(name)))
    return int(render(graded.report.notes[0], "en").replace(",", "")) if graded is not None else None


def folder() -> Path:
    return Path(os.environ["XDG_RUNTIME_DIR"], f"beyond-sequential-{os.geteuid()}")


def test_one_process_answers_until_it_is_killed(course: Course) -> None:
    first = answered_by(course)

    assert first is not None
    assert answered_by(course) == first
    assert folder().stat().st_mode & 0o777 == 0o700
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    assert answered_by(course) not in (None, first)


def test_it_ends_when_nobody_asks_and_leaves_nothing(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDLE_SECONDS", "0.2")
    stays = answered_by(course)

    assert stays is not None
    assert os.waitstatus_to_exitcode(os.waitpid(stays, 0)[1]) == 0
    assert not folder().exists()


def test_another_takes_its_place_when_the_course_has_changed(course: Course) -> None:
    first = answered_by(course)
    text = course.file.read_text(encoding="utf-8")
    course.file.write_text(text.replace("cell_seconds: 10", "cell_seconds: 11"), encoding="utf-8")

    second = answered_by(load_course(course.file))

    assert None not in (first, second)
    assert first != second
    assert os.waitstatus_to_exitcode(os.waitpid(first or 0, 0)[1]) == 0
    assert len([*folder().iterdir()]) == 1


def test_what_it_refuses_is_said_and_may_be_mended(course: Course) -> None:
    (course.root / "refuses").touch()
    with pytest.raises(GradingError) as refused:
        answered_by(course)
    (course.root / "refuses").unlink()

    assert render(refused.value.message, "en") == "There are 3."
    assert answered_by(course) is not None


def test_one_that_dies_over_a_notebook_is_asked_once_more_and_then_no_more(course: Course) -> None:
    assert answered_by(course, "dies.ipynb") is None


def test_a_folder_that_is_open_to_others_is_not_used(course: Course) -> None:
    folder().mkdir()
    folder().chmod(0o777)

    assert answered_by(course) is None
    assert not [*folder().iterdir()]


def test_where_nothing_is_isolated_none_stays(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staying, "choose_isolation", lambda *_args, **_named: Isolation(level="none"))

    assert answered_by(course) is None
    assert not folder().exists()


def test_a_client_that_leaves_does_not_end_it(course: Course) -> None:
    stays = answered_by(course)
    (path,) = folder().iterdir()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"\0" * 3)
    until = time.monotonic() + 10

    assert answered_by(course) == stays
    assert time.monotonic() < until
