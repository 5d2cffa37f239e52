"""Where the tests' time goes is read from what the plug-in writes down."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from benchmarks.suite import lines_in, print_tables
from tests import warm

SLEEPS = """
import subprocess, sys, time
import pytest

@pytest.fixture(scope="module")
def slow():
    time.sleep(0.2)

def test_one(slow):
    time.sleep(0.1)

def test_two(slow):
    subprocess.run([sys.executable, "-S", "-c", "sum(range(10**7))"])
"""


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """Where a small run was written down to."""
    (tmp_path / "test_sleeps.py").write_text(textwrap.dedent(SLEEPS), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = warm.run(
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "benchmarks.durations", "test_sleeps.py"],
        cwd=tmp_path,
        environment={**kept, "DURATIONS": str(tmp_path / "written"), "PYTHONPATH": str(warm.ROOT)},
    )
    assert done.returncode == 0, done.stdout
    return tmp_path / "written"


def test_each_phase_and_each_fixture_has_its_time(measured: Path) -> None:
    """A child's processor time is its test's; a fixture's is its own."""
    lines = lines_in(measured)
    calls = {line["name"].split("::")[1]: line for line in lines if line["kind"] == "call"}
    (fixture,) = (line for line in lines if line["kind"] == "fixture")

    assert [line["kind"] for line in lines] == [
        "fixture", "setup", "call", "teardown", "setup", "call", "teardown",
    ]  # fmt: skip
    assert (fixture["name"], fixture["scope"]) == ("slow", "module")
    assert fixture["wall"] >= 0.2
    assert calls["test_one"]["wall"] >= 0.1
    assert calls["test_one"]["processor"] < calls["test_two"]["processor"]
    assert {line["worker"] for line in lines} == {"main"}


def test_the_tables_name_what_took_longest(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has as many rows as are asked for; a process that ended early is told by how much."""
    lines = [
        {"kind": "fixture", "name": "slow", "scope": "module", "test": "a.py::one", "begin": 0, "wall": 5},
        {"kind": "setup", "name": "a.py::one", "begin": 0, "wall": 5},
        {"kind": "call", "name": "a.py::one", "begin": 5, "wall": 1},
        {"kind": "call", "name": "b.py::two", "begin": 0, "wall": 10},
        {"kind": "call", "name": "b.py::three", "begin": 0, "wall": 1},
    ]
    print_tables([{"processor": 0.5, "worker": line["name"][0], **line} for line in lines], rows=2)

    modules, fixtures, tests, workers = capsys.readouterr().out.strip("\n").split("\n\n")
    assert [line.split()[0:1] + line.split()[-1:] for line in modules.splitlines()[1:]] == [
        ["11.0s", "b.py"], ["6.0s", "a.py"],
    ]  # fmt: skip
    assert fixtures.splitlines()[1:] == ["    5.0s       0.5s      1  slow (a.py)"]
    assert [line.split()[-1] for line in tests.splitlines()[1:]] == ["b.py::two", "a.py::one"]
    assert [line.split() for line in workers.splitlines()[1:]] == [
        ["6.0s", "4.0s", "a"], ["11.0s", "0.0s", "b"],
    ]  # fmt: skip
