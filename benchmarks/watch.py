"""From a save to its verdict under `autograder watch`, in cold starts of `python -c "import keras"`.

A copy of the course is watched by `autograder watch --json`; notebooks of the example class are saved into it
as Jupyter saves, a right, a wrong and an untouched one in turn, and the clock runs until the verdict has been
read. What the notebook's own cells took is not the grader's time and is left out. After each turn Keras is
imported by an interpreter of its own, so that what slows the machine slows both alike.

    python -m benchmarks.watch [--rounds 10] [--dry-run]
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.classes import example_notebooks
from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
ASSIGNMENT = "inception"
WANTED = (10, None, 0)
COMMAND = "make bench-watch"


@dataclass(frozen=True)
class Taken:
    """Seconds from a save to its verdict, and those of them that the notebook's own cells took."""

    whole: float
    cells: float

    @property
    def ours(self) -> float:
        """What the learner waits for the grader."""
        return self.whole - self.cells


def main() -> None:
    """Measure, compare, and write the ratio."""
    options = benchmark_options(__doc__, rounds=10, repeats="each notebook is saved")
    chosen = options.parse_args()
    notebooks = [path.read_bytes() for path in example_notebooks()[ASSIGNMENT]]
    with tempfile.TemporaryDirectory() as folder, watching(Path(folder)) as (notebook, verdicts):
        for content, wanted in zip(notebooks, WANTED, strict=True):
            save(notebook, content, verdicts, wanted)
        taken, imports = [], []
        for number in range(1, chosen.rounds + 1):
            taken += [
                save(notebook, content, verdicts, wanted)
                for content, wanted in zip(notebooks, WANTED, strict=True)
            ]
            imports.append(cold_import())
            saves = ", ".join(f"{one.ours * 1e3:.0f}" for one in taken[-len(notebooks) :])
            print(f"round {number}: {saves} ms, a cold import {imports[-1] * 1e3:.0f} ms", flush=True)
    ours = statistics.median(one.ours for one in taken)
    cold = statistics.median(imports)
    print(f"from save to verdict:  {statistics.median(one.whole for one in taken) * 1e3:7.0f} ms")
    print(f"without its own cells: {ours * 1e3:7.0f} ms (longest {max(one.ours for one in taken) * 1e3:.0f})")
    print(f"a cold import:         {cold * 1e3:7.0f} ms")
    if not chosen.dry_run:
        record("watch.over_cold_import", round(ours / cold, 3), "of a cold import's time", "<= 0.2", COMMAND)


@contextlib.contextmanager
def watching(place: Path) -> Iterator[tuple[Path, IO[str]]]:
    """Watch a copy of the course; yield the notebook, and the verdicts, the first of them read."""
    for name in ("solutions", "graders", "assignments"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "course.yml", place)
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "watch", ASSIGNMENT, "--json", "--lang", "en"],
        cwd=place, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        env=os.environ | {"XDG_DATA_HOME": str(place / "data"), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise SystemExit("Nothing could be watched.")
        yield place / "assignments" / "en" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", process.stdout
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def save(notebook: Path, content: bytes, verdicts: IO[str], wanted: float | None) -> Taken:
    """Save as Jupyter does, and wait for the verdict; stop where it is not the one that is wanted."""
    time.sleep(0.3)
    beside = notebook.with_name(f".~{notebook.name}")
    began = time.perf_counter()
    beside.write_bytes(content)
    os.replace(beside, notebook)
    line = verdicts.readline()
    whole = time.perf_counter() - began
    report = json.loads(line)
    if report["outcome"] != "graded" or (wanted is not None and report["score"] != wanted):
        raise SystemExit(f"{report['outcome']}, {report['score']} points where {wanted} are deserved")
    return Taken(whole, sum(report["timings"]["cells"].values()))


def cold_import() -> float:
    """Seconds that an interpreter of its own takes to import Keras and end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import keras"], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
