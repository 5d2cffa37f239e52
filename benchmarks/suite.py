"""How long the tests take, and what takes their time: `make test` and `make test-fast`, as they are called.

Beside the two figures it prints what no figure says: how much of the processors was used, which modules,
fixtures and tests took longest, and how long each process that ran tests had nothing to do. Processor time
is that of a test and of the children that it waits for; what the warm server starts counts in the whole
alone.

    python -m benchmarks.suite [--rounds 1] [--dry-run] [--fast] [--rows 20]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.options import at_least_one, benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-tests"
AIMS = {"tests.seconds": ("make test", "<= 600"), "tests.fast_seconds": ("make test-fast", "<= 60")}


@dataclass
class Taken:
    """Seconds of something that was measured, and how often."""

    wall: float = 0.0
    processor: float = 0.0
    count: int = 0

    def add(self, line: Mapping[str, Any]) -> None:
        """Add a line of a file of durations."""
        self.wall += line["wall"]
        self.processor += line["processor"]
        # A test has three phases, and is one.
        self.count += line["kind"] in ("call", "fixture")


def main() -> None:
    """Run both commands, print where their time goes, and write how long they took."""
    options = benchmark_options(__doc__, rounds=1, repeats="each command is run")
    options.add_argument("--fast", action="store_true", help="`make test-fast` alone")
    options.add_argument("--rows", type=at_least_one, default=20, help="how many rows a table has")
    chosen = options.parse_args()
    for name, (command, aim) in AIMS.items():
        if chosen.fast and "fast" not in name:
            continue
        seconds = [timed(command, chosen.rows) for _ in range(chosen.rounds)]
        print(f"{command}: {', '.join(f'{one:.0f} s' for one in seconds)}", flush=True)
        if not chosen.dry_run:
            record(name, round(statistics.median(seconds)), "s", aim, COMMAND)


def timed(command: str, rows: int) -> float:
    """Run a command of the Makefile, print where its time went, and return the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DURATIONS": folder, "PYTEST_ADDOPTS": "-p benchmarks.durations"}
        before, began = processors_seconds(), time.perf_counter()
        done = subprocess.run(command.split(), cwd=ROOT, env=environment, check=False)
        seconds, after = time.perf_counter() - began, processors_seconds()
        if done.returncode:
            sys.exit(f"`{command}` ended with exit code {done.returncode}: nothing is measured.")
        cores = len(os.sched_getaffinity(0))
        share = (after - before) / (seconds * cores)
        spent = f"{after - before:.0f} s of processor time ({share:.0%} of {cores})"
        print(f"\n{command}: {seconds:.0f} s, {spent}")
        print_tables(lines_in(Path(folder)), rows)
    return seconds


def processors_seconds() -> float:
    """Return the seconds that all processors of this machine have worked since it was started."""
    words = Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()
    user, nice, system, _, _, interrupts, soft = map(int, words[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def lines_in(folder: Path) -> list[dict[str, Any]]:
    """Return what `benchmarks.durations` has written, each line with the process that wrote it."""
    return [
        {**json.loads(line), "worker": path.stem}
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def print_tables(lines: Iterable[Mapping[str, Any]], rows: int) -> None:
    """Print the longest modules, fixtures and tests, and how busy each process was."""
    modules, fixtures, tests = (defaultdict[str, Taken](Taken) for _ in range(3))
    spans: dict[str, list[float]] = {}
    busy: dict[str, float] = defaultdict(float)
    for line in lines:
        place = (line["test"] if line["kind"] == "fixture" else line["name"]).partition("::")[0]
        if line["kind"] == "fixture":
            fixtures[f"{line['name']} ({place or line['scope']})"].add(line)
            continue
        modules[place].add(line)
        tests[line["name"]].add(line)
        busy[line["worker"]] += line["wall"]
        spans.setdefault(line["worker"], []).extend((line["begin"], line["begin"] + line["wall"]))
    for title, found in (("module", modules), ("fixture", fixtures), ("test", tests)):
        print(f"\n{'wall':>8} {'processor':>10} {'count':>6}  {title}")
        for name, taken in sorted(found.items(), key=lambda pair: -pair[1].wall)[:rows]:
            print(f"{taken.wall:7.1f}s {taken.processor:9.1f}s {taken.count:6}  {name}")
    last = max((max(span) for span in spans.values()), default=0.0)
    print(f"\n{'busy':>8} {'ended before the last':>22}  process")
    for worker, span in sorted(spans.items()):
        print(f"{busy[worker]:7.1f}s {last - max(span):21.1f}s  {worker}")


if __name__ == "__main__":
    main()
