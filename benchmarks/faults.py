"""Nothing handed in is lost: the grader is killed at random moments, again and again, until it is done.

In each round a class is graded into an empty folder, and `kill -9` ends the grader, or a process below it
(`VICTIMS`), at a random moment; the command is given again, and killed again, until a run has come to its
end before its moment. Then every submission must have exactly one report, equal to that of an undisturbed
run but for its times, and `grades.csv` must be equal byte for byte; no process of a killed run may live on,
and nothing may be left half written.

So that the kills fall into the grading and not into the import of Keras, each run is a fork of a process that
has imported it: from there on it is `autograder grade` as it is.

    python -m benchmarks.faults [--kills 100] [--seed 1] [--dry-run]
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
CLASS = ROOT / "examples" / "class" / "submitted"
COMMAND = "make bench-faults"
STUDENTS = ("garcia-lucia", "kim-seoyeon", "lee-minjun", "okafor-chidi", "park-jihoon", "silva-beatriz")
ASSIGNMENTS = ("functional-api", "inception")
PATIENCE = 300.0
VICTIMS = (*["grader"] * 4, "worker", "warm interpreter", "supervisor", "learner's process")

# Reads an order a line: to run a command in a fork (says its number), or to wait for one (says how it ended).
_LAUNCHER = """\
from autograder.importing import import_quietly
from autograder.sandbox.warm import IMPORTS
import json, os, sys, traceback
import_quietly(IMPORTS)
print(0, flush=True)
for line in sys.stdin:
    order = json.loads(line)
    if "wait" in order:
        print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
        continue
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            told = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            nothing = os.open(os.devnull, os.O_RDWR)
            for number, new in ((0, nothing), (1, told), (2, told)):
                os.dup2(new, number)
            os.setsid()
            exec(order["first"])
            sys.argv = ["autograder", *order["words"]]
            from autograder.cli import main
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(pid, flush=True)
"""


@dataclass
class Outcome:
    """What a class's folder of reports holds, and what was found wrong on the way to it."""

    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    table: bytes = b""
    lost: int = 0
    doubled: int = 0
    different: int = 0
    kills: int = 0


class Fault(Exception):  # noqa: N818 - what a benchmark is there to find
    """Something that must not happen did."""


