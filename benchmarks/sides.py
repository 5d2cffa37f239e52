"""A side of a comparison is a way to grade a class: how two are measured in turn, and must agree."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.classes import ROOT, Notebooks, make_class, submissions

Task = tuple[str, str, str]
"""Student, assignment, graded cell."""
Scores = dict[Task, bool]
"""Whether each task was given full marks."""


class Side(Protocol):
    """A way to grade a class."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""

    @property
    def notebooks(self) -> Notebooks:
        """What its students hand in."""

    @property
    def small(self) -> int:
        """Students of its small class; 0 where what a run costs once is not in its time to begin with."""

    def seconds(self, place: Path) -> float:
        """Grade the class in that folder; what that takes, from the command to its end."""

    def scores(self, place: Path) -> Scores | None:
        """Return what the class in that folder was given; None from a side that only runs it."""


@dataclass(frozen=True)
class Ours:
    """`autograder grade`, at the best level of isolation that the machine offers."""

    notebooks: Notebooks
    jobs: int = 1
    name: str = "autograder grade"
    # As many of each kind, so that what is first of its kind costs both classes alike; and so many that both
    # have the half second before the seventeenth run, in which a warm interpreter rehearses.
    small: int = 18

    def seconds(self, place: Path) -> float:
        """Grade with that many workers."""
        return timed(
            [sys.executable, "-m", "autograder", "grade", place, "--output", place / "out",
             "--jobs", str(self.jobs), "--course", ROOT / "course.yml", "--lang", "en"],
            cwd=ROOT,
        )  # fmt: skip

    def scores(self, place: Path) -> Scores:
        """From the reports, but for the tasks that lost nothing for an earlier task's slip.

        Others' checks charge such a slip again, so the verdicts rightly part there.
        """
        return {
            (path.parent.name, path.stem, task["id"]): task["score"] == task["points"]
            for path in (place / "out" / "reports").glob("*/*.json")
            for task in json.loads(path.read_text(encoding="utf-8"))["tasks"]
            if not task["carried"]
        }


@dataclass(frozen=True)
class Floor:
    """The learners' own cells, each notebook's in a fork of a warm interpreter; it says its time itself."""

    notebooks: Notebooks
    name: str = "the floor"
    # Starting and importing are not in its time.
    small: int = 0

    def seconds(self, place: Path) -> float:
        """Run every notebook once."""
        return own_time([sys.executable, "-m", "benchmarks.floor", *submissions(place)], cwd=ROOT)

    def scores(self, place: Path) -> None:  # noqa: ARG002 - nothing is graded
        """None."""
        return


def timed(command: list[str | Path], *, cwd: Path, env: dict[str, str] | None = None) -> float:
    """Seconds that a command takes; stop, with what it said, where it fails."""
    started = time.perf_counter()
    _run(command, cwd, env)
    return time.perf_counter() - started


def own_time(command: list[str | Path], *, cwd: Path, env: dict[str, str] | None = None) -> float:
    """Return the seconds that a command says itself, in its last line, that its work took."""
    return float(json.loads(_run(command, cwd, env).splitlines()[-1])["seconds"])


def _run(command: list[str | Path], cwd: Path, env: dict[str, str] | None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, check=False, capture_output=True, text=True, errors="replace"
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-3000:]
        raise SystemExit(f"{said}\n`{' '.join(map(str, command[:4]))} ...` failed ({done.returncode}).")
    return done.stdout


def per_submission(side: Side, place: Path, students: int) -> float:
    """Seconds that one more submission costs a side.

    What a run costs once (starting, importing, reading the course) is in a large class's time as it is in a
    small one's, and not in their difference. The class that is left in `place / "large"` is graded.
    """
    before = side.seconds(make_class(place / "small", side.notebooks, side.small)) if side.small else 0.0
    after = side.seconds(make_class(place / "large", side.notebooks, side.small + students))
    if after <= before:
        raise SystemExit(
            f"{side.name} took {before:.1f} s for a small class and {after:.1f} s for a large one: "
            "the machine is too busy to measure on, or the classes are too small."
        )
    return (after - before) / (students * len(side.notebooks))


@dataclass(frozen=True)
class Pair:
    """What one more submission costs each of two sides, in seconds, measured one after the other."""

    ours: float
    theirs: float


def measure_pair(ours: Side, theirs: Side, place: Path, students: tuple[int, int]) -> Pair:
    """Measure ours, then theirs, and see that both gave the same scores.

    Args:
        place: an empty folder for the classes.
        students: by how many students each side's large class is larger than its small one.
    """
    pair = Pair(
        per_submission(ours, place / "ours", students[0]),
        per_submission(theirs, place / "theirs", students[1]),
    )
    compare_scores(theirs, ours, place)
    return pair


def compare_scores(theirs: Side, ours: Side, place: Path) -> None:
    """Stop unless the other side graded every task that was handed in to it, as ours did."""
    given, mine = theirs.scores(place / "theirs" / "large"), ours.scores(place / "ours" / "large")
    if given is None or mine is None:
        return
    for path in submissions(place / "theirs" / "large"):
        student, assignment = path.parts[-3:-1]
        tasks = [task for task in mine if task[:2] == (student, assignment)]
        if not tasks:
            raise SystemExit(f"{ours.name} has no report of {student}, {assignment}.")
        for task in tasks:
            if given.get(task) != mine[task]:
                raise SystemExit(
                    f"{', '.join(task)}: {theirs.name} {_verdict(given.get(task))}, "
                    f"{ours.name} {_verdict(mine[task])}. No ratio is written."
                )


def _verdict(full: bool | None) -> str:
    return {True: "gave full marks", False: "gave less than full marks", None: "gave nothing"}[full]
