"""Running the command as a user does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("grade", folder, cwd=...)`: the finished command, in English unless told otherwise."""

    def command(*words: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "autograder", *map(str, words)],
            cwd=cwd,
            env={
                **os.environ,
                "AUTOGRADER_LANG": "en",
                "COLUMNS": "100",
                "XDG_DATA_HOME": str(tmp_path / "data"),
                "PYTHONPATH": str(ROOT),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return command


@pytest.fixture
def make_class(tmp_path: Path) -> Callable[..., Path]:
    """`make_class("kim-seoyeon", …)`: a class of students of the examples, one assignment each."""

    def made(*students: str, assignment: str = "inception") -> Path:
        folder = tmp_path / "class"
        for student in students:
            place = folder / "submitted" / student / assignment
            place.mkdir(parents=True)
            (notebook,) = EXAMPLES.glob(f"*/submitted/{student}/{assignment}/{assignment}.ipynb")
            shutil.copy(notebook, place)
        return folder

    return made
