"""The examples, each graded once for every test that looks at it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.running import grade

Graded = tuple[Path, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graded]:
    """Where one of the examples was graded to, and how the command ended."""
    kept: dict[str, Graded] = {}

    def graded_once(examples: str) -> Graded:
        if examples not in kept:
            output = tmp_path_factory.mktemp(examples)
            kept[examples] = output, grade(examples, output, "--jobs", "2", "--lang", "en")
        return kept[examples]

    return graded_once
