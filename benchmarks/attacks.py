"""The attack corpus at every level, as root and as an ordinary user: forged points, canaries, harm done.

Every technique of `tests/attacks` is handed in before an honest learner and graded by one worker. `make test`
does that as whoever runs it; here root's grader and an ordinary user's run one after the other, which takes
root, and an interpreter that an ordinary user may read.

    python -m benchmarks.attacks [--dry-run] [--through gradescope]

Through Gradescope, each technique is graded in a container of its own by what `autograder export gradescope`
makes (`tests/platforms/gradescope`), with Landlock and without: as root, for that is who runs there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from autograder.sandbox import best_level
from benchmarks.options import benchmark_options
from benchmarks.results import record
from tests import warm
from tests.attacks.battlefield import fight
from tests.attacks.techniques import CORPUS
from tests.platforms.gradescope.attacks import Arena

COMMAND = "make bench-attacks"
ORDINARY = 1234


def main() -> None:
    """Attack, count, and write the counts; a count above zero is a failure."""
    options = benchmark_options(__doc__)
    options.add_argument("--through", choices=["gradescope"], help="a platform's way in place of `grade`")
    chosen = options.parse_args()
    if chosen.through:
        through_gradescope(dry_run=chosen.dry_run)
        return
    users = {"root": None, "an ordinary user": ORDINARY} if os.geteuid() == 0 else {"this user": None}
    levels = ("full", "contained") if best_level().level == "full" else ("contained",)
    if ORDINARY in users.values() and not may_run(ORDINARY):
        sys.exit(f"An ordinary user may not read {sys.executable}: make .venv with one that everybody may.")
    forged = canaries = harmed = runs = 0
    for name, user in users.items():
        for level in levels:
            place = Path(tempfile.mkdtemp(prefix="attacks-"))
            place.chmod(0o755)
            try:
                outcome = fight(place, level, user=user)
                if outcome.returncode != 0:
                    sys.exit(f"The class was not graded:\n{outcome.said}")
                lost = [one for one in CORPUS if not outcome.honestly_graded(one)]
                hurt = [one for one in CORPUS if not outcome.unharmed(one)]
                seen = outcome.seen()
            finally:
                shutil.rmtree(place, ignore_errors=True)
            runs += len(CORPUS)
            forged, harmed, canaries = forged + len(lost), harmed + len(hurt), canaries + len(seen)
            found = f"{len(lost)} forged, {len(seen)} canaries, {len(hurt)} neighbours harmed"
            print(f"{name}, {level}: {len(CORPUS)} techniques, {found}", flush=True)
            for what, which in (("forged", lost), ("harmed a neighbour", hurt)):
                for one in which:
                    print(f"  {what}: {one}")
            for where, words in sorted(seen.items()):
                print(f"  {', '.join(words)} in {where}")
    if not chosen.dry_run:
        record("attacks.runs", runs, "techniques x users x levels", ">= 240", COMMAND)
        record("attacks.forged", forged, "submissions", "0", COMMAND)
        record("attacks.canaries", canaries, "files", "0", COMMAND)
        record("attacks.neighbours_harmed", harmed, "submissions", "0", COMMAND)
    if forged or canaries or harmed:
        sys.exit(1)


def through_gradescope(*, dry_run: bool) -> None:
    """Hand in every technique on Gradescope, on a kernel with Landlock and on one without."""
    if os.geteuid() != 0:
        sys.exit("Who grades on Gradescope is root: run this as root.")
    with tempfile.TemporaryDirectory(prefix="attacks-") as place:
        # A container a technique would import Keras as often.
        warm.offer(place)
        # Both kernels side by side, each on a processor.
        with ProcessPoolExecutor(2) as both:
            counts = list(both.map(_attacked, (Path(place) / "with", Path(place) / "without"), (True, False)))
    runs, forged, seen, touched = (sum(numbers) for numbers in zip(*counts, strict=True))
    if not dry_run:
        record("gradescope.attacks_runs", runs, "techniques x kernels", ">= 300", COMMAND)
        record("gradescope.forged", forged, "submissions", "0", COMMAND)
        record("gradescope.seen", seen, "submissions", "0", COMMAND)
        record("gradescope.changed", touched, "submissions", "0", COMMAND)
    if forged or seen or touched:
        sys.exit(1)


def _attacked(place: Path, landlock: bool) -> tuple[int, int, int, int]:
    """Hand in every technique on one kernel; return the counts: runs, forged, seen, changed."""
    arena = Arena(place)
    runs = forged = seen = touched = 0
    kernel = "with" if landlock else "without"
    for technique in CORPUS:
        found = arena.attack(technique, landlock=landlock, fresh=technique.family == "reading", pictures=True)
        runs += 1
        forged, seen = forged + found.forged, seen + bool(found.seen)
        touched += bool(found.touched)
        if found.forged or found.seen or found.touched:
            print(f"{technique}, {kernel} Landlock: {found}", flush=True)
    print(f"{kernel} Landlock: {runs} runs, {forged} forged, {seen} seen, {touched} changed", flush=True)
    return runs, forged, seen, touched


def may_run(user: int) -> bool:
    """Whether that user's grader could run here."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import autograder, keras"],
            user=user, group=user, extra_groups=[], cwd="/", capture_output=True, check=False,
            env={**os.environ, "HOME": "/nonexistent", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
