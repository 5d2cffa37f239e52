"""A class's way into nbgrader's gradebook: `nbgrader autograde`, the same with our steps, `autograder grade`.

All three grade the same notebooks on the same two processors, and what is measured is what an instructor
waits for: from the command to its end, starting and importing included. nbgrader grades one submission after
the other, by itself and with our steps; `autograder grade` uses both processors. Plain nbgrader takes seconds
for each submission, so it is measured on few students and drawn out to the class (`--all` measures the whole
class). Before a ratio is written, all three gradebooks must hold the same answers.

    python -m benchmarks.gradebook [--students 30] [--stock-students 4] [--rounds 3] [--all] [--dry-run]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.feedback import read_report, report_paths
from benchmarks.classes import KINDS, ROOT, Notebooks, example_notebooks, make_class, ported
from benchmarks.options import at_least_one, benchmark_options
from benchmarks.peers.stock_nbgrader import make_stock_course, nbgrader, saved_scores, stock_scores
from benchmarks.results import record

COMMAND = "make bench-gradebook"
PROCESSORS = 2


def main() -> None:
    """Measure, compare, and write the two ratios."""
    options = benchmark_options(__doc__, rounds=3, repeats="each side is measured, in turn")
    options.add_argument("--students", type=at_least_one, default=30, help="students of the class")
    options.add_argument(
        "--stock-students", type=at_least_one, default=4, help="of them, how many plain nbgrader gets"
    )
    options.add_argument("--all", action="store_true", help="plain nbgrader gets the whole class")
    options.add_argument("--assignments", nargs="+", choices=sorted(KINDS), default=sorted(KINDS))
    chosen = options.parse_args()
    stock_students = chosen.students if chosen.all else min(chosen.stock_students, chosen.students)
    if stock_students < 2:
        options.error("plain nbgrader is measured on two students at least")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])
    os.environ["AUTOGRADER_LANG"] = "en"
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    os.environ.pop("AUTOGRADER_GRADEBOOK", None)
    notebooks = {name: paths for name, paths in example_notebooks().items() if name in chosen.assignments}
    submissions = chosen.students * len(notebooks)
    stock, configured, direct = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        print("making the courses ...", flush=True)
        make_stock_course(place / "stock", list(notebooks))
        theirs = ported(place / "ported", notebooks)
        make_our_course(place / "ours", list(notebooks))
        for number in range(1, chosen.rounds + 1):
            here = place / str(number)
            stock.append(stock_class(place / "stock", here, theirs, stock_students, chosen.students))
            say(number, "nbgrader autograde", stock[-1], submissions)
            configured.append(
                configured_class(place / "ours", here / "configured", notebooks, chosen.students)
            )
            say(number, "nbgrader autograde, our steps", configured[-1], submissions)
            direct.append(direct_class(place / "ours", here / "direct", notebooks, chosen.students))
            say(number, "autograder grade --gradebook", direct[-1], submissions)
            compare_gradebooks(here, submissions)
            shutil.rmtree(here)
    # Round by round: what slows the machine slows the three of a round alike.
    ours = statistics.median(mine / theirs for mine, theirs in zip(stock, configured, strict=True))
    written = statistics.median(mine / theirs for mine, theirs in zip(stock, direct, strict=True))
    print(f"{stock_students} of {chosen.students} students were graded by plain nbgrader")
    print(f"our steps: {ours:.1f} times nbgrader's; autograder grade --gradebook: {written:.1f} times")
    if not chosen.dry_run:
        record("gradebook.times_nbgrader", round(written, 1), "x", ">= 20", COMMAND)
        record("gradebook.configured_times_nbgrader", round(ours, 1), "x", ">= 8", COMMAND)


def say(number: int, name: str, seconds: float, submissions: int) -> None:
    """One line of progress."""
    each = seconds / submissions
    print(f"round {number}: {name:<30} {seconds:7.1f} s, {each * 1e3:5.0f} ms a submission", flush=True)


def make_our_course(place: Path, assignments: list[str]) -> None:
    """Make a copy of the course, its assignments in the gradebook."""
    place.mkdir(parents=True)
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, place / name)
    for name in ("solutions", "graders", "assignments"):
        shutil.copytree(ROOT / name, place / name)
    for assignment in assignments:
        nbgrader(place, "generate_assignment", assignment)


def stock_class(course: Path, here: Path, notebooks: Notebooks, measured: int, students: int) -> float:
    """Seconds that plain nbgrader takes for the class, from those that it takes for some of it."""
    large = autograde_class(course, here / "stock", notebooks, measured)
    if measured == students:
        return large
    small = autograde_class(course, here / "stock-small", notebooks, 1)
    return large + (large - small) / (measured - 1) * (students - measured)


def configured_class(course: Path, place: Path, notebooks: Notebooks, students: int) -> float:
    """Seconds of `nbgrader autograde` over a class, in a course whose configuration names our steps."""
    return autograde_class(course, place, notebooks, students)


def direct_class(course: Path, place: Path, notebooks: Notebooks, students: int) -> float:
    """Seconds of `autograder grade --gradebook` over a class, in the same course."""
    shutil.copytree(course, place)
    make_class(place, notebooks, students)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "autograder", "grade", place, "--gradebook", "--output", place / "out",
         "--course", place / "course.yml", "--lang", "en"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def autograde_class(course: Path, place: Path, notebooks: Notebooks, students: int) -> float:
    """Seconds of `nbgrader autograde` over a class, in a fresh copy of a course."""
    shutil.copytree(course, place)
    make_class(place, notebooks, students)
    started = time.perf_counter()
    for assignment in notebooks:
        nbgrader(place, "autograde", assignment)
    return time.perf_counter() - started


def compare_gradebooks(here: Path, submissions: int) -> None:
    """Stop unless both of ours hold the same scores, and plain nbgrader gave full marks where they did.

    Plain checks charge a slip again in each later task that stands on it; ours do not, so that such tasks are
    left out.
    """
    configured, direct = saved_scores(here / "configured"), saved_scores(here / "direct")
    if len({task[:2] for task in configured}) != submissions:
        raise SystemExit(
            f"our steps left grades for {len(configured)} tasks, of fewer submissions than there are"
        )
    for task in sorted(configured.keys() | direct.keys()):
        if configured.get(task) != direct.get(task):
            raise SystemExit(f"{task}: our steps saved {configured.get(task)}, the writer {direct.get(task)}")
    carried = carried_tasks(here / "direct" / "out")
    for task, full in stock_scores(here / "stock").items():
        score, points = direct[task]
        if task not in carried and (score == points) != full:
            raise SystemExit(f"{task}: {score} of {points} by us, and full marks by nbgrader: {full}")


def carried_tasks(output: Path) -> set[tuple[str, str, str]]:
    """Return the tasks that were judged as if earlier ones were right: student, assignment, task."""
    return {
        (report.student, report.assignment, task.id)
        for report in map(read_report, report_paths(output))
        for task in report.tasks
        if task.carried
    }


if __name__ == "__main__":
    main()
