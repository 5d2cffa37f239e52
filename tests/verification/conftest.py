"""Each backend's solutions, verified once for every test that looks at them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.warm import programs_are_warm  # noqa: F401

ROOT = Path(__file__).parents[2]
Document = dict[str, Any]

# The others have environments of their own, which `make test-backends` makes.
OTHERS = ("jax", "torch") if os.environ.get("VERIFY_BACKENDS") == "all" else ()
# Without them there is nothing to compare TensorFlow with.
collect_ignore = [] if OTHERS else ["test_across.py"]
PYTHONS = {"tensorflow": sys.executable} | {
    name: str(ROOT / ".venv-backends" / name / "bin" / "python") for name in OTHERS
}


def verify(
    backend: str, *words: str, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`autograder verify` on a backend, in an environment that has that backend."""
    program = ["-m", "autograder", "verify", "--backend", backend, *words]
    said = {**os.environ, "AUTOGRADER_LANG": "en", "COLUMNS": "100", "PYTHONPATH": str(ROOT), **environment}
    if PYTHONS[backend] == sys.executable:
        return warm.run(program, cwd=cwd, environment=said, timeout=1200)
    return subprocess.run(
        [PYTHONS[backend], *program],
        cwd=cwd, env=said, capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip


@pytest.fixture(scope="session")
def verified() -> Callable[[str], Document]:
    """The document of all ten solutions on a backend, on the CPU."""

    @cache
    def once(backend: str) -> Document:
        done = verify(backend, "--device", "cpu", "--json")
        assert done.stdout, done.stderr
        document: Document = json.loads(done.stdout)
        document["exit_code"] = done.returncode
        return document

    return once


def of(document: Document, assignment: str) -> dict[str, Any]:
    (found,) = [entry for entry in document["assignments"] if entry["assignment"] == assignment]
    return found
