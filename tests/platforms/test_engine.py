"""This package as a wheel, and the requirements of grading: what a container of a platform's installs."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

from autograder.platforms import engine
from tests.gradebook.courses import ROOT


def test_its_requirements_are_the_locks_with_hashes() -> None:
    text = engine.requirements()
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]

    # An extra would bring packages whose hashes are missing, and pip would take nothing at all.
    known = [re.sub(r"\[.*\](?===)", "", line) for line in lock.splitlines()]
    assert all(line in known for line in text.splitlines())
    assert {"keras", "tensorflow", "pyseccomp", "resvg-py"} <= {line.split("==")[0] for line in pinned}
    assert all(name not in text for name in ("nbgrader==", "jupyterlab==", "psycopg==", "pytest=="))
    assert text.count("--hash=") >= len(pinned)


def test_without_a_lock_they_are_what_is_installed(tmp_path: Path) -> None:
    pinned = engine.requirements(tmp_path / "none").splitlines()

    assert f"keras=={importlib.metadata.version('keras')}" in pinned
    assert {canonicalize_name(line.split("==")[0]) for line in pinned} == engine.needed()


def test_the_engine_is_a_wheel_that_pip_takes(tmp_path: Path) -> None:
    (tmp_path / engine.WHEEL).write_bytes(engine.wheel())
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--no-index",
         "--target", tmp_path / "there", tmp_path / engine.WHEEL],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert os.access(tmp_path / "there" / "bin" / "autograder", os.X_OK)
    here = {path.relative_to(engine.PACKAGE) for path in engine.PACKAGE.rglob("*") if path.suffix != ".pyc"}
    there = tmp_path / "there" / "autograder"
    assert {path.relative_to(there) for path in there.rglob("*")} == {
        path for path in here if path.name != "__pycache__"
    }
