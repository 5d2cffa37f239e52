"""The examples, graded once for every test that looks at them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.running import impatient_course, run_grade
from tests.examples import EXAMPLES, chosen

Graded = tuple[Path, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `course.yml` that the accidents are graded by."""
    return impatient_course(tmp_path_factory.mktemp("impatient"))


@pytest.fixture(scope="session")
def graded(impatient: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graded]:
    """Where one of the examples was graded to, and how the command ended."""
    kept: dict[str, Graded] = {}

    def graded_once(examples: str) -> Graded:
        if examples not in kept:
            output = tmp_path_factory.mktemp(examples)
            options = ["--jobs", "2", "--lang", "en"]
            if examples == "accidents":
                options += ["--course", str(impatient)]
            folder = tmp_path_factory.mktemp("handed-in")
            for place in (Path("submitted", *one) for one in chosen(examples)):
                shutil.copytree(EXAMPLES / examples / place, folder / place)
            kept[examples] = output, run_grade(folder, output, *options)
        return kept[examples]

    return graded_once
