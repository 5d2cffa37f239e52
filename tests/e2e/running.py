"""Grading the examples as a user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def grade(examples: str, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of one of the examples (`class`, `accidents`) into a folder."""
    return run_grade(EXAMPLES / examples, output, *options)


def run_grade(folder: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of a class into a folder."""
    return subprocess.run(
        [sys.executable, "-m", "autograder", "grade", str(folder), "--output", str(output), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
