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
from ruamel.yaml import YAML

from autograder.course import load_course
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
# One training; two ways to feed a model whose heads have losses of their own; a layer that is called twice.
# Of a model that is, `test_sharing.py` has a small one. The other seven take four fifths of the time, and are
# left to `make test-backends`.
FEW = ("functional-api", "loss-weights", "shared-lstm")
EVERY = tuple(assignment.id for assignment in load_course(ROOT / "course.yml").assignments)
ASSIGNMENTS = EVERY if OTHERS else FEW


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
def verified(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Document]:
    """The document of all solutions of a course of `ASSIGNMENTS` on a backend, on the CPU."""
    place = tmp_path_factory.mktemp("course")
    course = YAML(typ="safe").load(ROOT / "course.yml")
    # What an assignment presupposes may be among the others.
    course["assignments"] = [
        {**entry, "presupposes": []} for entry in course["assignments"] if entry["id"] in ASSIGNMENTS
    ]
    (place / "course.yml").write_text(json.dumps(course), encoding="utf-8")
    for name in ("solutions", "graders"):
        (place / name).symlink_to(ROOT / name)

    @cache
    def once(backend: str) -> Document:
        done = verify(backend, "--device", "cpu", "--json", cwd=place)
        assert done.stdout, done.stderr
        document: Document = json.loads(done.stdout)
        document["exit_code"] = done.returncode
        return document

    return once


def of(document: Document, assignment: str) -> dict[str, Any]:
    (found,) = [entry for entry in document["assignments"] if entry["assignment"] == assignment]
    return found
