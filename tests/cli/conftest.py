"""Running the command as a user does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm
from tests.examples import EXAMPLES

ROOT = Path(__file__).parents[2]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("grade", folder, cwd=...)`: the finished command, in English unless told otherwise."""

    def command(*words: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
        return warm.run(
            ["-m", "autograder", *words],
            cwd=cwd,
            environment={
                **os.environ,
                "AUTOGRADER_LANG": "en",
                "COLUMNS": "100",
                "XDG_DATA_HOME": str(tmp_path / "data"),
                "PYTHONPATH": str(ROOT),
                **environment,
            },
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


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the course in another folder, with its first assignment alone."""
    place = tmp_path / "elsewhere"
    text = (ROOT / "course.yml").read_text(encoding="utf-8")
    first, second = list(re.finditer(r"^  - id: (.+)$", text, re.MULTILINE))[:2]
    for folder in ("solutions", "assignments/en", "assignments/ko"):
        shutil.copytree(ROOT / folder / first[1], place / folder / first[1])
    (place / "course.yml").write_text(text[: second.start()], encoding="utf-8")
    shutil.copytree(ROOT / "graders", place / "graders")
    return place
