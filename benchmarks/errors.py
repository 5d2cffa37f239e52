"""How many kinds of errors are explained in every version of Keras that learners may have.

Each slip of `tests/checks/errors/slips.yml` is run in each version; its kind counts where no version that
raises anything says it in words that have no meaning. What older versions say must be what is recorded for
the suite; `WRITE_GOLDENS=1` records it anew.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from autograder.checks.errors import meaning_of
from benchmarks.options import benchmark_options
from benchmarks.results import record
from tests.checks.errors.raising import OLDER, RECORDED, as_record, kinds, raised_in

COMMAND = "make bench-errors"


def main() -> None:
    """Ask every version, print what none of them explains, and write how many kinds all do."""
    chosen = benchmark_options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as place:
        everywhere = raised_in(Path(place), OLDER)
    record_of_older = as_record(everywhere)
    if os.environ.get("WRITE_GOLDENS"):
        RECORDED.write_text(record_of_older, encoding="utf-8")
    elif difference := "\n".join(difference_of(RECORDED.read_text(encoding="utf-8"), record_of_older)):
        print(difference)
        sys.exit(f"{RECORDED.name} is not what these versions say: WRITE_GOLDENS=1 {COMMAND} writes it anew.")
    met: set[str] = set()
    missed: set[str] = set()
    for version, raised in everywhere.items():
        told = {slip: error for slip, error in raised.items() if error is not None}
        found = {slip: error for slip, error in told.items() if meaning_of(*error) is None}
        met |= {kind for slip in told for kind in kinds(slip)}
        missed |= {kind for slip in found for kind in kinds(slip)}
        print(f"Keras {version}: {len(told)} errors, {len(found)} of them unexplained")
        for slip, error in found.items():
            print(f"  {slip}: {': '.join(error[:2])[:200]}")
    print(f"{len(met - missed)} kinds of errors are explained in every version")
    if not chosen.dry_run:
        record("errors.explained", len(met - missed), "kinds", ">= 80", COMMAND)


def difference_of(before: str, after: str) -> Iterator[str]:
    """Yield the lines of a diff between two texts."""
    return unified_diff(before.splitlines(), after.splitlines(), "recorded", "raised", lineterm="", n=1)


if __name__ == "__main__":
    main()
