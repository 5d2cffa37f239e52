"""How long somebody waits for a command: for `--help`, a release after a small change, a new course.

The release is that of a copy of the course in which everything has been released once; then one word in one
of the source notebooks is changed, and `autograder release` is timed; in each round another assignment's.
That the release is right is looked at in passing: `autograder release --check`, which builds everything,
finds it in step. A new course is made by `autograder new`, which ends when its notebook has been graded as it
is given out, as it is solved, and with its alternative.

    python -m benchmarks.commands [--rounds 5] [--dry-run]
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

from autograder.course import Assignment, Course, load_course
from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-commands"


def main() -> None:
    """Measure each, and write the medians."""
    chosen = benchmark_options(__doc__, rounds=5, repeats="each command is timed").parse_args()
    helped = [seconds_of("--help", cwd=ROOT) for _ in range(chosen.rounds)]
    print("--help:", *(f"{one:.3f} s" for one in helped), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        course = copied(Path(folder, "course"))
        print(f"all of it, the first time: {seconds_of('release', cwd=course.root):.1f} s", flush=True)
        released = []
        for number in range(chosen.rounds):
            change(course, course.assignments[number % len(course.assignments)], number)
            released.append(seconds_of("release", cwd=course.root))
            print(f"one of {len(course.assignments)}: {released[-1]:.1f} s", flush=True)
        # Exit code 1, and the benchmark ends, where a release is not what building everything gives.
        seconds_of("release", "--check", cwd=course.root)
        made = [seconds_of("new", "--course", f"new-{n}", cwd=Path(folder)) for n in range(chosen.rounds)]
        print("new --course:", *(f"{one:.1f} s" for one in made), flush=True)
    if not chosen.dry_run:
        record("startup.seconds_help", round(statistics.median(helped), 3), "s", "<= 0.3", COMMAND)
        record("release.seconds_one_of_ten", round(statistics.median(released), 1), "s", "<= 15", COMMAND)
        record("author.seconds_to_first_grade", round(statistics.median(made), 1), "s", "<= 60", COMMAND)


def copied(place: Path) -> Course:
    """Copy the course to a folder of its own."""
    place.mkdir()
    shutil.copy(ROOT / "course.yml", place)
    for name in ("solutions", "graders", "assignments"):
        shutil.copytree(ROOT / name, place / name)
    return load_course(place / "course.yml")


def change(course: Course, assignment: Assignment, number: int) -> None:
    """Change one word in the source notebook of an assignment."""
    path = course.source(assignment)
    text = path.read_text(encoding="utf-8")
    changed = text.replace('"# ', f'"# {number}: ', 1)
    assert changed != text, path
    path.write_text(changed, encoding="utf-8")


def seconds_of(*words: str, cwd: Path) -> float:
    """Run `autograder words…` and return the seconds that it took."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"`autograder {' '.join(words)}` ended with exit code {done.returncode}:\n{done.stderr}")
    return seconds


if __name__ == "__main__":
    main()
