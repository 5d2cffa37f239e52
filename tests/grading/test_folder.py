"""A class is graded to the end, whatever is killed on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests import warm

ROOT = Path(__file__).parents[2]
CLASS = ROOT / "examples" / "class" / "submitted"
STUDENTS = ("kim-seoyeon", "park-jihoon", "silva-beatriz", "lee-minjun")

pytestmark = pytest.mark.slow


def scores_after(tmp_path: Path, victim: int) -> dict[str, float]:
    """The scores of a class of which a process of the grader was killed after the first report.

    `victim` is the number of the killed process among the grader's children: the warm interpreter is the
    first that it forks, the worker the last.
    """
    for student in STUDENTS:
        shutil.copytree(
            CLASS / student / "inception", tmp_path / "class" / "submitted" / student / "inception"
        )
    output = tmp_path / "out"
    running = warm.start(["-m", "autograder", "grade", tmp_path / "class", "--output", output, "--jobs", "1"])
    deadline = time.monotonic() + 120
    while not list(output.glob("reports/*/*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    os.kill(int(children[victim]), signal.SIGKILL)
    done = running.end()

    assert done.returncode == 0, done.stderr
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in output.glob("reports/*/*.json")]
    return {report["student"]: report["score"] for report in reports if report["outcome"] == "graded"}


@pytest.mark.parametrize("victim", [0, -1], ids=["warm interpreter", "worker"])
def test_a_killed_process_costs_nobody_a_grade(tmp_path: Path, victim: int) -> None:
    assert scores_after(tmp_path, victim) == {
        "kim-seoyeon": 10,
        "park-jihoon": 10,
        "silva-beatriz": 10,
        "lee-minjun": 0,
    }
