"""How many kinds of errors are explained in every version of Keras that learners may have.

Each slip of `tests/checks/errors/slips.yml` is run in each version; its kind counts where no version that
raises anything says it in words that have no meaning. The versions are installed, Keras alone, into a folder
that is removed afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import keras

from autograder.checks.errors import meaning_of
from benchmarks.options import benchmark_options
from benchmarks.results import record
from tests.checks.errors.raising import kinds, raised_by
from tests.checks.errors.test_versions import VERSIONS

COMMAND = "make bench-errors"


def unexplained(folder: Path | None) -> dict[str, str]:
    """Return what one version says without being explained, by slip."""
    raised = {slip: error for slip, error in raised_by(folder).items() if error is not None}
    return {slip: ": ".join(error[:2]) for slip, error in raised.items() if meaning_of(*error) is None}


def main() -> None:
    """Ask every version, print what none of them explains, and write how many kinds all do."""
    chosen = benchmark_options(__doc__).parse_args()
    missed: set[str] = set()
    met: set[str] = set()
    with tempfile.TemporaryDirectory() as place:
        for version in [*VERSIONS, keras.__version__]:
            folder = Path(place, version) if version != keras.__version__ else None
            if folder is not None:
                subprocess.run(
                    [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder,
                     f"keras=={version}"],
                    check=True,
                )  # fmt: skip
            told = raised_by(folder)
            met |= {kind for slip, error in told.items() if error is not None for kind in kinds(slip)}
            found = unexplained(folder)
            missed |= {kind for slip in found for kind in kinds(slip)}
            count = sum(error is not None for error in told.values())
            print(f"Keras {version}: {count} errors, {len(found)} of them unexplained")
            for slip, said in found.items():
                print(f"  {slip}: {said[:200]}")
    print(f"{len(met - missed)} kinds of errors are explained in every version")
    if not chosen.dry_run:
        record("errors.explained", len(met - missed), "kinds", ">= 80", COMMAND)


if __name__ == "__main__":
    main()
