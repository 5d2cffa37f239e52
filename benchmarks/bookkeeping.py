"""What it saves that Keras keeps its books in less time, and that nothing else comes of it.

Two warm interpreters take turns on each submission of the example class, one with the ways of
`sandbox/quick_keras.py` and one without them (or without those that are named). Both must leave the same
outputs, the same evidence and the same report. Printed are the medians of each submission's ratio, of seconds
and of processor time, which counts beside other work as well. With `--check` nothing is timed: every kind of
notebook is run each way once. It measures and prints; nothing is written.

    python -m benchmarks.bookkeeping [--rounds 5] [--without protocols,operations] [--check] [ASSIGNMENT ...]
"""

from __future__ import annotations

import difflib
import gc
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.audit.equivalence.programs import equivalents
from autograder.course import Course, load_course
from autograder.grading import GradingSession, choose_isolation, find_submissions
from autograder.grading.submission import Submission
from autograder.importing import import_quietly
from autograder.sandbox import Run
from autograder.sandbox.quick_keras import LEFT_OUT
from benchmarks.options import benchmark_options

ROOT = Path(__file__).parents[1]
CLASSES = ("class", "accidents")
EQUIVALENTS = 8
"""Right answers of the audit's to each assignment that are compared."""
BY_CHANCE = re.compile(r"0x[0-9a-f]{6,}|\b\d+(\.\d+)?(us|ms|s)(/step|/epoch)?\b|beyond-sequential-\w+/\d+")
"""What is another in each run: where an object lies, how long a step took, and the folder of a run."""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Work:
    """Something that is run each way, and how."""

    name: str
    run: Callable[[GradingSession], str]


@dataclass(frozen=True)
class Spent:
    """Seconds of a run, and of a processor: this process's, the learner's, and those of all others."""

    wall: float
    processor: float


def main() -> None:
    """Compare both ways, and print what they take; stop where they leave something different."""
    options = benchmark_options(__doc__, rounds=5, repeats="each submission is graded each way")
    options.add_argument("--without", default="all", help="the ways that the other side leaves out")
    options.add_argument("--check", action="store_true", help="compare every kind of notebook, and time none")
    options.add_argument("--equivalents", type=int, default=EQUIVALENTS, help="right answers of the audit's")
    options.add_argument("assignments", nargs="*", help="these alone")
    chosen = options.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    course = load_course(ROOT / "course.yml")
    names = chosen.assignments or [assignment.id for assignment in course.assignments]
    import_quietly(["keras"])
    with ExitStack() as stack:
        sides = [stack.enter_context(opened(course, left_out)) for left_out in ("", chosen.without)]
        for side in sides:
            side.prepare([course.assignment(name) for name in names])
        if chosen.check:
            sys.exit(compare(sides, list(everything(course, names, sides[0], chosen.equivalents))))
        measure(sides, list(handed_in(course, names, ("class",))), chosen.rounds)


def opened(course: Course, left_out: str) -> GradingSession:
    """Open a session whose warm interpreter leaves those ways out."""
    before = os.environ.get(LEFT_OUT)
    os.environ[LEFT_OUT] = left_out
    try:
        return GradingSession.open(course, choose_isolation(course, unsafe=False))
    finally:
        del os.environ[LEFT_OUT]
        if before is not None:
            os.environ[LEFT_OUT] = before


def everything(course: Course, names: list[str], session: GradingSession, most: int) -> Iterator[Work]:
    """Every assignment's solution, starter notebooks and some right answers, and two classes' submissions."""
    yield from handed_in(course, names, CLASSES)
    for name in names:
        for language in course.languages:
            path = ROOT / "assignments" / language / name / f"{name}.ipynb"
            if path.is_file():
                yield graded(Submission(f"starter ({language})", name, path))
        yield solved(name, "solution", {})
        for number, program in enumerate(equivalents(session.scheme(name), most, seed=31)):
            yield solved(name, f"right answer {number} ({', '.join(program.rules)})", program.sources)


