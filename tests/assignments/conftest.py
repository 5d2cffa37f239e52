"""The pinned submissions, graded once for every test that looks at one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.feedback import Report, read_report, report_path
from tests import warm
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
    done = warm.run(["-m", "autograder", *command], timeout=900)
    assert done.returncode == 0, done.stderr

    def report(case: Case) -> Report:
        return read_report(report_path(output, case.student, case.assignment))

    return report
