"""Every version of Keras that a learner may have says its errors in words that are known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.checks.errors import meaning_of
from tests.checks.errors.raising import SLIPS, kinds, raised_by

pytestmark = pytest.mark.slow

# The oldest of the supported range, each that words errors otherwise than the one before, and the newest but
# one (the newest is installed: test_meanings).
VERSIONS = ("3.4.1", "3.10.0", "3.13.2", "3.14.1")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_keras_is_explained_as_the_newest_is(version: str, tmp_path: Path) -> None:
    """Keras alone is installed beside what is there; it asks pip's package registry."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            tmp_path,
            f"keras=={version}",
        ],
        check=True,
    )
    raised = raised_by(tmp_path)
    told = {slip: (error, meaning_of(*error)) for slip, error in raised.items() if error is not None}

    assert {slip: error for slip, (error, meaning) in told.items() if meaning is None} == {}
    assert {
        slip: meaning.kind
        for slip, (_, meaning) in told.items()
        if meaning is not None and meaning.kind not in kinds(slip)
    } == {}
    # What this version takes without a word has nothing to be explained.
    assert len(told) > 0.9 * len(SLIPS)
