"""A large class: the memory that grading it takes, and how fast it goes again when nothing has changed.

Two classes are made, a small and a large one, of notebooks in which nothing is answered: runs are short then.
Each class is graded again and again. The first time, the most memory that the grader's own processes take
together is noted: that of the process that was started, of its workers and of the warm interpreter, each at
its peak; the runs themselves come and go. Afterwards no submission has changed: the median of some rounds
counts, and what a run costs once is taken out by the difference of the two classes. Each time every
submission must have the same line in grades.csv.

    python -m benchmarks.large [--small 500] [--large 10000] [--rounds 5] [--dry-run]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
ASSIGNMENT = "functional-api"
RELEASED = ROOT / "assignments" / "en" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
COMMAND = "make bench-large"


def main() -> None:
    """Grade both classes, again and again, and write the two figures."""
    options = benchmark_options(__doc__, rounds=5, repeats="an unchanged class is graded")
    options.add_argument("--small", type=int, default=500, help="submissions of the small class")
    options.add_argument("--large", type=int, default=10_000, help="submissions of the large class")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peaks, again = {}, {}
        for count in (chosen.small, chosen.large):
            place = make_class(Path(folder, str(count)), count)
            seconds, peaks[count] = graded(place)
            first = (place / "out" / "grades.csv").read_text(encoding="utf-8")
            print(f"{count} submissions: {seconds:.0f} s, {peaks[count] / 2**20:.0f} MiB", flush=True)
            rounds = []
            for _ in range(chosen.rounds):
                rounds.append(graded(place)[0])
                if (place / "out" / "grades.csv").read_text(encoding="utf-8") != first:
                    raise SystemExit("a later run has other grades than the first")
            again[count] = statistics.median(rounds)
            print(f"{count} submissions, unchanged:", *(f"{took:.1f}" for took in rounds), "s", flush=True)
    rate = (chosen.large - chosen.small) / (again[chosen.large] - again[chosen.small])
    growth = peaks[chosen.large] / peaks[chosen.small]
    print(f"unchanged: {rate:.0f} submissions a second; memory: {growth:.3f} times")
    if not chosen.dry_run:
        record(
            "cache.submissions_per_second", round(rate), "unchanged submissions a second", ">= 1000", COMMAND
        )
        record("memory.peak_10000_over_500", round(growth, 3), "x", "<= 1.1", COMMAND)


def make_class(place: Path, count: int) -> Path:
    """Make a class of that many learners, each with a notebook of one assignment."""
    notebook = json.loads(RELEASED.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "..."
    for number in range(count):
        target = place / "submitted" / f"student-{number:06}" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        target.parent.mkdir(parents=True)
        notebook["metadata"]["learner"] = number
        target.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    return place


def graded(place: Path) -> tuple[float, int]:
    """Grade a class; the seconds that it took, and the sum of the peaks of the grader's own processes."""
    peaks: dict[int, int] = {}
    began = time.perf_counter()
    grader = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", place, "--output", place / "out",
         "--course", ROOT / "course.yml", "--lang", "en"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while grader.poll() is None:
        for pid in [grader.pid, *_children(grader.pid)]:
            peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
        time.sleep(0.25)
    if grader.returncode != 0:
        raise SystemExit(f"autograder grade ended with exit code {grader.returncode}")
    return time.perf_counter() - began, sum(peaks.values())


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _peak(pid: int) -> int:
    """Return the most memory that a process has had resident, in bytes; 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
