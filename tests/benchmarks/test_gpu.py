"""What is measured on a GPU machine is measured by one script, and nothing claims what was not measured."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from tests.warm import SEARCH_PATH

ROOT = Path(__file__).parents[2]
FOUND: dict[str, Any] = json.loads((ROOT / "benchmarks" / "gpu.json").read_text())
NOT_YET = "not yet measured"
ASSIGNMENTS = [assignment.id for assignment in load_course(ROOT / "course.yml").assignments]
MULTI_OUTPUT = "multi-output"
# `python3` is then this interpreter.
INTERPRETER_FIRST = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def gpu(output: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script, as it is called on a GPU machine, in a rehearsal."""
    return subprocess.run(
        ["benchmarks/gpu.sh", "--device", "cpu", "--scale", "small", "--output", str(output), *words],
        cwd=ROOT,
        env={**os.environ, "PATH": INTERPRETER_FIRST, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.slow
def test_a_rehearsal_keeps_what_it_measures_beside_what_is_there(tmp_path: Path) -> None:
    output = tmp_path / "gpu.json"
    output.write_text(
        json.dumps({"gpu, chapter": NOT_YET, "cpu, small": {"jax": {"verify": {"capstone": {}}}}})
    )
    asked = ("--backends", "tensorflow", "--assignments", "loss-weights", "--loops")
    done = gpu(output, *asked, PYTHONPATH=SEARCH_PATH)
    found = json.loads(output.read_text())

    assert done.returncode == 0, done.stderr
    assert "holds on CPU:0, by name" in done.stdout
    assert found["gpu, chapter"] == NOT_YET
    assert found["cpu, small"]["jax"] == {"verify": {"capstone": {}}}
    entry = found["cpu, small"]["tensorflow"]["verify"]["loss-weights"]
    assert entry["passed"] is True
    assert {"date", "machine", "keras_version", "backend_version", "device"} <= set(entry)


@pytest.mark.slow
def test_a_missing_accelerator_or_backend_is_said_and_nothing_kept(tmp_path: Path) -> None:
    output = tmp_path / "gpu.json"
    asked = ("--device", "gpu", "--backends", "tensorflow", "torch", "--assignments", "inception", "--loops")
    done = gpu(output, *asked, PYTHONPATH=SEARCH_PATH)

    assert done.returncode == 1
    assert "finds no GPU here" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()


@pytest.mark.slow
def test_what_takes_too_long_is_ended_and_the_rest_goes_on(tmp_path: Path) -> None:
    output = tmp_path / "gpu.json"
    asked = ("--backends", "tensorflow", "--assignments", "inception", "capstone", "--loops")
    done = gpu(output, *asked, "--seconds", "0.5")

    assert done.returncode == 1
    for assignment in ("inception", "capstone"):
        assert f"tensorflow {assignment}: it has taken more than 0.5 s, and was ended." in done.stderr
    assert not output.exists()


@pytest.mark.slow
def test_an_unknown_assignment_is_named(tmp_path: Path) -> None:
    done = gpu(tmp_path / "gpu.json", "--assignments", "incption")

    assert done.returncode == 2
    assert "No such assignment: incption. There are: functional-api, " in done.stderr


@pytest.mark.slow
def test_wheels_serve_what_the_machine_lacks_and_leave_what_it_has(tmp_path: Path) -> None:
    """A package from a wheel is found, a module that the machine has is still the machine's."""
    import zipfile

    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / "wheels" / "carried-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carried.py", "")
        wheel.writestr("numpy.py", "raise SystemExit('the wheel has taken the place of what was there')")
    python = tmp_path / "python"
    script = 'import carried, numpy; print("numpy of the machine:", hasattr(numpy, "array"))'
    lines = ["#!/bin/sh", f'[ "$2" = benchmarks.gpu ] || exec {sys.executable} "$@"']
    python.write_text("\n".join([*lines, f"exec {sys.executable} -c '{script}'", ""]))
    python.chmod(0o755)
    done = gpu(tmp_path / "gpu.json", PYTHON=str(python), WHEELS=str(tmp_path / "wheels"))

    assert done.stdout == "numpy of the machine: True\n", done.stderr


@pytest.mark.slow
def test_a_machine_that_lacks_packages_is_told_which(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    done = gpu(tmp_path / "gpu.json", PYTHON=str(python))

    assert done.returncode == 2
    assert "lacks: babel jinja2 keras numpy " in done.stderr
    assert "Set WHEELS to a folder of wheels" in done.stderr


def test_the_page_on_benchmarks_says_of_the_gpu_what_the_file_says() -> None:
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    measured = FOUND["gpu, chapter"]
    if measured == NOT_YET:
        assert "On a GPU: not yet measured." in text
    else:
        for backend, found in measured.items():
            share = found["loops"][MULTI_OUTPUT]["sides"]["fit"]["of_loop"]
            assert f"{share:.2f}" in text, backend


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_small_rehearsals_hold_on_each_backend(backend: str) -> None:
    found = FOUND["cpu, small"][backend]["verify"]

    assert set(found) == set(ASSIGNMENTS)
    assert all(entry["passed"] for entry in found.values())


def test_every_figure_has_its_date_machine_and_versions() -> None:
    for measured in FOUND.values():
        for found in () if measured == NOT_YET else measured.values():
            for entry in [*found["verify"].values(), *found.get("loops", {}).values()]:
                assert entry["date"]
                assert entry["machine"]["processor"]
                assert entry.get("keras_version") or entry["versions"]["keras"]
                assert entry["device"]


def test_the_page_on_benchmarks_has_every_training_in_the_chapters_sizes() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    rows = [
        line for line in page.splitlines() if re.match(r"\| `[a-z-]+` \| (fit|by name|by position) \|", line)
    ]
    wanted = [
        f"| `{assignment}` | {training['lesson']} | {backend} | "
        f"{training['first_loss']['loss']:.4g} to {training['last_loss']['loss']:.4g} | "
        f"{training['steps_per_second']:.3g} | {training['peak_bytes'] / 2**20:,.0f} MiB | "
        f"{training['seconds']:,.0f} s |"
        for backend, found in FOUND["cpu, chapter"].items()
        for assignment, entry in found["verify"].items()
        for training in entry["trainings"]
    ]

    assert sorted(rows) == sorted(wanted)


def test_every_solution_holds_in_the_chapters_sizes() -> None:
    (found,) = FOUND["cpu, chapter"].values()

    assert set(found["verify"]) == set(ASSIGNMENTS)
    assert all(entry["passed"] for entry in found["verify"].values())
