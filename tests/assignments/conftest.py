"""The pinned submissions, graded once for every test that looks at one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.feedback import Report, read_report, report_path
from tests.assignments.pinned import Case, hand_in


@pytest.fixture(scope="session")
def report_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Case], Report]:
    """The report of a pinned submission, as `autograder grade` writes it.

    Graded are the cases of the tests that were selected, all at once.
    """
    folder, output = tmp_path_factory.mktemp("pinned"), tmp_path_factory.mktemp("reports")
    selected = [
        item.callspec.params["case"]
        for item in request.session.items
        if "report_of" in getattr(item, "fixturenames", ()) and hasattr(item, "callspec")
    ]
    hand_in({str(case): case for case in selected}.values(), folder)
    command = ["grade", str(folder), "--output", str(output), "--jobs", "2", "--lang", "en"]
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *command],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    def report(case: Case) -> Report:
        return read_report(report_path(output, case.student, case.assignment))

    return report
