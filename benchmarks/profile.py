"""Where a submission's time goes, stage by stage, in milliseconds.

Two figures a stage: the median of one run, and the mean of a submission, whose stages add up to the whole. A
wrong submission is run twice, because errors are carried forward.

The example class's submissions are graded one after the other on one processor, as a worker of `autograder
grade` does it. Stages that pass in other processes, the supervisor's and the learner's, leave their times in
memory that all of them share. It measures and prints; nothing is written.

    python -m benchmarks.profile [--rounds 10] [ASSIGNMENT ...]
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import mmap
import os
import statistics
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.course import load_course
from autograder.feedback import report_path, summarise, write_report
from autograder.grading import GradingSession, choose_isolation, find_submissions
from benchmarks.options import benchmark_options

ROOT = Path(__file__).parents[1]
ASSIGNMENTS = ("inception", "residual-projection")

# The end of a stage: where a function lies that ends it, and what the stage is called.
ENDS = (
    ("autograder.grading.grade", "loaded", "the notebook is read"),
    ("autograder.grading.grade", "restore", "its cells are restored"),
    ("autograder.sandbox.supervisor", "_read_request", "a supervisor is forked from the warm interpreter"),
    ("autograder.sandbox.jail", "build", "namespaces and mounts"),
    ("autograder.sandbox.jail", "lock", "the learner's process is forked, and gives up its rights"),
    ("autograder.sandbox.supervisor", "_count", "it waits until it may begin"),
    ("autograder.sandbox.learner", "run_notebook", "the cells run, and what they made is described"),
    ("autograder.sandbox.supervisor", "_watch", "the learner's process ends"),
    ("autograder.grading.session", "GradingSession.run_cells", "the supervisor is done, and says so"),
    ("autograder.grading.grade", "subjects_of", "evidence is read into graphs"),
    ("autograder.grading.grade", "judge", "checks run, and are told as a report"),
)
WRITTEN = "the report is written"


class Moments:
    """Moments in memory that this process shares with its forks."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1 << 16)

    def clear(self) -> None:
        """Forget them all."""
        struct.pack_into("q", self._memory, 0, 0)

    def note(self, stage: int) -> None:
        """Note that a stage has ended now."""
        count = struct.unpack_from("q", self._memory, 0)[0]
        struct.pack_into("dq", self._memory, 16 * (count + 1), time.perf_counter(), stage)
        struct.pack_into("q", self._memory, 0, count + 1)

    def taken(self, since: float) -> Iterator[tuple[int, float]]:
        """Each stage that was noted, and the seconds that it took."""
        count = struct.unpack_from("q", self._memory, 0)[0]
        noted = sorted(struct.unpack_from("dq", self._memory, 16 * (number + 1)) for number in range(count))
        for moment, stage in noted:
            yield stage, moment - since
            since = moment


def main() -> None:
    """Grade, and print the stages."""
    options = benchmark_options(__doc__, rounds=10, repeats="each submission is graded")
    options.add_argument("assignments", nargs="*", help="these alone", default=ASSIGNMENTS)
    chosen = options.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    moments = Moments()
    stages: dict[int, list[float]] = {}
    totals: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for found in graded(chosen.assignments, chosen.rounds, moments, Path(folder)):
            totals.append(sum(seconds for _, seconds in found))
            for stage, seconds in found:
                stages.setdefault(stage, []).append(seconds)
    names = [name for _, _, name in ENDS] + [WRITTEN]
    print(f"{'one run':>11} {'submission':>13}  stage")
    for stage, name in enumerate(names):
        if stage in stages:
            one, mean = statistics.median(stages[stage]), sum(stages[stage]) / len(totals)
            print(f"{one * 1e3:8.1f} ms {mean * 1e3:10.1f} ms  {name}")
    print(f"{'':11} {statistics.mean(totals) * 1e3:10.1f} ms  in all, the mean of {len(totals)}")


def graded(
    assignments: Sequence[str], rounds: int, moments: Moments, output: Path
) -> list[list[tuple[int, float]]]:
    """Grade every submission that many times; the stages of each, and the seconds that they took."""
    course = load_course(ROOT / "course.yml")
    used = [course.assignment(name) for name in assignments]
    found = find_submissions(ROOT / "examples" / "class", course).submissions
    isolation = choose_isolation(course, unsafe=False)
    importlib.import_module("keras")
    for number, (module, function, _) in enumerate(ENDS):
        note_after(module, function, functools.partial(moments.note, number))
    with GradingSession.open(course, isolation) as session:
        session.prepare(used)
        taken = []
        # The first ones are slower: memory is still gathered into huge pages.
        for turn in range(-2, rounds):
            for submission in found:
                if submission.assignment not in assignments:
                    continue
                moments.clear()
                since = time.perf_counter()
                report = session.grade(submission).report
                write_report(report, report_path(output, report.student, report.assignment))
                summarise(report)
                moments.note(len(ENDS))
                if turn >= 0:
                    taken.append(list(moments.taken(since)))
        return taken


def note_after(module: str, function: str, note: Callable[[], None]) -> None:
    """Have a function note the moment when it returns."""
    owner: Any = importlib.import_module(module)
    *classes, name = function.split(".")
    for step in classes:
        owner = getattr(owner, step)
    original = getattr(owner, name)

    @functools.wraps(original)
    def noted(*arguments: Any, **named: Any) -> Any:
        try:
            return original(*arguments, **named)
        finally:
            with contextlib.suppress(Exception):
                note()

    setattr(owner, name, noted)


if __name__ == "__main__":
    main()
