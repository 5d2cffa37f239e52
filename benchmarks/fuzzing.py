"""Coverage-guided fuzzing of what comes from outside: notebooks, evidence, course files.

python -m benchmarks.fuzzing [--seconds 600] [--dry-run]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-fuzzing"
TARGETS = ("notebook", "evidence", "course")
# What libFuzzer calls a hang, in seconds, and the most bytes that it makes.
HANG, LONGEST = 20, 60_000
# What it calls too much memory; it counts what the process that has started it had, perhaps a test's.
MEBIBYTES = 6144


@dataclass(frozen=True)
class Fuzzed:
    """How many inputs were tried, and what the first that was a fault did; nothing where none was."""

    executions: int
    fault: str


def fuzzed(target: str, folder: Path, *, seconds: int) -> Fuzzed:
    """Fuzz a target of `tests.fuzz` for some seconds; the corpus and a faulty input are kept in `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", target, str(folder), f"-max_total_time={seconds}",
         f"-timeout={HANG}", f"-max_len={LONGEST}", f"-rss_limit_mb={MEBIBYTES}",
         "-print_final_stats=1", "-seed=1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "AUTOGRADER_LANG": "en"},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False,
    )  # fmt: skip
    counted = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
    return Fuzzed(int(counted[1]) if counted else 0, done.stderr[-3000:] if done.returncode else "")


def main() -> None:
    """Fuzz each target, and write how many inputs were tried and how many targets had a fault."""
    options = benchmark_options(__doc__)
    options.add_argument("--seconds", type=int, default=600, help="how long each target is fuzzed")
    chosen = options.parse_args()
    executions = faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for target in TARGETS:
            found = fuzzed(target, Path(folder, target), seconds=chosen.seconds)
            executions += found.executions
            faults += bool(found.fault)
            print(f"{target}: {found.executions} inputs{', a fault' if found.fault else ''}", flush=True)
            print(found.fault, end="")
    if not chosen.dry_run:
        record("fuzzing.inputs", executions, "inputs", ">= 100000", COMMAND)
        record("fuzzing.faults", faults, "targets", "0", COMMAND)
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
