"""What the jail costs a submission: the same notebook at every level, in turn, by one warm interpreter.

At `none` a run is a fork with the same supervisor, the same limits on time and the same way out, but without
namespaces, Landlock, seccomp, other users or private file systems. The levels take turns, so that what slows
the machine slows them alike; every run must leave the same evidence. In each round the best level runs once
more, within the budget that reading and judging a submission have.

    python -m benchmarks.jail [--rounds 60] [--dry-run]
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path

from autograder.grading.budget import Budget
from autograder.sandbox import CellSource, Level, Request, Run, WarmInterpreter, best_level
from benchmarks.floor import up_to_the_last_check
from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "examples" / "class" / "submitted" / "kim-seoyeon" / "inception" / "inception.ipynb"
COMMAND = "make bench-jail"


def main() -> None:
    """Measure, compare, and write what the best level costs over none."""
    options = benchmark_options(__doc__, rounds=60, repeats="each level runs the notebook")
    chosen = options.parse_args()
    best = best_level().level
    if best == "none":
        sys.exit("This machine offers no isolation: there is nothing to measure.")
    levels: tuple[Level, ...] = ("none", "contained", "full") if best == "full" else ("none", "contained")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    taken: dict[Level, list[float]] = {level: [] for level in levels}
    within: list[float] = []
    with WarmInterpreter.start() as warm:
        for level in levels * 3:
            run(warm, level)
        wanted = testimony(run(warm, "none"))
        for number in range(1, chosen.rounds + 1):
            for level in levels:
                began = time.perf_counter()
                ran = run(warm, level)
                taken[level].append(time.perf_counter() - began)
                if testimony(ran) != wanted:
                    sys.exit(f"The evidence at `{level}` is not that of `none`.")
            began = time.perf_counter()
            with Budget(20, 2 << 30).spent():
                run(warm, best)
            within.append(time.perf_counter() - began)
            if number % 10 == 0 or number == chosen.rounds:
                print(f"round {number} of {chosen.rounds}", flush=True)
    costs: dict[Level, float] = {}
    for level in levels:
        # Round by round: each with its neighbour.
        apart = [mine - plain for mine, plain in zip(taken[level], taken["none"], strict=True)]
        costs[level] = statistics.median(apart) * 1e3
        print(f"{level:<10} {statistics.median(taken[level]) * 1e3:6.1f} ms a run, {costs[level]:+5.1f} ms")
    apart = [mine - plain for mine, plain in zip(within, taken[best], strict=True)]
    budget = statistics.median(apart) * 1e3
    print(f"{'budget':<10} {statistics.median(within) * 1e3:6.1f} ms a run, {budget:+5.1f} ms over {best}")
    if not chosen.dry_run:
        record("jail.budget_ms_per_submission", round(budget, 2), "ms", "<= 2", COMMAND)
        for level in levels[1:]:
            record(f"jail.{level}_ms_per_submission", round(costs[level], 1), "ms", "< 25", COMMAND)


def run(warm: WarmInterpreter, level: Level) -> Run:
    """One run of the notebook."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = [
        CellSource(number, f"cell-{number}", source, "module" if source.startswith("check(") else None)
        for number, source in enumerate(up_to_the_last_check(notebook))
    ]
    return warm.run(Request(cells, level=level))


def testimony(ran: Run) -> list[object]:
    """What a run has left behind, without its times."""
    return [(cell.state, cell.evidence, cell.error and cell.error.name) for cell in ran.cells]


if __name__ == "__main__":
    main()
