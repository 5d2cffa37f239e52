"""`autograder watch` in a real terminal: keys, saves as Jupyter makes them, and a terminal left as it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pexpect
import pyte
import pytest

from autograder.course.starter import solution
from autograder.course.tags import nbgrader
from tests import warm
from tests.warm.starting import SERVER

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
STOPPED = 128 + signal.SIGTSTP
SHELL = f"""
set -m
"$@"
code=$?
while [ $code = {STOPPED} ]; do echo stopped; read line; fg >/dev/null; code=$?; done
echo "left with $code"
read line
"""

pytestmark = pytest.mark.slow


class Learner:
    """Somebody at a terminal, with a copy of the course."""

    def __init__(self, place: Path) -> None:
        self.course = place / "course"
        self.environment = {
            **os.environ,
            "XDG_DATA_HOME": str(place / "data"),
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
        }
        self.running: list[pexpect.spawn] = []

    def starts(self, *words: str, grader: str = warm.SEARCH_PATH) -> None:
        """Start the command in a terminal of 80 columns and 30 lines; `grader`: its grader's PYTHONPATH."""
        command = [sys.executable, "-m", "autograder", "watch", *words]
        # A shell keeps the terminal when the command has ended or stopped, so that it can be looked at.
        self.terminal = pexpect.spawn(
            "/bin/sh",
            ["-c", SHELL, "sh", *command],
            cwd=self.course,
            env={**self.environment, "PYTHONPATH": grader},
            dimensions=(30, 80),
            encoding="utf-8",
            timeout=PATIENCE,
        )
        self.running.append(self.terminal)
        self.screen = pyte.Screen(80, 30)
        self.stream = pyte.Stream(self.screen)
        self.before = termios.tcgetattr(self.terminal.child_fd)

    @property
    def seen(self) -> str:
        """The screen's words, their lines and spaces aside."""
        # A wide character of pyte's stands before an empty cell.
        return " ".join(" ".join(self.screen.display).split())

    def sees(self, *phrases: str, but: tuple[str, ...] = ()) -> None:
        """Wait until all of that is on the screen, and nothing of `but`."""
        deadline = time.monotonic() + PATIENCE
        while not all(phrase in self.seen for phrase in phrases) or any(
            phrase in self.seen for phrase in but
        ):
            if time.monotonic() > deadline:
                pytest.fail(f"not seen: {phrases}\n" + "\n".join(self.screen.display))
            try:
                self.stream.feed(self.terminal.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue

    def presses(self, keys: str) -> None:
        self.terminal.send(keys)

    def resized(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self.terminal.setwinsize(lines, columns)

    def left(self, code: int) -> None:
        """The command has ended with that code, and the terminal is as it was."""
        self.sees(f"left with {code}")
        assert termios.tcgetattr(self.terminal.child_fd) == self.before

    def notebook(self, assignment: str, language: str = "en") -> Path:
        return self.course / "assignments" / language / assignment / f"{assignment}.ipynb"

    def saves(self, text: str, assignment: str = "inception", language: str = "en") -> None:
        """Save as Jupyter does: write a file beside it, and give it the notebook's name."""
        path = self.notebook(assignment, language)
        beside = path.with_name(f".~{path.name}")
        beside.write_text(text)
        os.replace(beside, path)

    def written(
        self, assignment: str = "inception", language: str = "en", *, change: Callable[[str], str] = str
    ) -> str:
        """The notebook with its solution in it, or what `change` makes of that."""
        notebook = nbformat.read(ROOT / self.notebook(assignment, language).relative_to(self.course), 4)
        source = nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", 4)
        answers = {nbgrader(cell).get("grade_id"): solution(cell.source) for cell in source.cells}
        for cell in notebook.cells:
            if nbgrader(cell).get("solution"):
                cell.source = change(answers[nbgrader(cell)["grade_id"]])
        return nbformat.writes(notebook)


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    place = Learner(tmp_path)
    for name in ("solutions", "graders", "assignments"):
        shutil.copytree(ROOT / name, place.course / name)
    shutil.copy(ROOT / "course.yml", place.course)
    yield place
    for terminal in place.running:
        terminal.close(force=True)


def test_from_the_starter_code_to_full_marks(learner: Learner) -> None:
    learner.starts("inception", "--lang", "en")
    learner.sees("Importing Keras", "Repair a broken Inception module", "q quit")
    learner.sees("0 / 10 points", "Not attempted yet", "Waiting for the next save.", but=("Importing",))

    learner.presses("h")
    learner.sees("How large each branch is at the join: Hint 1 of 3:")
    learner.presses("l")
    learner.sees("residual-projection", "capstone", "0 / 10")
    learner.presses("l")
    learner.sees("How large each branch is at the join 0 / 2 points")

    # A run that would take until its time is over is given up for what is saved meanwhile.
    learner.saves(learner.written(change=lambda source: f"while True: pass\n{source}"))
    learner.sees("Checking")
    began = time.monotonic()
    learner.notebook("inception").write_text(learner.written()[:500])
    time.sleep(0.3)
    learner.saves(learner.written())
    learner.sees("10 / 10 points", "Full marks! Hints used: 1 of 9.", "1 of 10 assignments", "s solution")
    assert time.monotonic() - began < 10, "a cell may take ten seconds"

    learner.presses("s")
    learner.sees("The reference solution", "def inception_module(x):")
    learner.resized(100, 40)
    learner.sees("return layers.concatenate", "The reference solution")
    learner.presses("n")
    learner.sees("residual-identity.ipynb", "Add an identity shortcut 0 / 10 points", but=("s solution",))
    learner.presses("ㅂ")
    learner.left(0)
    # The terminal breaks the line where it ends, in the midst of a word.
    assert "Assignmentsdone:1of10(10/100points).Hintsused:1." in "".join(learner.seen.split())


def test_in_korean_until_ctrl_c(learner: Learner) -> None:
    learner.notebook("functional-api", "ko").unlink()
    learner.starts("--lang", "ko")
    learner.sees("`autograder reset functional-api`", "q 끝내기")
    learner.saves(learner.written("functional-api", "ko"), "functional-api", "ko")
    learner.sees("만점입니다. 사용한 힌트:", "10 / 10점", "100점 중 10점")

    learner.presses("\x03")
    learner.left(130)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once(learner: Learner, number: signal.Signals) -> None:
    # The processes that are looked for are those that it starts, and no stand-ins.
    learner.starts("inception", "--lang", "en", grader=str(ROOT))
    learner.sees("Importing Keras")
    (pid,) = children(learner.terminal.pid)
    grader = children(pid)
    os.kill(pid, number)

    learner.left(128 + number)
    assert "Traceback" not in learner.seen
    gone(grader)


def attributes_become(terminal: int, wanted: list[Any], *, but_for: int = 0) -> list[Any]:
    """A terminal's attributes once they are those, or after ten seconds; the input flags `but_for` aside.

    Who has got it back may still be making it ready.
    """

    def compared(attributes: list[Any]) -> list[Any]:
        return [attributes[0] & ~but_for, *attributes[1:]]

    until = time.monotonic() + 10
    while compared(found := termios.tcgetattr(terminal)) != compared(wanted) and time.monotonic() < until:
        time.sleep(0.05)
    return wanted if compared(found) == compared(wanted) else found


def test_ctrl_z_gives_the_terminal_back_meanwhile(learner: Learner) -> None:
    learner.starts("inception", "--lang", "en")
    learner.sees("Importing Keras")
    taken = termios.tcgetattr(learner.terminal.child_fd)
    assert taken != learner.before
    learner.presses("\x1a")
    learner.sees("stopped")
    terminal = learner.terminal.child_fd
    assert attributes_become(terminal, learner.before) == learner.before
    learner.presses("\r")
    learner.sees("Repair a broken Inception module", "q quit")
    # A shell may lend ctrl-S and ctrl-Q otherwise the second time.
    assert attributes_become(terminal, taken, but_for=termios.IXON) == taken
    learner.presses("q")
    learner.left(0)


def test_without_a_terminal_each_verdict_is_a_line_of_json(learner: Learner) -> None:
    """And neither the warm interpreter's death nor the grader's own costs more than a moment."""
    running = subprocess.Popen(
        [sys.executable, "-m", "autograder", "watch", "inception", "--json", "--lang", "en"],
        cwd=learner.course,
        env={**learner.environment, "PYTHONPATH": warm.SEARCH_PATH},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None

    def score() -> float:
        return json.loads(running.stdout.readline())["score"]

    try:
        assert score() == 0
        # What it has started itself only stands in for the grader.
        grader = forked_in(learner.course)
        for killed in (children(grader)[0], grader):
            os.kill(killed, signal.SIGKILL)
            learner.saves(learner.written(change=f"{{}}\n# {killed}".format))
            assert score() == 10
        learner.saves(learner.notebook("inception").read_text())
        learner.saves("{")
        running.send_signal(signal.SIGINT)
        out, errors = running.communicate(timeout=30)
    finally:
        running.kill()

    assert (out, running.returncode) == ("", 130)
    assert "Traceback" not in errors


def test_without_a_terminal_it_says_what_does_without(learner: Learner) -> None:
    done = warm.run(
        ["-m", "autograder", "watch", "--lang", "en"], cwd=learner.course, environment=learner.environment
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a terminal" in done.stderr
    assert "`autograder check functional-api`" in done.stderr


def children(pid: int) -> list[int]:
    """The processes that one has started and that still live."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def forked_in(folder: Path) -> int:
    """The process that the warm server has forked to run in that folder, and no fork of that one."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (place / "cwd").readlink() == folder and SERVER in (place / "cmdline").read_text():
                found.append(int(place.name))
    (first,) = [pid for pid in found if not any(pid in children(other) for other in found)]
    return first


def gone(pids: list[int]) -> None:
    """Wait until they are."""
    wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
