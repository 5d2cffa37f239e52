"""`autograder grade --scheduler`: the same command, on a cluster; what does not go says so in a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm

from .clusters import ROOT

pytestmark = pytest.mark.slow


def grade(folder: Path, *words: str, inside=(), **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["-m", "autograder", "grade", str(folder), "--output", f"{folder}-out", *words]
    settings = {**os.environ, "AUTOGRADER_LANG": "en", "PYTHONPATH": str(ROOT), **environment}
    if not inside:
        return warm.run(command, environment=settings, timeout=120)
    return subprocess.run(
        [*inside, sys.executable, *command],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_class_is_graded_on_a_cluster(made_up_class, two_workers) -> None:
    some = made_up_class({"a": "", "b": ""})

    done = grade(some.folder, "--scheduler", two_workers.address, "--json")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [line["student"] for line in document["submissions"]] == ["a", "b"]
    assert document["isolation"]["level"] == "full"
    assert (some.folder.parent / "class-out" / "grades.csv").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scheduler", "somewhere"], "`somewhere` is not the address of a scheduler"),
        (["--scheduler", "tcp://host:port"], "`tcp://host:port` is not the address of a scheduler"),
        (["--scheduler", "tcp://127.0.0.1:8786", "--jobs", "2"], "`--jobs` is for grading on this machine"),
    ],
)
def test_what_does_not_go_says_so(made_up_class, words: list[str], said: str) -> None:
    done = grade(made_up_class({"a": ""}).folder, *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_dask_it_says_what_to_install(made_up_class, tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "distributed.py").write_text(
        "raise ModuleNotFoundError('no', name='distributed')"
    )

    done = grade(
        made_up_class({"a": ""}).folder, "--scheduler", "tcp://127.0.0.1:1",
        PYTHONPATH=f"{tmp_path / 'without'}{os.pathsep}{ROOT}",
    )  # fmt: skip

    assert done.returncode == 2
    assert "`--scheduler` needs the package `distributed`: install the extra `cluster`." in done.stderr
