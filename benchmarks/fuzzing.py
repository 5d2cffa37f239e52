"""Coverage-guided fuzzing of what comes from outside: notebooks, evidence, courses, times, archives, names.

python -m benchmarks.fuzzing [--seconds 300] [--targets archive names] [--dry-run]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-fuzzing"
TARGETS = ("notebook", "evidence", "course", "timestamp", "archive", "names")
# What libFuzzer calls a hang, in seconds, and the most bytes that it makes.
HANG, LONGEST = 20, 60_000
# What it calls too much memory; it counts what the process that has started it had, perhaps a test's.
MEBIBYTES = 6144


@dataclass(frozen=True)
class Fuzzed:
    """How many inputs were tried, and what the first that was a fault did; nothing where none was."""

    executions: int
    fault: str


def fuzzed(targets: Sequence[str], folder: Path, *, seconds: int) -> dict[str, Fuzzed]:
    """Fuzz targets of `tests.fuzz` for some seconds each; corpora and faulty inputs are kept in `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", str(folder), ",".join(targets), f"-max_total_time={seconds}",
         f"-timeout={HANG}", f"-max_len={LONGEST}", f"-rss_limit_mb={MEBIBYTES}",
         "-print_final_stats=1", "-seed=1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "AUTOGRADER_LANG": "en"},
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    codes = dict(line.split() for line in done.stdout.splitlines())
    if codes.keys() != set(targets):
        raise RuntimeError(done.stderr)
    return {target: _outcome(folder / f"{target}.log", codes[target] == "0") for target in targets}


def _outcome(log: Path, well: bool) -> Fuzzed:
    said = log.read_text(encoding="utf-8", errors="replace")
    counted = re.search(r"stat::number_of_executed_units: (\d+)", said)
    return Fuzzed(int(counted[1]) if counted else 0, "" if well else said[-3000:])


def main() -> None:
    """Fuzz each target, and write how many inputs were tried and how many targets had a fault."""
    options = benchmark_options(__doc__)
    options.add_argument("--seconds", type=int, default=300, help="how long each target is fuzzed")
    options.add_argument(
        "--targets", nargs="+", choices=TARGETS, default=TARGETS, help="some of them; no figure"
    )
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = fuzzed(chosen.targets, Path(folder), seconds=chosen.seconds)
    for target, found in outcomes.items():
        print(f"{target}: {found.executions} inputs{', a fault' if found.fault else ''}")
        print(found.fault, end="")
    faults = sum(bool(found.fault) for found in outcomes.values())
    if not chosen.dry_run and set(chosen.targets) == set(TARGETS):
        executions = sum(found.executions for found in outcomes.values())
        record("fuzzing.inputs", executions, "inputs", ">= 100000", COMMAND)
        record("fuzzing.faults", faults, "targets", "0", COMMAND)
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
