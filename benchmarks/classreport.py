"""The class report of ten thousand submissions: how long it takes, and the most memory.

The example class is graded, and its reports are written again and again for other learners, with a text of
their own for each task, of which every two learners share a passage. Then `autograder class` sums them up, as
an instructor would start it: from the command to the page and its tables.

    python -m benchmarks.classreport [--submissions 10000] [--rounds 3] [--dry-run]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.class_report import PAGE
from autograder.feedback import Report, read_report, report_path, report_paths, write_report
from benchmarks.options import at_least_one, benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-classreport"
LINES = 12
"""Lines that each learner has written for each task, beside those that two have written."""


def main() -> None:
    """Sum up the class, again and again, and write the two figures."""
    options = benchmark_options(__doc__, rounds=3, repeats="the class is summed up")
    options.add_argument("--submissions", type=at_least_one, default=10_000, help="how many there are")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        example, output, pages = (Path(folder, name) for name in ("example", "out", "pages"))
        _command("grade", ROOT / "examples" / "class", "--output", example)
        make_class([read_report(path) for path in report_paths(example)], output, chosen.submissions)
        rounds = [summed_up(output, pages) for _ in range(chosen.rounds)]
        print(f"{PAGE}: {(pages / PAGE).stat().st_size / 2**20:.1f} MiB")
    seconds = [took for took, _ in rounds]
    peak = max(memory for _, memory in rounds)
    print(*(f"{took:.1f}" for took in seconds), "s")
    if not chosen.dry_run:
        record("classreport.seconds_10000", round(statistics.median(seconds), 1), "s", "<= 60", COMMAND)
        record("classreport.peak_mib_10000", round(peak / 2**20), "MiB", "<= 1024", COMMAND)


def make_class(reports: list[Report], output: Path, count: int) -> None:
    """Write that many reports: those of the example class, of as many learners as it takes."""
    for number in range(count):
        turn, place = divmod(number, len(reports))
        report = reports[place]
        tasks = [
            task.model_copy(update={"written": text(task.id, turn, place)}) if task.attempted else task
            for task in report.tasks
        ]
        made = report.model_copy(update={"student": f"{report.student}-{turn:05}", "tasks": tasks})
        write_report(made, report_path(output, made.student, made.assignment))


def text(task: str, turn: int, place: int) -> str:
    """Return what a learner wrote for a task: some lines like no other's, and some that one other has."""
    own = [f"own_{turn}_{place}_{line} = layers.Dense({line}, name={task!r})" for line in range(LINES)]
    shared = [
        f"shared_{turn // 2}_{place}_{line} = layers.Dropout(0.{line}, name={task!r})" for line in range(4)
    ]
    return "\n".join([*own, *shared])


def summed_up(output: Path, pages: Path) -> tuple[float, int]:
    """Run `autograder class`; the seconds that it took, and the most memory that it had, in bytes."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "class", output, "--output", pages, "--lang", "en"],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"autograder class ended with exit code {process.returncode}")
    return took, used.ru_maxrss * 1024


def _command(*words: str | Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "autograder", *words, "--course", ROOT / "course.yml", "--lang", "en"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    main()