class Launcher:
    """Starts `autograder grade` as often as asked, without importing Keras each time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCHER],
            cwd=ROOT,
            env={**os.environ, "AUTOGRADER_LANG": "en", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def start(self, folder: Path, output: Path, *options: str, first: str = "") -> Grader:
        """Start grading; `first` is Python code that runs before the command does."""
        log = self._place / f"{output.name}.log"
        words = ["grade", str(folder), "--output", str(output), "--jobs", "2", *options]
        return Grader(self, self.ask(words=words, log=str(log), first=first), log)

    def close(self) -> None:
        """End."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE)

    def ask(self, **order: object) -> int:
        """Give an order; the number that is the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Fault("The process that starts the grader has ended.")
        return int(line)


@dataclass(frozen=True)
class Grader:
    """A grader that was started: its process, and the file that it prints to."""

    launcher: Launcher
    pid: int
    log: Path

    def finish(self) -> int:
        """Wait for its end; its exit code, or below zero the signal that ended it."""
        return self.launcher.ask(wait=self.pid)

    @property
    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def launcher(place: Path) -> Iterator[Launcher]:
    """Make a launcher whose log lies in `place`."""
    started = Launcher(place)
    try:
        yield started
    finally:
        started.close()


def said(total: Outcome) -> str:
    """Write the counts in words."""
    return f"{total.lost} lost, {total.doubled} doubled, {total.different} different"


def make_class(
    folder: Path, students: Sequence[str] = STUDENTS, assignments: Sequence[str] = ASSIGNMENTS
) -> int:
    """Copy some of the example class to `folder`; how many submissions that is."""
    for student in students:
        for assignment in assignments:
            shutil.copytree(CLASS / student / assignment, folder / "submitted" / student / assignment)
    return len(students) * len(assignments)


def undisturbed(start: Launcher, folder: Path, output: Path) -> tuple[Outcome, float]:
    """Return what grading gives when nothing happens, and the seconds that it takes."""
    began = time.monotonic()
    grader = start.start(folder, output, "--fresh")
    if (code := grader.finish()) != 0:
        raise Fault(f"An undisturbed run ended with exit code {code}:\n{grader.said}")
    return outcome_of(output), time.monotonic() - began


def killed_until_done(
    start: Launcher,
    folder: Path,
    output: Path,
    wanted: Outcome,
    *,
    seconds: float,
    moments: random.Random,
    victims: Sequence[str] = ("grader",),
) -> Outcome:
    """Grade into `output`, killing something in each run, until a run has come to its end.

    Args:
        wanted: what an undisturbed run gives.
        seconds: how long that takes; a kill falls anywhere into it.
        moments: draws the moments and the victims.
        victims: what is killed, of `VICTIMS`. Only the end of the grader is the end of a run.

    Raises:
        Fault: a run ended in another way than it should, or left a process or half a file behind.
    """
    kills = 0
    code = -signal.SIGKILL
    while code != 0:
        grader = start.start(folder, output)
        time.sleep(moments.uniform(0, seconds))
        family = _family(grader.pid)
        victim = moments.choice(victims)
        killed = _kill(grader.pid, victim)
        code = grader.finish()
        # One that had come to its end before is no kill.
        kills += killed and not (victim == "grader" and code == 0)
        if code != 0 and not (killed and victim == "grader" and code == -signal.SIGKILL):
            raise Fault(f"After a kill of the {victim} the exit code was {code}:\n{grader.said}")
        _see_gone(family)
        _see_whole(output, wanted)
    found = compared(outcome_of(output), wanted)
    found.kills = kills
    if left := [path.name for path in output.rglob("*.tmp")]:
        raise Fault(f"Half-written files are left: {left}")
    return found


def compared(found: Outcome, wanted: Outcome) -> Outcome:
    """`found`, with what it lacks or has too much of against `wanted` counted."""
    found.lost = len(wanted.reports.keys() - found.reports.keys())
    found.doubled = len(found.reports.keys() - wanted.reports.keys())
    found.different = sum(
        found.reports[name] != report for name, report in wanted.reports.items() if name in found.reports
    )
    if not found.lost and not found.doubled and found.table != wanted.table:
        raise Fault("grades.csv is not that of an undisturbed run.")
    return found


def outcome_of(output: Path) -> Outcome:
    """Return the reports below a folder without their times, by path, and `grades.csv`."""
    table = output / "grades.csv"
    return Outcome(_reports(output), table.read_bytes() if table.exists() else b"")


def _reports(output: Path) -> dict[str, dict[str, Any]]:
    reports = {}
    for path in sorted((output / "reports").rglob("*.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        del report["timings"]
        reports[str(path.relative_to(output))] = report
    return reports


def _see_whole(output: Path, wanted: Outcome) -> None:
    """Whatever is there already is whole and right."""
    for name, report in _reports(output).items():
        if report != (right := wanted.reports.get(name, {})):
            parts = [part for part in report if report[part] != right.get(part)]
            raise Fault(f"After a kill, {name} is not what it should be: {', '.join(parts)}.")


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _family(process: int) -> list[int]:
    children = _children(process)
    return [*children, *(one for child in children for one in _family(child))]


def _kill(grader: int, kind: str) -> bool:
    """Kill the grader or one of its processes; whether there was one to kill."""
    # The warm interpreter is the first process that the grader forks; the workers come after it.
    warm, *workers = _children(grader) or [0]
    supervisors = _children(warm)
    victims = {
        "grader": [grader],
        "warm interpreter": [warm][: len(workers)],
        "worker": workers,
        "supervisor": supervisors,
        "learner's process": [child for supervisor in supervisors for child in _children(supervisor)],
    }[kind]
    with suppress(IndexError, ProcessLookupError):
        os.kill(victims[-1], signal.SIGKILL)
        return True
    return False


def _see_gone(family: Sequence[int]) -> None:
    """Wait until no process of a killed run lives any more."""
    until = time.monotonic() + 30
    alive = list(family)
    while alive and time.monotonic() < until:
        alive = [process for process in alive if _lives(process)]
        time.sleep(0.01)
    if alive:
        raise Fault(f"{len(alive)} processes of a killed run live on.")


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def main() -> None:
    """Kill, compare, and write what was lost and what was doubled."""
    options = benchmark_options(__doc__)
    options.add_argument("--kills", type=int, default=100, help="how many processes are killed")
    options.add_argument("--seed", type=int, default=1, help="decides moments and victims")
    chosen = options.parse_args()
    moments = random.Random(chosen.seed)
    total = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        submissions = make_class(place / "class")
        with launcher(place) as start:
            undisturbed(start, place / "class", place / "first")
            wanted, seconds = undisturbed(start, place / "class", place / "first")
            print(f"{submissions} submissions, {seconds:.1f} s undisturbed", flush=True)
            while total.kills < chosen.kills:
                found = killed_until_done(
                    start,
                    place / "class",
                    place / "out",
                    wanted,
                    seconds=seconds,
                    moments=moments,
                    victims=VICTIMS,
                )
                for name in ("kills", "lost", "doubled", "different"):
                    setattr(total, name, getattr(total, name) + getattr(found, name))
                shutil.rmtree(place / "out")
                print(f"{total.kills} killed: {said(total)}", flush=True)
    if not chosen.dry_run:
        record("faults.kills", total.kills, "kills", ">= 100", COMMAND)
        record("faults.lost", total.lost, "reports", "0", COMMAND)
        record("faults.doubled", total.doubled, "reports", "0", COMMAND)
        record("faults.different", total.different, "reports", "0", COMMAND)
    if total.lost or total.doubled or total.different:
        sys.exit(1)


if __name__ == "__main__":
    main()
