"""Submissions per second: `autograder grade`, plain `nbgrader autograde`, and the floor.

The floor is the learner's own cells, up to the last graded one, in a fork of an interpreter that has
imported everything, without jail, notebook machinery or checks. All three run the same notebooks on one and
the same processor, one submission at a time. What a run costs once (starting, importing, the reference
solutions) is taken out by measuring a small and a large class and dividing their difference. Before a ratio
is written, both graders must have given the same answers.

    python -m benchmarks.grading [--students 24] [--nbgrader-students 4]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import record
from benchmarks.stock import make_stock_course, nbgrader, stock_scores

ROOT = Path(__file__).parents[1]
CLASS = ROOT / "examples" / "class" / "submitted"
COMMAND = "make bench-grading"

# Example students whose verdict a plain nbgrader test gives as well: right, wrong, and untouched.
KINDS = {
    "inception": ("kim-seoyeon", "okafor-chidi", "lee-minjun"),
    "residual-projection": ("kim-seoyeon", "garcia-lucia", "lee-minjun"),
}


def main() -> None:
    """Measure, compare, and write the two ratios."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=36, help="students of the large class")
    options.add_argument(
        "--nbgrader-students", type=int, default=6, help="students of nbgrader's large class"
    )
    options.add_argument("--rounds", type=int, default=3, help="how often each side is measured, in turn")
    chosen = options.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        notebooks = example_notebooks()
        ours: list[float] = []
        floors: list[float] = []
        for number in range(chosen.rounds):
            ours.append(per_submission(place / f"ours-{number}", notebooks, chosen.students))
            floors.append(floor(notebooks, chosen.students))
            said = f"{ours[-1] * 1e3:.0f} ms a submission, the floor {floors[-1] * 1e3:.0f} ms"
            print(f"round {number + 1}: {said}")
        small = stock_seconds(place / "stock-small", notebooks, 2)
        large = stock_seconds(place / "stock-large", notebooks, chosen.nbgrader_students)
        stock = (large - small) / ((chosen.nbgrader_students - 2) * len(KINDS))
        compare_answers(place, notebooks, chosen)
    mine, least = statistics.median(ours), statistics.median(floors)
    print(f"autograder grade:    {1 / mine:6.2f} submissions a second on one core")
    print(f"nbgrader autograde:  {1 / stock:6.2f}")
    print(f"the floor:           {1 / least:6.2f}")
    record("grading.times_nbgrader", round(stock / mine, 1), "x", ">= 25", COMMAND)
    record("grading.times_floor", round(mine / least, 2), "x the floor's time", "<= 1.67", COMMAND)


def example_notebooks() -> dict[str, list[Path]]:
    """The example class's notebooks of those kinds, by assignment."""
    return {
        assignment: [CLASS / student / assignment / f"{assignment}.ipynb" for student in students]
        for assignment, students in KINDS.items()
    }


def make_class(place: Path, notebooks: dict[str, list[Path]], students: int) -> Path:
    """A class of that many students, each with a notebook for every assignment, the kinds in turn."""
    for number in range(students):
        for assignment, paths in notebooks.items():
            target = place / "submitted" / f"student-{number:04}" / assignment / f"{assignment}.ipynb"
            target.parent.mkdir(parents=True)
            shutil.copy(paths[number % len(paths)], target)
    return place


def per_submission(place: Path, notebooks: dict[str, list[Path]], students: int) -> float:
    """Seconds that one more submission costs `autograder grade --jobs 1`."""
    taken = []
    for name, count in (("small", 6), ("large", 6 + students)):
        folder = make_class(place / name, notebooks, count)
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "autograder", "grade", folder, "--output", place / f"out-{name}",
             "--jobs", "1", "--course", ROOT / "course.yml", "--lang", "en"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        taken.append(time.perf_counter() - started)
    return (taken[1] - taken[0]) / (students * len(notebooks))


def floor(notebooks: dict[str, list[Path]], students: int) -> float:
    """Seconds that one submission's own cells take in a fork of a warm interpreter."""
    paths = [
        path
        for number in range(students)
        for entry in notebooks.values()
        for path in [entry[number % len(entry)]]
    ]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.floor", *map(str, paths)],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
    )  # fmt: skip
    return float(json.loads(done.stdout)["seconds"]) / len(paths)


def stock_seconds(place: Path, notebooks: dict[str, list[Path]], students: int) -> float:
    """Seconds of plain `nbgrader autograde` over a class."""
    make_stock_course(place, list(notebooks))
    make_class(place, notebooks, students)
    started = time.perf_counter()
    for assignment in notebooks:
        nbgrader(place, "autograde", assignment)
    return time.perf_counter() - started


def compare_answers(place: Path, notebooks: dict[str, list[Path]], chosen: argparse.Namespace) -> None:
    """Stop unless both graders gave every task of every student the same answer: full marks or not."""
    stock = stock_scores(place / "stock-large")
    for number in range(chosen.nbgrader_students):
        student = f"student-{number:04}"
        for assignment in notebooks:
            report = json.loads(
                (place / "ours-0/out-large/reports" / student / f"{assignment}.json").read_text()
            )
            for task in report["tasks"]:
                mine = task["score"] == task["points"]
                if mine != stock[student, assignment, task["id"]]:
                    raise SystemExit(f"{student}, {assignment}, {task['id']}: the graders disagree")


if __name__ == "__main__":
    main()
