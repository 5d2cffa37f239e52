"""A loop written by hand trains what `fit` trains."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.verification.conftest import OTHERS, PYTHONS, ROOT


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("backend", OTHERS)
@pytest.mark.parametrize("assignment", ["loss-weights", "multi-output", "shared-lstm", "inception"])
def test_the_loop_and_every_fit_begin_alike(backend: str, assignment: str) -> None:
    """In every loss that there is."""
    done = subprocess.run(
        [PYTHONS[backend], "-m", "benchmarks.loops", assignment, "--rounds", "1", "--epochs", "1"],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    sides = json.loads(done.stdout)["sides"]

    assert sides["loop"]["of_loop"] == 1
    for side in sides.values():
        assert side["first_loss"] == pytest.approx(sides["loop"]["first_loss"], rel=1e-3)
        assert side["steps_per_second"] > 0
