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
    found = json.loads(done.stdout)
    sides = found["sides"]

    # PyTorch's compiler takes the padding of a "same" pooling for one of another layout, and stops.
    assert found["failed"].keys() <= ({"loop", "fit, compiled"} if backend == "torch" else set())
    assert sides[found["loop"]]["of_loop"] == 1
    for side in sides.values():
        assert side["first_loss"] == pytest.approx(sides[found["loop"]]["first_loss"], rel=1e-3)
        assert side["steps_per_second"] > 0
