"""Grading the examples as a user does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def grade(examples: str, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of one of the examples (`class`, `accidents`) into a folder."""
    return run_grade(EXAMPLES / examples, output, *options)


def run_grade(folder: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of a class into a folder."""
    return warm.run(["-m", "autograder", "grade", folder, "--output", output, *options])
