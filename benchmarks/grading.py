"""What one more submission costs: `autograder grade`, the floor, and the tools that others grade with.

Ours and each other side take turns within one run (A B A B): a pair is measured one right after the other on
one and the same processor, one submission at a time, on the same notebooks with the same checks. What a run
costs once (starting, importing, the reference solutions) is taken out: a small and a large class are measured
and their difference is divided. Each round measures one assignment's notebooks, the assignments in turn. A
ratio is the median over the pairs, and is written only if both sides of every pair gave the same scores.
nbgrader is measured once more with two processors, which it has no use for.

The floor is the learner's own cells, up to the last graded one, in a fork of an interpreter that has imported
everything, without jail, notebook machinery or checks.

    python -m benchmarks.grading [--rounds 4] [--against otter ...] [--dry-run]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.classes import KINDS, Notebooks, example_notebooks
from benchmarks.options import at_least_one, benchmark_options
from benchmarks.peers import HomeMade, OtterRun, StockNbgrader
from benchmarks.peers.environment import peers_versions
from benchmarks.results import record
from benchmarks.sides import Floor, Ours, Pair, Side, measure_pair

COMMAND = "make bench-grading"


@dataclass(frozen=True)
class Comparison:
    """Ours against another side: which, and what is written of it."""

    make: Callable[[Path, Notebooks], Side]
    aim: str
    unit: str = "x"
    processors: int = 1
    packages: tuple[str, ...] = ()
    # What takes half a minute is measured more often in each round.
    often: int = 1
    # Whether the class has right submissions alone: nothing of them is run a second time.
    right: bool = False

    def ratio(self, pair: Pair) -> float:
        """How many times as fast ours is."""
        return pair.theirs / pair.ours


class OverFloor(Comparison):
    """Ours against the floor, which is faster: how many times its time ours takes."""

    def ratio(self, pair: Pair) -> float:
        """How many times the floor's time ours takes."""
        return pair.ours / pair.theirs


def _floor(_: Path, notebooks: Notebooks) -> Side:
    return Floor(notebooks)


COMPARISONS: dict[str, Comparison] = {
    "floor": OverFloor(_floor, "<= 1.25", "x the floor's time", often=3),
    "floor_right": OverFloor(_floor, "<= 1.25", "x the floor's time", often=3, right=True),
    "nbgrader": Comparison(StockNbgrader.at, ">= 25"),
    "otter": Comparison(OtterRun.at, ">= 25", packages=("otter-grader",)),
    "nbclient": Comparison(
        lambda place, notebooks: HomeMade.at(place, notebooks, "nbclient"), ">= 20", packages=("nbclient",)
    ),
    "papermill": Comparison(
        lambda place, notebooks: HomeMade.at(place, notebooks, "papermill"),
        ">= 20",
        packages=("papermill", "nbclient"),
    ),
    "nbgrader_two_cores": Comparison(StockNbgrader.at, ">= 100", processors=2),
}


def main() -> None:
    """Measure every pair, compare, and write the ratios."""
    options = benchmark_options(__doc__, rounds=4, repeats="each pair is measured")
    options.add_argument(
        "--students", type=at_least_one, default=24, help="by how many our large class is larger"
    )
    options.add_argument("--peer-students", type=at_least_one, default=3, help="by how many the other's is")
    options.add_argument("--assignments", nargs="+", choices=sorted(KINDS), default=sorted(KINDS))
    options.add_argument("--against", nargs="+", choices=list(COMPARISONS), default=list(COMPARISONS))
    chosen = options.parse_args()
    if not chosen.dry_run and not is_fair(chosen):
        options.error("a ratio of other classes is not written: add --dry-run")
    notebooks = {name: paths for name, paths in example_notebooks().items() if name in chosen.assignments}
    allowed = sorted(os.sched_getaffinity(0))
    against = [name for name in chosen.against if COMPARISONS[name].processors <= len(allowed)]
    for name in set(chosen.against) - set(against):
        print(f"{name} is left out: it takes {COMPARISONS[name].processors} processors")
    pairs: dict[str, list[Pair]] = {name: [] for name in against}
    with tempfile.TemporaryDirectory() as folder:
        print("making the others' courses ...", flush=True)
        sides = make_sides(Path(folder, "made"), notebooks, against)
        for number in range(1, chosen.rounds + 1):
            turn = list(notebooks)[(number - 1) % len(notebooks)]
            for name, side in sides.items():
                comparison = COMPARISONS[name]
                processors = comparison.processors
                paths = notebooks[turn][: 1 if comparison.right else None]
                os.sched_setaffinity(0, allowed[:processors])
                place = Path(folder, "measured")
                more = chosen.students * processors
                students = (more, more if isinstance(comparison, OverFloor) else chosen.peer_students)
                ours, theirs = Ours({turn: paths}, jobs=processors), handed(side, {turn: paths})
                for _ in range(comparison.often if chosen.rounds > 1 else 1):
                    pair = measure_pair(ours, theirs, place, students)
                    shutil.rmtree(place)
                    pairs[name].append(pair)
                    _say(f"round {number}, {turn}, {name}", pair, comparison)
    for name, measured in pairs.items():
        comparison = COMPARISONS[name]
        ratios = sorted(map(comparison.ratio, measured))
        print(f"{name}: {', '.join(f'{ratio:.2f}' for ratio in ratios)} {comparison.unit}")
        ratio = round(statistics.median(ratios), 2 if isinstance(comparison, OverFloor) else 1)
        if not chosen.dry_run:
            os.sched_setaffinity(0, allowed[: comparison.processors])
            versions = peers_versions(comparison.packages) if comparison.packages else {}
            record(f"grading.times_{name}", ratio, comparison.unit, comparison.aim, COMMAND, versions)


def is_fair(chosen: argparse.Namespace) -> bool:
    """Whether what is divided holds every assignment as often, and right, wrong and untouched work alike."""
    kinds = min(map(len, KINDS.values()))
    every = set(chosen.assignments) == KINDS.keys() and chosen.rounds % len(KINDS) == 0
    return every and not any(students % kinds for students in (chosen.students, chosen.peer_students))


def handed(side: Any, paths: Notebooks) -> Any:
    """Return the same side with some of its notebooks: those made of the class's notebooks at these paths."""
    return replace(
        side, notebooks={name: side.notebooks[name][: len(found)] for name, found in paths.items()}
    )


def make_sides(place: Path, notebooks: Notebooks, names: list[str]) -> dict[str, Side]:
    """Make the other sides, each with what it grades with; what is compared twice is made once."""
    made: dict[object, Side] = {}
    for name in names:
        make = COMPARISONS[name].make
        if make not in made:
            made[make] = make(place / name, notebooks)
    return {name: made[COMPARISONS[name].make] for name in names}


def _say(what: str, pair: Pair, comparison: Comparison) -> None:
    times = f"ours {pair.ours * 1e3:6.0f} ms, theirs {pair.theirs * 1e3:6.0f} ms a submission"
    print(f"{what:<42} {times}: {comparison.ratio(pair):6.2f} {comparison.unit}", flush=True)


if __name__ == "__main__":
    main()
