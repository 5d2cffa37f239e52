"""The example class, graded once for every test that looks at it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.running import grade


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    output = tmp_path_factory.mktemp("class")
    return output, grade(output, "--jobs", "2", "--lang", "en")
