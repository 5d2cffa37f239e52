"""Grading the example class as a user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLASS = ROOT / "examples" / "class"


def grade(output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`autograder grade` of the example class into a folder."""
    return subprocess.run(
        [sys.executable, "-m", "autograder", "grade", str(CLASS), "--output", str(output), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