def handed_in(course: Course, names: list[str], classes: tuple[str, ...]) -> Iterator[Work]:
    """Yield the work of grading each submission of some classes."""
    for folder in classes:
        for submission in find_submissions(ROOT / "examples" / folder, course).submissions:
            if submission.assignment in names:
                yield graded(submission)


def graded(submission: Submission) -> Work:
    """Return the work of grading a submission."""

    def run(session: GradingSession) -> str:
        done = session.grade(submission)
        report = done.report.model_dump(mode="json", exclude={"timings"})
        return said(done.run) + json.dumps(report, indent=1, ensure_ascii=False)

    return Work(f"{submission.assignment}, {submission.student}", run)


def solved(assignment: str, name: str, sources: Any) -> Work:
    """Return the work of running a reference solution's cells, with other sources for some."""

    def run(session: GradingSession) -> str:
        scheme = session.scheme(assignment)
        cells = [replace(cell, source=sources.get(cell.id, cell.source)) for cell in scheme.solution.cells]
        return said(session.run_cells(cells, scheme.probes))

    return Work(f"{assignment}, {name}", run)


def said(run: Run | None) -> str:
    """All that a run left behind: states, errors, outputs, evidence."""
    lines = []
    for cell in run.cells if run is not None else ():
        lines += [f"{cell.index} {cell.state} {cell.error}", json.dumps(cell.outputs, indent=1)]
        lines += [json.dumps(json.loads(document), indent=1) for document in cell.evidence]
    return "\n".join(lines) + "\n"


def compare(sides: list[GradingSession], works: list[Work]) -> int:
    """Run everything each way; return how many leave something different."""
    different = 0
    for work in works:
        one, other = (BY_CHANCE.sub("…", work.run(side)) for side in sides)
        if one != other:
            different += 1
            lines = other.splitlines(), one.splitlines()
            changes = difflib.unified_diff(*lines, "plain", "quick", n=1, lineterm="")
            print(f"{work.name}:", *list(changes)[:30], sep="\n  ")
    print(f"{len(works) - different} of {len(works)} notebooks leave the same outputs and evidence")
    return different


def measure(sides: list[GradingSession], works: list[Work], rounds: int) -> None:
    """Time everything each way in turn, and print the medians of the ratios."""
    spent: dict[tuple[int, int], list[Spent]] = {}
    # The first ones are slower: memory is still gathered into huge pages.
    for turn in range(-2, rounds):
        for number, work in enumerate(works):
            texts = []
            for side in (0, 1) if turn % 2 else (1, 0):
                gc.collect()
                taken, text = timed(sides[side], work)
                texts.append(BY_CHANCE.sub("…", text))
                if turn >= 0:
                    spent.setdefault((number, side), []).append(taken)
            if texts[0] != texts[1]:
                raise SystemExit(f"{work.name}: both ways must leave the same; `--check` shows what differs.")
    for label in ("wall", "processor"):
        sums = [
            [sum(getattr(one, label) for one in spent[number, side]) / rounds for side in (0, 1)]
            for number in range(len(works))
        ]
        ratio = statistics.median(quick / plain for quick, plain in sums)
        quick, plain = (statistics.median(pair[side] for pair in sums) * 1e3 for side in (0, 1))
        print(
            f"{label:9} {plain:6.1f} ms without, {quick:6.1f} ms with: {ratio:.3f} ({len(works)} submissions)"
        )


def timed(session: GradingSession, work: Work) -> tuple[Spent, str]:
    """Return what a run takes."""
    warm = session._warm.pid
    before, own, since = of_children(warm), time.process_time(), time.perf_counter()
    text = work.run(session)
    wall = time.perf_counter() - since
    own = time.process_time() - own
    # Whoever watched over it ends a moment later.
    time.sleep(0.02)
    return Spent(wall, own + of_children(warm) - before), text


def of_children(pid: int) -> float:
    """Processor seconds of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICK


if __name__ == "__main__":
    main()
